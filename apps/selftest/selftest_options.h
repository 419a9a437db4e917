// What a user says to a self-test, and what it amounts to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/flag_table.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

struct SelftestOptions {
  bool quick = false;
  std::string concurrency;  // empty: the levels of the mode
  std::optional<Duration> duration;
  double tokens_per_second = 50;
  std::string rates;  // empty: those of the mode
  std::string output = "selftest.json";
  std::optional<double> max_p99_us;
};

FlagTable MakeSelftestFlags(SelftestOptions& options);

struct SelftestSpec {
  std::vector<int64_t> levels;  // ascending
  Duration window{};            // of each level, behind its ramp
  Duration itl{};
  std::vector<double> rates;  // empty: no open loop
  Duration rate_window{};     // of each rate
};

// InvalidArgument names the flag.
absl::StatusOr<SelftestSpec> MakeSelftestSpec(const SelftestOptions& options);

}  // namespace llmdyno
