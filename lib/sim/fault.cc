#include "llmdyno/sim/fault.h"

#include <string>

namespace llmdyno {
namespace {

struct FaultInfo {
  std::string_view name;
  std::string_view summary;
};

constexpr std::array<FaultInfo, kFaultCount> kFaultInfo = {{
    {"http_429", "refused with status 429 and Retry-After"},
    {"http_500", "refused with status 500"},
    {"http_503", "refused with status 503 and Retry-After"},
    {"drop", "connection closed without a response"},
    {"stall", "never answered, connection left open"},
    {"cut", "connection closed half-way through the tokens"},
    {"stall_mid", "silent from half-way through the tokens, connection left open"},
    {"sse_error", "an error object after half of the tokens, inside a 200 response"},
    {"bad_json", "JSON that breaks off, in one event or in the whole body"},
    {"empty", "status 200 and no token at all"},
    {"short_items", "one vector or score too few"},
    {"nan_item", "a number of a vector, or a score, that is NaN or null"},
    {"other_dimension", "one vector shorter than the others"},
    {"drip", "the response written one byte at a time"},
    {"no_usage", "usage left out even when asked for"},
    {"no_done", "no [DONE] at the end of a stream"},
}};

}  // namespace

std::string_view ToString(Fault fault) { return kFaultInfo[static_cast<size_t>(fault)].name; }

std::string_view Describe(Fault fault) { return kFaultInfo[static_cast<size_t>(fault)].summary; }

std::optional<Fault> FindFault(std::string_view name) {
  for (size_t i = 0; i < kFaultCount; ++i) {
    if (kFaultInfo[i].name == name) return static_cast<Fault>(i);
  }
  return std::nullopt;
}

absl::Status FaultRates::Validate() const {
  double exclusive = 0;
  for (size_t i = 0; i < kFaultCount; ++i) {
    if (!(rates_[i] >= 0 && rates_[i] <= 1)) {
      return absl::InvalidArgumentError(std::string(kFaultInfo[i].name) + "=" + std::to_string(rates_[i]) +
                                        ": expected a probability from 0 to 1");
    }
    if (IsExclusive(static_cast<Fault>(i))) exclusive += rates_[i];
  }
  // A little slack: ten times 0.1 is not exactly 1 in binary.
  if (exclusive > 1 + 1e-9) {
    return absl::InvalidArgumentError("the probabilities of http_429 ... other_dimension add up to " +
                                      std::to_string(exclusive) +
                                      ": expected at most 1, as a request meets one of them at a time");
  }
  return absl::OkStatus();
}

}  // namespace llmdyno
