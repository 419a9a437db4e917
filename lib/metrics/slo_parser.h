// The grammar of --slo (docs/metrics.md, "SLOs"), as a function from text to terms.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/metrics/slo.h"

namespace llmdyno {

// Metrics that take a statistic behind an underscore, and metrics that are one number.
inline constexpr std::array<std::string_view, 7> kSloLatencies = {
    "ttft", "ttft_from_schedule", "tpot", "itl", "e2e", "e2e_from_schedule", "send_lag"};
inline constexpr std::array<std::string_view, 3> kSloNumbers = {"success", "goodput", "throughput"};

// The error says what was expected, at which character, counted from 1, and repeats the text.
absl::StatusOr<std::vector<SloTerm>> ParseSloTerms(std::string_view text);

}  // namespace llmdyno
