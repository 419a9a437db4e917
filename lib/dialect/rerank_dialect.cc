#include "llmdyno/dialect/rerank_dialect.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_writer.h"
#include "dialect/answer_decoder.h"
#include "dialect/extra_body.h"
#include "dialect/refused_body.h"
#include "dialect/request_headers.h"
#include "dialect/score_list.h"
#include "dialect/versioned_route.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

// How one API spells a request and its answer.
struct Spelling {
  RerankApi api;
  std::string_view name;
  std::string_view dialect;
  std::string_view route;  // empty: "rerank" below the base URL's own prefix
  std::string_view query;
  std::string_view documents;
  std::string_view list;              // of the scores in the answer; empty: the answer is the list
  std::string_view return_documents;  // says that the documents need not come back; empty: has no such member
  bool has_model;
  bool has_top_n;
};
constexpr std::array<Spelling, 4> kSpellings = {{
    {RerankApi::kJina, "jina", "jina-rerank", "", "query", "documents", "results", "return_documents", true,
     true},
    // The second version never returns documents.
    {RerankApi::kCohereV2, "cohere-v2", "cohere-v2-rerank", "v2/rerank", "query", "documents", "results", "",
     true, true},
    {RerankApi::kScore, "score", "score", "score", "text_1", "text_2", "data", "", true, false},
    {RerankApi::kTei, "tei", "tei-rerank", "rerank", "query", "texts", "", "return_text", false, false},
}};

const Spelling& SpellingOf(RerankApi api) { return kSpellings[static_cast<size_t>(api)]; }

class RerankDialect final : public Dialect {
 public:
  RerankDialect(const RerankDialectConfig& config, const ExtraBody& extra_body)
      : spelling_(SpellingOf(config.api)),
        own_model_(spelling_.has_model && extra_body.leaves("model")),
        own_query_(extra_body.leaves(spelling_.query)),
        own_documents_(extra_body.leaves(spelling_.documents)),
        own_top_n_(config.send_top_n && extra_body.leaves("top_n")),
        constant_members_(extra_body.MergedOver(ConstantMembers(spelling_))) {}

  std::string_view name() const override { return spelling_.dialect; }
  bool streams() const override { return false; }
  std::unique_ptr<ResponseDecoder> NewDecoder() const override {
    return std::make_unique<AnswerDecoder>(std::make_shared<AnswerReader>(spelling_.list, MakeScoreReader()));
  }

  absl::Status Encode(const Request& request, const Endpoint& endpoint, HttpRequest& http) const override {
    const auto* rerank = std::get_if<RerankBody>(&request.body);
    if (rerank == nullptr) {
      return RefusedBody("rerank", "documents to rank", request.body);
    }
    if (rerank->documents.empty())
      return absl::InvalidArgumentError("a request for a ranking needs at least one document");
    http.body.clear();
    JsonObjectWriter body(http.body);
    if (own_model_) body.Add("model", ModelOf(request, endpoint));
    if (own_query_) body.Add(spelling_.query, rerank->query);
    if (own_documents_) AddDocuments(*rerank, body.Key(spelling_.documents));
    if (own_top_n_) body.Add("top_n", static_cast<int64_t>(rerank->documents.size()));
    body.AddMembers(constant_members_);
    body.Close();
    http.method = "POST";
    http.url = spelling_.route.empty() ? endpoint.url.Route("rerank")
                                       : UnversionedRoute(endpoint.url, spelling_.route);
    WriteHeaders(request, endpoint, "application/json", http);
    return absl::OkStatus();
  }

 private:
  static Json ConstantMembers(const Spelling& spelling) {
    Json members = Json::object();
    if (!spelling.return_documents.empty()) members[std::string(spelling.return_documents)] = false;
    return members;
  }

  static void AddDocuments(const RerankBody& rerank, std::string& json) {
    json += '[';
    for (const std::string& document : rerank.documents) {
      if (json.back() != '[') json += ',';
      AppendJsonString(document, json);
    }
    json += ']';
  }

  const Spelling& spelling_;
  // Whether these members are a request's own, or the extra body's to set or to leave out.
  const bool own_model_;
  const bool own_query_;
  const bool own_documents_;
  const bool own_top_n_;
  const std::string constant_members_;
};

}  // namespace

std::string_view ToString(RerankApi api) { return SpellingOf(api).name; }

std::optional<RerankApi> ParseRerankApi(std::string_view text) {
  if (text == "cohere") return RerankApi::kJina;
  for (const Spelling& spelling : kSpellings) {
    if (spelling.name == text) return spelling.api;
  }
  return std::nullopt;
}

absl::Status RerankDialectConfig::Validate() const {
  if (send_top_n && !SpellingOf(api).has_top_n) {
    return absl::InvalidArgumentError("the API '" + std::string(ToString(api)) +
                                      "' has no top_n: expected send_top_n false");
  }
  return ExtraBody::Check(extra_body_json);
}

absl::StatusOr<std::unique_ptr<Dialect>> MakeRerankDialect(const RerankDialectConfig& config) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  return std::make_unique<RerankDialect>(config, ExtraBody(config.extra_body_json));
}

}  // namespace llmdyno
