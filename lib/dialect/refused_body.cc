#include "dialect/refused_body.h"

#include <string>

namespace llmdyno {
namespace {

struct KindOf {
  std::string_view operator()(const ChatBody& /*body*/) const { return "a conversation"; }
  std::string_view operator()(const CompletionBody& /*body*/) const { return "a bare prompt"; }
  std::string_view operator()(const TokenIdsBody& /*body*/) const { return "token ids"; }
  std::string_view operator()(const EmbeddingBody& /*body*/) const { return "texts to embed"; }
  std::string_view operator()(const RerankBody& /*body*/) const { return "documents to rank"; }
};

}  // namespace

absl::Status RefusedBody(std::string_view route, std::string_view carried, const RequestBody& given) {
  std::string sentence = "the ";
  sentence.append(route).append(" route carries ").append(carried);
  sentence.append(", not ").append(std::visit(KindOf(), given));
  return absl::InvalidArgumentError(sentence);
}

}  // namespace llmdyno
