// The usage object, which must be exact everywhere it appears.
#pragma once

#include <cstdint>
#include <string>

namespace llmdyno {

struct UsageCounts {
  int64_t prompt_tokens = 0;
  int64_t completion_tokens = 0;
  int64_t reasoning_tokens = 0;
  bool has_extras =
      false;  // details: cached_tokens (a quarter of the prompt, rounded down), reasoning_tokens
};

// Appends {"prompt_tokens":..,"total_tokens":..,"completion_tokens":..[,details]}.
void AppendUsage(const UsageCounts& usage, std::string& out);

}  // namespace llmdyno
