// Documents ranked by a query: the rerank routes of Jina, Cohere, vLLM, SGLang and text-embeddings-inference,
// and vLLM's score route. Carries a RerankBody. Embedding benchmarks use it. The dialect is stateless and
// thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/dialect/dialect.h"

namespace llmdyno {

// Which of the spellings an endpoint has.
enum class RerankApi {
  kJina,      // /v1/rerank of Jina, vLLM and SGLang, and Cohere's first version: "query", "documents"
  kCohereV2,  // /v2/rerank
  kScore,     // vLLM's /score: "text_1" against each of "text_2"
  kTei,       // /rerank of text-embeddings-inference: "query", "texts"
};
// "jina", "cohere-v2", "score", "tei".
std::string_view ToString(RerankApi api);
// "cohere" is Cohere's first version, which is spelled like Jina's.
std::optional<RerankApi> ParseRerankApi(std::string_view text);

// How requests are spelled; the model comes from the Endpoint or the Request.
struct RerankDialectConfig {
  RerankApi api = RerankApi::kJina;
  // Says "top_n": as many as there are documents, for endpoints that otherwise return the best few only. An
  // answer must score every document in any case. Not with kScore and kTei, which do not know it.
  bool send_top_n = false;
  std::string extra_body_json = {};  // an object whose members are merged over the body; may be empty
  // InvalidArgument with the first problem: send_top_n with an API that does not know it, extra_body_json
  // that is no object.
  absl::Status Validate() const;
};

// The decoder reports the scores as StreamEvent::items and each answer as done, and tells as malformed what a
// client could not use: a score that is missing or not finite, a document that is ranked twice or was never
// sent. InvalidArgument for a config that Validate() refuses.
absl::StatusOr<std::unique_ptr<Dialect>> MakeRerankDialect(const RerankDialectConfig& config);

}  // namespace llmdyno
