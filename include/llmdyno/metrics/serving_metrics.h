// What happened while a load was offered: the numbers of one level of a QPS benchmark, of a serving run, or
// of one cell of a sweep.
//
// Unlike a race, which is judged as at its finish line, a level is judged when every request has ended: each
// one counts by its outcome, and one that had to be cancelled at the drain deadline is a failure.
// ServingMetricsBuilder makes it, reports read it. A plain value; formulas: docs/metrics.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/metrics/distribution.h"
#include "llmdyno/metrics/first_token.h"
#include "llmdyno/metrics/gap_histogram.h"
#include "llmdyno/metrics/run_metrics.h"

namespace llmdyno {

// What one successful or failed request contributes to files that list requests one by one (vLLM's JSON with
// --save-detailed), in the order in which they were scheduled. Seconds; absent values are empty.
struct RequestDetail {
  int64_t request_id = 0;
  double start_s = 0;            // the send, from the first send of the level
  std::optional<double> ttft_s;  // by the level's definition of the first token
  double latency_s = 0;          // send -> last text, or -> the end where there was none or it failed
  double queue_s = 0;            // scheduled -> sent
  std::vector<double> itls_s;    // as event_gaps
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;  // 0 for a failure
  std::string output_text;    // only when texts are kept
  std::string error;          // its message, or its label; empty when it succeeded
};

// All numbers of one level.
struct ServingMetrics {
  FirstToken first_token = FirstToken::kAnyText;

  // Every request of the level by its outcome; `all.elapsed` is first send -> last end, and the throughputs
  // of `all` are over that. Its latencies are those of the successes; ttft is by `first_token`. There is no
  // finish line, so nothing is in its drain.
  RunMetrics all;

  // Offered: over the window in which requests were due. The rates are absent when all were due at once, or
  // there was only one.
  Duration send_window{};                    // first due -> last due, plus one mean gap
  std::optional<double> offered_per_second;  // requests due / send_window
  std::optional<double> sent_per_second;     // the same from the instants at which they were really sent
  // Completed: over the whole, drain included. Absent when no time passed.
  std::optional<double> completed_per_second;   // requests that ended / all.elapsed, whatever their outcome
  std::optional<double> successful_per_second;  // successes / all.elapsed

  // From the schedule as well as from the send (all.e2e, all.ttft): with the client's and the queue's wait
  // inside. These three are the ones of `all`, again.
  Distribution ttft_from_schedule;  // ms
  Distribution e2e_from_schedule;   // ms
  Distribution request_speed;       // output tokens / e2e, tokens per second, of each success
  // vLLM's ITL: one value per gap between two events with text, whatever number of tokens they carry.
  GapHistogram event_gaps;
  // vLLM's E2EL: to the last text instead of to the end of the stream.
  Distribution last_text_latency;  // ms
  // vLLM's TPOT: from the first token by `first_token`. That of `all` is from the first text.
  Distribution tpot_from_first_token;  // ms

  std::map<int, int64_t> status_codes;  // requests that got a status line, by status
  // "HTTP 503", "Timeout", "Connection failed" … (error_label.h), most frequent first.
  std::vector<std::pair<std::string, int64_t>> errors;

  // A request is in flight from its send to its end; one that ends as another is sent makes room for it.
  int64_t peak_in_flight = 0;
  // Of the busiest of the seconds that are counted from the first send; never below the average.
  std::optional<double> peak_output_tokens_per_second;

  // Token sums of successes with usage for both sides, and how many successes had none: what cost is based
  // on.
  int64_t usage_input_tokens = 0;
  int64_t usage_output_tokens = 0;
  int64_t usage_cached_tokens = 0;  // of the input tokens
  int64_t without_usage = 0;
  std::optional<double> without_usage_share;  // of the successes, 0 to 1

  // Requests that met every goal of the Goodput, when one was given.
  std::optional<int64_t> good;
  std::optional<double> good_per_second;  // good / all.elapsed

  std::vector<RequestDetail> details;  // empty unless asked for
};

}  // namespace llmdyno
