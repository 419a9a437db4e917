#include "llmdyno/sim/sim_config.h"

#include <string>

#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

absl::Status NotInRange(const char* field, const std::string& value, const char* expected) {
  return absl::InvalidArgumentError(std::string(field) + "=" + value + ": expected " + expected);
}

absl::Status ValidateTokens(const SimConfig& config) {
  const TokenRange& range = config.output_tokens;
  if (range.min < 1 || range.max < range.min) {
    return NotInRange("output_tokens", std::to_string(range.min) + "-" + std::to_string(range.max),
                      "N or MIN-MAX with 1 <= MIN <= MAX");
  }
  if (config.tokens_per_chunk < 1) {
    return NotInRange("tokens_per_chunk", std::to_string(config.tokens_per_chunk), "at least 1");
  }
  if (config.reasoning_tokens < 0) {
    return NotInRange("reasoning", std::to_string(config.reasoning_tokens), "0 or more");
  }
  if (config.reasoning_field != "reasoning_content" && config.reasoning_field != "reasoning") {
    return NotInRange("reasoning_field", config.reasoning_field, "reasoning_content or reasoning");
  }
  if (config.max_model_len < 2)
    return NotInRange("max_model_len", std::to_string(config.max_model_len), "at least 2");
  if (config.embedding_dimensions < 1 || config.embedding_dimensions > kMaxEmbeddingDimensions) {
    return NotInRange("embedding_dimensions", std::to_string(config.embedding_dimensions), "1 to 65536");
  }
  return absl::OkStatus();
}

absl::Status ValidateServer(const SimConfig& config) {
  if (config.split_bytes < 0)
    return NotInRange("split", std::to_string(config.split_bytes), "0 or more bytes");
  if (config.overload_status != 503 && config.overload_status != 429) {
    return NotInRange("overload_status", std::to_string(config.overload_status), "503 or 429");
  }
  if (config.model.empty()) return NotInRange("model", "", "a name");
  if (config.host.empty()) return NotInRange("host", "", "an address");
  if (config.port < 0 || config.port > 65'535) {
    return NotInRange("port", std::to_string(config.port), "0 to 65535 (0: any free one)");
  }
  if (config.threads < 1 || config.threads > 256) {
    return NotInRange("threads", std::to_string(config.threads), "1 to 256");
  }
  if (config.keepalive > Duration(0) && config.keepalive < std::chrono::milliseconds(1)) {
    return NotInRange("keepalive", ToString(config.keepalive), "at least 1ms");
  }
  if (config.lockstep && (config.pace != SimPace::kScripted || config.itl <= Duration(0))) {
    return NotInRange("lockstep", "true",
                      "an itl above 0 beside it, as it aligns tokens to multiples of that");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SimConfig::Validate() const {
  if (pace == SimPace::kEngine) LLMDYNO_RETURN_IF_ERROR(engine.Validate());
  LLMDYNO_RETURN_IF_ERROR(ValidateTokens(*this));
  LLMDYNO_RETURN_IF_ERROR(faults.Validate());
  return ValidateServer(*this);
}

}  // namespace llmdyno
