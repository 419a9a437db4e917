// The usage object, which must be exact everywhere it appears.
#pragma once

#include <cstdint>
#include <string>

namespace llmdyno {

struct UsageCounts {
  int64_t prompt_tokens = 0;
  int64_t completion_tokens = 0;
  int64_t reasoning_tokens = 0;
  // Details: cached_tokens (a quarter of the prompt, rounded down), reasoning_tokens, and a cost of one
  // dollar per million tokens of the prompt and two per million of the output.
  bool has_extras = false;
};

// The service that --extras names, as a router of several does.
inline constexpr const char* kExtrasProvider = "simulated";

// Appends {"prompt_tokens":..,"total_tokens":..,"completion_tokens":..[,extras]}.
void AppendUsage(const UsageCounts& usage, std::string& out);
// Puts it behind the last member of an object, which must have one.
void AddUsage(const UsageCounts& usage, std::string& object);

}  // namespace llmdyno
