// How far the instants of sending lie from the schedule, at a rate that keeps a core busy.
#pragma once

#include <cstdint>
#include <string>

namespace llmdyno {

struct OfferedLoad {
  int port = 0;  // of the endpoint, on loopback
  int cpu = 0;   // which the client is kept on, all of its threads
  std::string arrivals = "constant";
  double per_second = 2000;
  int64_t requests = 20'000;
  int64_t output_tokens = 8;
  bool stream = true;
  std::string record_log_path;
};

// Plain values: the client is a child process that writes them into a pipe.
struct SendError {
  int64_t requests = 0;
  int64_t successful = 0;
  double p50_us = 0;  // sent minus scheduled
  double p99_us = 0;
  double max_us = 0;
  double sent_per_second = 0;  // over the time from the first send to the last
  double cpu_seconds = 0;      // of the loop's thread
  double elapsed_seconds = 0;
};

// The run loop, the libcurl transport and the record log as an app wires them, in a child process. Exits with
// a message when the run cannot be made.
SendError MeasureSendError(const OfferedLoad& load);

}  // namespace llmdyno
