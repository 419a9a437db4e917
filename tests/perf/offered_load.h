// Offers requests at a set rate as the apps do, and says what became of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
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
  std::optional<int64_t> max_in_flight = {};  // unset: a true open loop
  std::string record_log_path;
};

// Plain values: the client is a child process that writes them into a pipe.
struct OfferedResult {
  int64_t requests = 0;
  int64_t successful = 0;
  int64_t peak_in_flight = 0;
  double send_error_p50_us = 0;  // sent minus scheduled
  double send_error_p99_us = 0;
  double send_error_max_us = 0;
  double offered_per_second = 0;  // by the schedule
  double sent_per_second = 0;     // by the instants of sending
  double completed_per_second = 0;
  double e2e_p50_ms = 0;  // from the send
  double e2e_p99_ms = 0;
  double e2e_from_schedule_p99_ms = 0;
  double busy = 0;  // work of the loop's thread by elapsed time; staying awake for a send is none
};

// One level: the run loop, the libcurl transport, the metrics and the record log as an app wires them, in a
// child process. Calls `meanwhile`, if there is one, while the child runs. Exits with a message when the run
// cannot be made or no request succeeds.
OfferedResult OfferLoad(const OfferedLoad& load, const std::function<void()>& meanwhile = {});

}  // namespace llmdyno
