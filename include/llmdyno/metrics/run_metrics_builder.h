// Turns the records of a run into RunMetrics, one by one, keeping a few numbers of each.
//
// A RecordSink: hand it to the run, call Build afterwards. It works as well on the records of a log, after a
// crash or a year later.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/core/record_sink.h"
#include "llmdyno/metrics/finish_line.h"
#include "llmdyno/metrics/first_token.h"
#include "llmdyno/metrics/metric_table.h"
#include "llmdyno/metrics/run_metrics.h"
#include "llmdyno/metrics/timeline.h"

namespace llmdyno {

// What the records do not say; all of it may be left out.
struct RunMetricsConfig {
  // How many users the closed loop has. Ramp-up ends when that many have sent something; unset: no ramp-up is
  // reported.
  std::optional<int64_t> users = std::nullopt;
  // When the measured phase began, to tell how long the first send took.
  std::optional<TimePoint> run_started_at = std::nullopt;
  // When all users were active, if the caller knows better than the records do.
  std::optional<TimePoint> all_users_active_at = std::nullopt;
  // True when the endpoint was told to ignore the end of text, so that every response must have the length
  // that was asked for.
  bool expects_requested_length = false;
};

// Memory: about 120 bytes per request and 320 per second; arrivals are folded in and not kept.
// Thread-compatible.
class RunMetricsBuilder final : public RecordSink {
 public:
  // `first_token` says from which event TTFT is taken, from the send and from the schedule; a race keeps to
  // any text.
  explicit RunMetricsBuilder(FirstToken first_token = FirstToken::kAnyText) : first_token_(first_token) {}

  void OnRecord(const RequestRecord& record) override;
  void OnFinishLine(TimePoint line, std::string_view reason) override;

  // The metrics of what was received so far. May be called at any time and again.
  RunMetrics Build(const RunMetricsConfig& config = {}) const;

 private:
  struct UserTally {
    TimePoint first_send_at;
    int64_t requests = 0;
    int64_t failed = 0;
    int64_t ttft_samples = 0;
    Duration ttft_sum{};
  };
  struct FailureTally {
    int64_t count = 0;
    std::string sample_message;
  };
  struct SourceTally {
    int64_t requests = 0;
    int64_t tokens = 0;
  };
  using SourceTallies = std::map<TokenCountSource, SourceTally>;

  void CountShare(const RequestRecord& record, const RaceShare& share);
  void CountFailure(const RequestRecord& record);
  void CountDrain(const RequestRecord& record, const RaceShare& share);
  void CountArrivals(const RequestRecord& record);
  void PlaceTokens(const RequestRecord& record, const RaceShare& share);
  void CountValues(const RequestRecord& record, const RaceShare& share);
  std::optional<double> ValueOf(const MetricDef& metric, const RequestRecord& record) const;
  TimePoint FullSince(const RunMetrics& metrics) const;
  void AddIntervals(RunMetrics& metrics) const;
  void AddTrends(TimePoint begin, TimePoint end, RunMetrics& metrics) const;
  std::optional<RampUpSummary> RampUp(const RunMetricsConfig& config, TimePoint line) const;

  FirstToken first_token_;
  RunMetrics so_far_;                // counts and distributions; Build adds what follows from them
  Timeline timeline_;                // the tokens of the race
  Timeline input_timeline_;          // input tokens of successes, at their ends
  Timeline successes_;               // one for each, at its end
  Timeline due_;                     // one for each request, when the load model wanted it sent
  std::vector<AnswerDelay> delays_;  // of successes
  std::map<int64_t, UserTally> users_;
  std::map<OutcomeClass, FailureTally> failures_;
  SourceTallies output_sources_;
  SourceTallies input_sources_;
  std::optional<TimePoint> first_send_at_;
  std::optional<TimePoint> last_send_at_;
  std::optional<TimePoint> first_text_at_;  // of a streamed success
  std::optional<TimePoint> last_seen_at_;
  std::optional<TimePoint> line_;
  int64_t length_mismatches_ = 0;
  int64_t events_of_ok_ = 0;  // of the requests with latencies: events, announced and final tokens
  int64_t announced_tokens_of_ok_ = 0;
  int64_t output_tokens_of_ok_ = 0;
};

}  // namespace llmdyno
