// Everything that a self-test's outputs say, as one value. Writers format it and add no numbers of their own.
// The self-test fills it in. Plain values and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmdyno/base/machine.h"
#include "llmdyno/base/time.h"
#include "llmdyno/metrics/measurement_error.h"
#include "llmdyno/metrics/validity.h"
#include "llmdyno/report/report.h"

namespace llmdyno {

// One number of streams, held for a while. Shares are from 0 to 1.
struct SelftestLevel {
  int64_t concurrency = 0;
  int64_t request_tokens = 0;         // output tokens of each request
  Duration window{};                  // that was compared, behind the ramp
  double scripted_tokens_per_second = 0;  // what the endpoint was told to send
  double tokens_per_second = 0;       // what it sent in the window, by its own log
  std::array<std::optional<ErrorFigures>, kMeasuredQuantities> errors;  // absent: nothing to compare
  int64_t tokens = 0;                                                   // compared arrivals
  std::optional<double> upper_bound_share;                              // of them
  ArrivalSummary stamps;                                                // of the level, by clock
  int64_t requests = 0;                                                 // that started in the window
  int64_t failed_requests = 0;   // of the level; those that its end cut off did not fail
  int64_t without_truth = 0;     // requests of which the endpoint knew nothing
  int64_t token_mismatches = 0;  // complete responses with another number of tokens than were sent
  std::optional<double> tokens_per_cpu_second;  // of the level, ramp included, by the whole client's CPU time
  std::optional<double> late_send_share;        // of the sends, later than kLateSend
  // Of one core each, in the whole level: what they used, and how long they were ready to run and had none.
  std::optional<double> client_cpu_share;
  std::optional<double> client_wait_share;
  std::optional<double> endpoint_cpu_share;
  std::optional<double> endpoint_wait_share;
  ClientHealth health;
  Validity validity;
  bool interrupted = false;

  // Of one quantity; absent: there was nothing to compare.
  const std::optional<ErrorFigures>& error(MeasuredQuantity quantity) const {
    return errors[static_cast<size_t>(quantity)];
  }
};
// What the self-test counts as late, far stricter than a benchmark does (kLateSendAfter in late_send.h).
inline constexpr Duration kLateSend = std::chrono::milliseconds(1);

// One request rate, offered by an open loop.
struct SelftestSends {
  double requests_per_second = 0;          // asked for
  std::optional<ErrorFigures> send_error;  // started minus scheduled
  std::optional<double> sent_per_second;   // by the instants of sending
  Validity validity;
  bool interrupted = false;
};

// A level that this machine did not let run.
struct SelftestSkip {
  int64_t concurrency = 0;
  std::string reason;  // "it needs 10,064 descriptors, and this process may open 1,024"
};

// The whole self-test.
struct SelftestReport {
  Provenance provenance;
  Machine machine;
  std::vector<int> client_cores;  // that each was kept on; empty: not pinned, both run where they may
  std::vector<int> endpoint_cores;
  double stream_tokens_per_second = 0;  // that the script gives to each stream
  std::vector<SelftestLevel> levels;    // ascending
  std::vector<SelftestSends> sends;
  std::vector<SelftestSkip> skipped;
  double limit_us = 100;  // what the highest load is judged by
  bool interrupted = false;
  std::string configuration_json = "{}";
  std::vector<std::string> notes;
};

// The last level up to which the p99 error of arrivals is below the limit at every level; null: none.
const SelftestLevel* HighestLoadBelow(const SelftestReport& report);

// What has to be said about a level: why its load was not what it should be, who was kept waiting, what
// could not be compared. Sentences.
std::vector<std::string> SelftestNotes(const SelftestLevel& level);

// The level whose p99 error of arrivals is above `max_us`, or that has none to judge; the first such, or
// null.
const SelftestLevel* FirstLevelAbove(const SelftestReport& report, double max_us);

}  // namespace llmdyno
