// Compares a client's arrival instants with the simulated endpoint's own log of when it sent each token.
#pragma once

#include <cstdint>
#include <string>

namespace llmdyno {

struct ArrivalError {
  int64_t tokens = 0;        // compared
  int64_t upper_bounds = 0;  // of these: only an upper bound was known
  double p50_us = 0;         // arrival stamp minus the instant right before the send
  double p99_us = 0;
  double max_us = 0;
};

// Joins records.jsonl and the simulator's log by request id. Both clocks are CLOCK_MONOTONIC of one machine.
// Tokens that arrived after the client had stopped are left out. Exits with a message when the files do not
// fit together.
ArrivalError MeasureArrivalError(const std::string& records_path, const std::string& simulator_log_path);

}  // namespace llmdyno
