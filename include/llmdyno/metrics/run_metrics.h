// What happened in a race, as numbers: the value that reports are written from.
//
// Made by RunMetricsBuilder from records. Everything "of the race" is judged as at the finish line; latencies
// come from all measured requests that ended ok, the drain included (docs/metrics.md). A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/core/outcome.h"
#include "llmdyno/core/record.h"
#include "llmdyno/metrics/distribution.h"
#include "llmdyno/metrics/early_slowness.h"
#include "llmdyno/metrics/gap_histogram.h"
#include "llmdyno/metrics/rate_trend.h"

namespace llmdyno {

// Failures of one class, and what one of them said.
struct FailureSummary {
  OutcomeClass cls = OutcomeClass::kHttpStatus;
  int64_t count = 0;
  std::string sample_message;
};

// One user of the closed loop: its rows of the race.
struct UserSummary {
  int64_t user_id = 0;
  int64_t requests = 0;
  int64_t failed = 0;
  std::optional<Duration> mean_ttft;  // of its successes
};

// How many requests had their tokens counted in one way.
struct TokenSourceSummary {
  TokenCountSource source = TokenCountSource::kUsage;
  int64_t requests = 0;
  int64_t tokens = 0;
};

// How well the instants of tokens are known; events of all measured requests.
struct ArrivalSummary {
  int64_t events = 0;
  int64_t upper_bounds = 0;  // came at their instant or earlier
  int64_t kernel = 0;        // events stamped by each clock
  int64_t wake_up = 0;
  int64_t simulated = 0;
  // upper_bounds / events, 0 to 1; empty without events.
  std::optional<double> UpperBoundShare() const;
};

// The time until every user was active, kept out of nothing but shown apart.
struct RampUpSummary {
  Duration duration{};                            // first send -> all users active
  std::optional<double> tokens_per_second_after;  // from then to the line
};

// What came after the line. Never part of the race's numbers.
struct DrainSummary {
  int64_t in_flight = 0;      // requests in flight at the line
  int64_t without_token = 0;  // of these: had not produced a token, so they are in no total
  int64_t completed = 0;      // of those in flight: ended ok
  int64_t cancelled = 0;      // ended by the drain deadline
  int64_t failed = 0;         // ended otherwise
  int64_t output_tokens = 0;  // that arrived after the line
  Duration duration{};        // the line -> the last end
};

// All numbers of one race, of all its measured requests.
struct RunMetrics {
  // The race. `line` is where it ended; without a finish line (a killed run) the latest instant that was
  // seen.
  bool has_finish_line = false;
  std::string stop_reason;                 // "target_tokens", "interrupted", …; empty without a finish line
  std::optional<TimePoint> first_send_at;  // empty when nothing was measured
  std::optional<TimePoint> line;
  Duration elapsed{};  // first send -> line
  int64_t output_tokens = 0;
  int64_t input_tokens = 0;
  int64_t total_tokens = 0;
  std::optional<double> output_tokens_per_second;  // output_tokens / elapsed
  std::optional<double> total_tokens_per_second;
  std::optional<double> peak_output_tokens_per_second;     // of ten seconds
  std::optional<double> peak_1s_output_tokens_per_second;  // of one second, counted from the first send
  int64_t requests = 0;                                    // = successful + failed
  int64_t successful = 0;
  int64_t failed = 0;
  std::optional<double> success_rate_percent;
  std::optional<double> requests_per_second;  // successful / elapsed
  // Where these rates lie with 95 % confidence, by a bootstrap of blocks of time (confidence.h): how much
  // they varied between filling up and the last send, in stretches as long as a request takes. Absent
  // with fewer than ten stretches.
  std::optional<Interval> output_tokens_per_second_ci95;
  std::optional<Interval> total_tokens_per_second_ci95;
  std::optional<Interval> requests_per_second_ci95;

  // Beside the race.
  int64_t warm_up_requests = 0;
  std::optional<Duration> time_to_first_send;  // from the start of the measured phase, if that was told
  std::optional<RampUpSummary> ramp_up;
  DrainSummary drain;
  std::vector<FailureSummary> failures;  // most frequent first
  int64_t http_429 = 0;                  // of the failures: the endpoint said that it was overloaded
  int64_t http_503 = 0;
  std::vector<UserSummary> users;                        // by user id; their requests add up to `requests`
  std::vector<TokenSourceSummary> output_token_sources;  // of the successes
  std::vector<TokenSourceSummary> input_token_sources;
  ArrivalSummary arrivals;
  int64_t connections_reused = 0;  // of `requests`
  int64_t late_sends = 0;          // of the measured requests (late_send.h)
  // Whether the run was one thing from beginning to end: trends of the output tokens per second (of the
  // successes per second where there are no tokens) and of the requests due, in stretches of a second or
  // more between filling up and the last send; the delays of the first requests beside those of later ones.
  // Absent where the run was too short, or had no such time.
  std::optional<RateTrend> throughput_trend;
  std::optional<RateTrend> due_trend;
  std::optional<EarlySlowness> early_slowness;
  // Responses whose length was not the one asked for; only counted when the run insists on lengths
  // (ignore_eos).
  std::optional<int64_t> output_length_mismatches;

  // Latencies, one value per request that ended ok. Milliseconds unless the name says otherwise.
  Distribution ttft;
  Distribution ttft_from_schedule;
  Distribution ttfo;
  Distribution first_event;
  Distribution tpot;
  Distribution e2e;
  Distribution e2e_from_schedule;
  Distribution decode_speed;   // tokens per second
  Distribution request_speed;  // tokens per second, of the whole request
  Distribution output_length;  // tokens
  Distribution input_length;   // tokens
  Distribution send_lag;       // of every measured request
  Distribution failed_e2e;     // of those that had failed at the line
  GapHistogram itl;            // one value per token gap
  // Output tokens per streamed event of those requests, by the final counts. Well above 1 with gaps that are
  // weighted as 1 means: an "inter-token" gap is the gap between two events.
  std::optional<double> tokens_per_event;
  // What the stream itself announced, over the final counts: 1 when every event told its tokens.
  std::optional<double> announced_token_share;
};

}  // namespace llmdyno
