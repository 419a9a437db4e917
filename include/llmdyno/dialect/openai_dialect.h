// The OpenAI API as vLLM, SGLang, TGI, llama.cpp and the hosted services serve it. Every generating app uses
// it. The dialect is stateless and thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/dialect/dialect.h"

namespace llmdyno {

// Which route requests go to: chat completions carry a ChatBody, completions a CompletionBody or a
// TokenIdsBody.
enum class OpenAiRoute { kChatCompletions, kCompletions };

// Members of the body that all requests share.
struct OpenAiDialectConfig {
  OpenAiRoute route = OpenAiRoute::kChatCompletions;
  bool stream = true;
  bool include_usage = true;      // stream_options.include_usage; off for endpoints that refuse it
  bool continuous_usage = false;  // vLLM's stream_options.continuous_usage_stats: a count in every chunk
  bool ignore_eos = false;        // vLLM, SGLang, TGI: generate up to max_tokens whatever the model says
  int64_t n = 1;                  // choices per request, 1 to 128
  std::optional<int64_t> min_tokens = {};       // vLLM, SGLang; a request's own lower limit goes before it
  std::optional<double> temperature = {};       // unset: the endpoint's default
  std::optional<int64_t> seed = {};             // sampling seed in the body
  std::string max_tokens_field = "max_tokens";  // "max_completion_tokens" for OpenAI's newer models
  std::string extra_body_json = {};  // an object whose members are merged over the body; may be empty
  // InvalidArgument with the first problem, naming the field: continuous usage without stream and usage,
  // min_tokens below 0, a temperature outside 0 to 10, n outside 1 to 128, extra_body_json that is no object.
  absl::Status Validate() const;
};

// InvalidArgument when extra_body_json is not an object, or another field is out of range.
absl::StatusOr<std::unique_ptr<Dialect>> MakeOpenAiDialect(const OpenAiDialectConfig& config);

}  // namespace llmdyno
