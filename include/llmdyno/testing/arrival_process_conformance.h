// What every ArrivalProcess must keep to, as a check that needs no test framework. Authors of arrival
// processes call it in a test of their own. Everything is called on the caller's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llmdyno/load/arrival_process.h"

namespace llmdyno {

// Makes the same process anew: same settings, same seed.
using MakeArrivalProcess = std::function<std::unique_ptr<ArrivalProcess>()>;

// What the process was asked for; what is absent is not checked.
struct ExpectedArrivals {
  std::optional<int64_t> requests = {};  // the exact number of offsets
  std::optional<Duration> window =
      {};  // the offsets lie in [0, window): their mean rate is requests / window
};

// Draws a schedule to its end. Returns one sentence for each rule that is violated; empty when the process
// keeps to all of them. A process that does not end is stopped after ten million offsets.
std::vector<std::string> CheckArrivalProcess(const MakeArrivalProcess& make,
                                             const ExpectedArrivals& expected = {});

}  // namespace llmdyno
