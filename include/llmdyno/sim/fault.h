// What the simulated endpoint can do wrong on purpose, so that a client's handling of it can be tested. Plain
// values and pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/status.h"

namespace llmdyno {

// The order is that of kFaultInfo in fault.cc.
enum class Fault {
  kHttp429,         // refused with 429 and Retry-After
  kHttp500,         // refused with 500
  kHttp503,         // refused with 503 and Retry-After
  kDrop,            // connection closed without a response
  kStall,           // never answered, connection left open
  kCut,             // connection closed half-way through the tokens, without the terminating chunk
  kStallMid,        // silent from half-way through the tokens, connection left open
  kSseError,        // an error object instead of the second half of the tokens, status 200
  kBadJson,         // the JSON of one event (or of the whole body) breaks off
  kEmpty,           // status 200 and no token at all
  kShortItems,      // one vector or score too few
  kNanItem,         // a number in a vector, or a score, that is none
  kOtherDimension,  // one vector shorter than the others
  kDrip,            // the response is written one byte at a time
  kNoUsage,         // usage left out even when asked for
  kNoDone,          // no [DONE] at the end of a stream
};
inline constexpr size_t kFaultCount = 16;

// "http_503" and the like, as written in settings, logs and /stats.
std::string_view ToString(Fault fault);
// Undoes ToString; nothing for an unknown word.
std::optional<Fault> FindFault(std::string_view name);
// One line for --help.
std::string_view Describe(Fault fault);
// These decide the fate of a request, so one request has at most one of them; the others alter its form and
// combine with anything.
constexpr bool IsExclusive(Fault fault) { return fault < Fault::kDrip; }

// The probability of each fault, 0 unless set.
class FaultRates {
 public:
  double& operator[](Fault fault) { return rates_[static_cast<size_t>(fault)]; }
  double operator[](Fault fault) const { return rates_[static_cast<size_t>(fault)]; }

  // Each rate must be in [0, 1] and the exclusive ones must not add up to more than 1. InvalidArgument names
  // the fault.
  absl::Status Validate() const;

 private:
  std::array<double, kFaultCount> rates_{};
};

}  // namespace llmdyno
