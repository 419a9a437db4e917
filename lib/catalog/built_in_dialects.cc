#include "catalog/built_in_dialects.h"

#include <string>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/dialect/embeddings_dialect.h"
#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/dialect/rerank_dialect.h"

namespace llmdyno {
namespace {

using Product = absl::StatusOr<std::shared_ptr<const Dialect>>;

absl::Status Expected(const Params& params, const char* key, const char* accepted, const std::string& value) {
  return absl::InvalidArgumentError(params.name + ": " + key + ": expected " + accepted + ", got '" + value +
                                    "'");
}

// --dialect openai
Product MakeOpenAi(const Params& params, const DialectContext& context) {
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Finish());
  return MakeOpenAiDialect(context.spec.dialect);
}

// --dialect embeddings:api=openai,encoding_format=base64,dimensions=256
Product MakeEmbeddings(const Params& params, const DialectContext& context) {
  EmbeddingsDialectConfig config;
  std::string api(ToString(config.api));
  std::string encoding(ToString(config.encoding_format));
  int64_t dimensions = 0;
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params)
                              .Read("api", api)
                              .Read("encoding_format", encoding)
                              .Read("dimensions", dimensions)
                              .Finish());
  const auto known_api = ParseEmbeddingsApi(api);
  if (!known_api) return Expected(params, "api", "openai or tei", api);
  const auto known_encoding = ParseEmbeddingEncoding(encoding);
  if (!known_encoding) return Expected(params, "encoding_format", "float or base64", encoding);
  config.api = *known_api;
  config.encoding_format = *known_encoding;
  for (const auto& [key, unused] : params.settings) {
    if (key == "dimensions") config.dimensions = dimensions;
  }
  config.extra_body_json = context.spec.dialect.extra_body_json;
  return MakeEmbeddingsDialect(config);
}

// --dialect rerank:api=cohere-v2,send_top_n=true
Product MakeRerank(const Params& params, const DialectContext& context) {
  RerankDialectConfig config;
  std::string api(ToString(config.api));
  LLMDYNO_RETURN_IF_ERROR(
      ParamReader(params).Read("api", api).Read("send_top_n", config.send_top_n).Finish());
  const auto known_api = ParseRerankApi(api);
  if (!known_api) return Expected(params, "api", "jina, cohere, cohere-v2, score or tei", api);
  config.api = *known_api;
  config.extra_body_json = context.spec.dialect.extra_body_json;
  return MakeRerankDialect(config);
}

}  // namespace

void AddBuiltInDialects(DialectRegistry& registry) {
  // A name twice would be our own mistake, and the catalog's test would find it.
  (void)registry.Add({"openai", "chat completions and completions, as the request flags say", MakeOpenAi});
  (void)registry.Add({"embeddings",
                      "texts to vectors",
                      MakeEmbeddings,
                      {{"api", "openai", "openai: /v1/embeddings; tei: /embed of text-embeddings-inference"},
                       {"encoding_format", "float", "float, or base64 for a third of the bytes"},
                       {"dimensions", "", "asks for vectors of so many numbers; by itself the model's"}}});
  (void)registry.Add({"rerank",
                      "documents ranked by a query",
                      MakeRerank,
                      {{"api", "jina", "jina, cohere, cohere-v2, score (vLLM's) or tei"},
                       {"send_top_n", "false", "says in the request that all documents are to be ranked"}}});
}

}  // namespace llmdyno
