// Embedding and rerank answers: any bytes, in any pieces, give the same events, and a decoder that has seen
// others gives them too. The first byte chooses the API, the next two where the rest is cut.
#include <cstdint>
#include <memory>

#include "llmdyno/dialect/embeddings_dialect.h"
#include "llmdyno/dialect/rerank_dialect.h"
#include "same_events.h"

using namespace llmdyno;

namespace {

struct Api {
  std::unique_ptr<Dialect> dialect;
  std::unique_ptr<ResponseDecoder> experienced = dialect->NewDecoder();
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  static const Api apis[] = {{*MakeEmbeddingsDialect({})},
                             {*MakeEmbeddingsDialect({.api = EmbeddingsApi::kTei})},
                             {*MakeRerankDialect({})},
                             {*MakeRerankDialect({.api = RerankApi::kScore})},
                             {*MakeRerankDialect({.api = RerankApi::kTei})}};
  const Api& api = apis[data[0] % std::size(apis)];
  const size_t chosen = size_t{data[1]} << 8 | data[2];
  const std::string_view body(reinterpret_cast<const char*>(data) + 3, size - 3);
  MustDecodeAlike(*api.dialect, *api.experienced, "application/json", body, chosen);
  return 0;
}
