// Compares a client's instants with the simulated endpoint's own log of when it sent each token.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmdyno/base/time.h"

namespace llmdyno {

// Of the absolute errors.
struct ErrorQuantiles {
  double p50_us = 0;
  double p99_us = 0;
  double max_us = 0;
};

struct ArrivalError {
  int64_t tokens = 0;        // compared
  int64_t upper_bounds = 0;  // of these: only an upper bound was known
  ErrorQuantiles arrival;    // arrival stamp minus the instant right before the send
};

// Joins records.jsonl and the simulator's log by request id. Both clocks are CLOCK_MONOTONIC of one machine.
// Tokens that arrived after the client had stopped are left out. Exits with a message when the files do not
// fit together.
ArrivalError MeasureArrivalError(const std::string& records_path, const std::string& simulator_log_path);

struct FirstTokenError {
  int64_t requests = 0;      // compared
  int64_t upper_bounds = 0;  // of these: only an upper bound of the first token's arrival was known
  ErrorQuantiles arrival;    // of the first text: as above
  // What the client adds to TTFT: that, and the time from taking the start to being ready to write.
  ErrorQuantiles client;
  // TTFT minus what the simulator took from reading the request to the first token. Contains the time for
  // which the request lay unread, because the simulator was busy.
  ErrorQuantiles ttft;
};

// The same for the first tokens alone, and for TTFT as the metrics compute it. Leaves out the requests that
// were sent in the first `ramp`, before enough others were in flight.
FirstTokenError MeasureFirstTokenError(const std::string& records_path, const std::string& simulator_log_path,
                                       Duration ramp);

}  // namespace llmdyno
