// Texts to vectors: OpenAI's /v1/embeddings as vLLM, SGLang, llama.cpp and the hosted services serve it, and
// the embed route of text-embeddings-inference. Carries an EmbeddingBody. Embedding benchmarks use it. The
// dialect is stateless and thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/dialect/dialect.h"

namespace llmdyno {

// Which of the two spellings an endpoint has.
enum class EmbeddingsApi {
  kOpenAi,  // /v1/embeddings: "input", vectors in data[].embedding
  kTei,     // /embed: "inputs", the answer is a list of vectors
};
// "openai", "tei".
std::string_view ToString(EmbeddingsApi api);
// Undoes ToString; nothing for an unknown word.
std::optional<EmbeddingsApi> ParseEmbeddingsApi(std::string_view text);

// How vectors are asked for.
enum class EmbeddingEncoding {
  kFloat,   // lists of numbers
  kBase64,  // little-endian 32-bit floats, about a third of the bytes
};
// "float", "base64".
std::string_view ToString(EmbeddingEncoding encoding);
// Undoes ToString; nothing for an unknown word.
std::optional<EmbeddingEncoding> ParseEmbeddingEncoding(std::string_view text);

// How requests are spelled; the model comes from the Endpoint or the Request.
struct EmbeddingsDialectConfig {
  EmbeddingsApi api = EmbeddingsApi::kOpenAi;
  EmbeddingEncoding encoding_format = EmbeddingEncoding::kFloat;  // kBase64 with kOpenAi only
  std::optional<int64_t> dimensions =
      {};                            // of the vectors, where the model can cut them; unset: the model's own
  std::string extra_body_json = {};  // an object whose members are merged over the body; may be empty
  // InvalidArgument with the first problem: base64 with kTei, dimensions outside 1 to 65536, extra_body_json
  // that is no object.
  absl::Status Validate() const;
};

// The decoder reports the vectors as StreamEvent::items and each answer as done. It accepts either encoding
// whatever was asked for, and tells as malformed what a client could not use: a vector that is missing,
// empty, of another dimension than the first, or with a number in it that is not finite. InvalidArgument for
// a config that Validate() refuses.
absl::StatusOr<std::unique_ptr<Dialect>> MakeEmbeddingsDialect(const EmbeddingsDialectConfig& config);

}  // namespace llmdyno
