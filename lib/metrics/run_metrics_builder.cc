#include "llmdyno/metrics/run_metrics_builder.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "llmdyno/metrics/confidence.h"
#include "llmdyno/metrics/late_send.h"
#include "llmdyno/metrics/request_metrics.h"

namespace llmdyno {
namespace {

template <typename T>
void KeepEarliest(std::optional<T>& kept, T value) {
  if (!kept || value < *kept) kept = value;
}

template <typename T>
void KeepLatest(std::optional<T>& kept, T value) {
  if (!kept || value > *kept) kept = value;
}

std::optional<double> Ratio(double numerator, double denominator) {
  if (denominator <= 0) return std::nullopt;
  return numerator / denominator;
}

std::optional<double> Ratio(int64_t numerator, int64_t denominator) {
  return Ratio(static_cast<double>(numerator), static_cast<double>(denominator));
}

bool HasPlace(MetricPopulation population, const RequestRecord& record, const RaceShare& share) {
  switch (population) {
    case MetricPopulation::kAnswered:
      return record.outcome.ok();
    case MetricPopulation::kMeasured:
      return true;
    case MetricPopulation::kFailed:
      return share.standing == Standing::kFailed;
    case MetricPopulation::kRace:
      return false;
  }
  return false;
}

// The rows that every record goes through.
const std::vector<MetricDef>& RequestMetricRows() {
  static const std::vector<MetricDef> rows = [] {
    std::vector<MetricDef> found;
    for (const MetricDef& metric : MetricTable()) {
      if (metric.scope == MetricScope::kRequest) found.push_back(metric);
    }
    return found;
  }();
  return rows;
}

template <typename Tallies>
std::vector<TokenSourceSummary> Summaries(const Tallies& tallies) {
  std::vector<TokenSourceSummary> summaries;
  for (const auto& [source, tally] : tallies) summaries.push_back({source, tally.requests, tally.tokens});
  return summaries;
}

template <typename Tallies>
std::vector<FailureSummary> MostFrequentFirst(const Tallies& tallies) {
  std::vector<FailureSummary> summaries;
  for (const auto& [cls, tally] : tallies) summaries.push_back({cls, tally.count, tally.sample_message});
  std::stable_sort(summaries.begin(), summaries.end(),
                   [](const FailureSummary& a, const FailureSummary& b) { return a.count > b.count; });
  return summaries;
}

template <typename Tallies>
std::vector<UserSummary> UserSummaries(const Tallies& tallies) {
  std::vector<UserSummary> summaries;
  for (const auto& [id, tally] : tallies) {
    UserSummary user{
        .user_id = id, .requests = tally.requests, .failed = tally.failed, .mean_ttft = std::nullopt};
    if (tally.ttft_samples > 0) user.mean_ttft = tally.ttft_sum / tally.ttft_samples;
    summaries.push_back(user);
  }
  return summaries;
}

// How much a rate varied, as an interval around the rate of the whole.
std::optional<Interval> RateInterval(const std::optional<double>& rate,
                                     const std::vector<double>& stretches) {
  constexpr size_t kFewest = 10;
  if (!rate || stretches.size() < kFewest) return std::nullopt;
  const auto found = BootstrapMean(stretches, {.resamples = 500});
  const double mean =
      std::accumulate(stretches.begin(), stretches.end(), 0.0) / static_cast<double>(stretches.size());
  if (!found || mean <= 0) return std::nullopt;
  return Interval{std::max(0.0, *rate * found->interval.low / mean), *rate * found->interval.high / mean};
}

}  // namespace

void RunMetricsBuilder::OnFinishLine(TimePoint line, std::string_view reason) {
  line_ = line;
  so_far_.has_finish_line = true;
  so_far_.stop_reason = reason;
}

void RunMetricsBuilder::OnRecord(const RequestRecord& record) {
  if (record.phase == RunPhase::kWarmUp) {
    ++so_far_.warm_up_requests;
    return;
  }
  KeepEarliest(first_send_at_, record.started_at);
  KeepLatest(last_send_at_, record.started_at);
  KeepLatest(last_seen_at_, record.ended_at);
  due_.Add(record.scheduled_at, 1);
  so_far_.late_sends += IsSentLate(record) ? 1 : 0;
  const RaceShare share = JudgeAtLine(record, line_);
  CountShare(record, share);
  if (share.standing == Standing::kFailed) CountFailure(record);
  if (share.standing == Standing::kUnderWay || share.standing == Standing::kWaiting)
    CountDrain(record, share);
  if (share.output_tokens > 0) PlaceTokens(record, share);
  CountArrivals(record);
  CountValues(record, share);
}

void RunMetricsBuilder::CountShare(const RequestRecord& record, const RaceShare& share) {
  UserTally& user =
      users_.try_emplace(record.user_id, UserTally{.first_send_at = record.started_at}).first->second;
  user.first_send_at = std::min(user.first_send_at, record.started_at);
  if (!share.counts()) return;
  ++so_far_.requests;
  ++user.requests;
  so_far_.connections_reused += record.connection_reused ? 1 : 0;
  if (!share.ok()) {
    ++so_far_.failed;
    ++user.failed;
    return;
  }
  ++so_far_.successful;
  so_far_.output_tokens += share.output_tokens;
  so_far_.input_tokens += share.input_tokens;
  successes_.Add(share.until, 1);
  input_timeline_.Add(share.until, static_cast<double>(share.input_tokens));
  if (record.streamed && record.first_text_at) KeepEarliest(first_text_at_, *record.first_text_at);
  SourceTally& output = output_sources_[record.output_tokens.source];
  ++output.requests;
  output.tokens += share.output_tokens;
  SourceTally& input = input_sources_[record.input_tokens.source];
  ++input.requests;
  input.tokens += share.input_tokens;
  if (const auto ttft = Ttft(record, first_token_)) {
    ++user.ttft_samples;
    user.ttft_sum += *ttft;
  }
}

void RunMetricsBuilder::CountFailure(const RequestRecord& record) {
  FailureTally& tally = failures_[record.outcome.cls];
  if (tally.count++ == 0) tally.sample_message = record.outcome.message;
  if (record.outcome.http_status == 429) ++so_far_.http_429;
  if (record.outcome.http_status == 503) ++so_far_.http_503;
}

void RunMetricsBuilder::CountDrain(const RequestRecord& record, const RaceShare& share) {
  DrainSummary& drain = so_far_.drain;
  ++drain.in_flight;
  if (share.standing == Standing::kWaiting) ++drain.without_token;
  if (record.outcome.ok()) {
    ++drain.completed;
  } else if (record.outcome.cls == OutcomeClass::kCancelled) {
    ++drain.cancelled;
  } else {
    ++drain.failed;
  }
  const int64_t in_the_end =
      record.outcome.ok() ? record.output_tokens.tokens : record.arrivals.total_tokens();
  drain.output_tokens += std::max<int64_t>(in_the_end - share.output_tokens, 0);
  drain.duration = std::max(drain.duration, record.ended_at - share.until);
}

void RunMetricsBuilder::CountArrivals(const RequestRecord& record) {
  ArrivalSummary& arrivals = so_far_.arrivals;
  const int64_t events = record.arrivals.total_events();
  arrivals.events += events;
  arrivals.upper_bounds += record.arrivals.upper_bounds();
  switch (record.arrival_clock) {
    case ArrivalClock::kKernel:
      arrivals.kernel += events;
      break;
    case ArrivalClock::kWakeUp:
      arrivals.wake_up += events;
      break;
    case ArrivalClock::kSimulated:
      arrivals.simulated += events;
      break;
  }
}

// Puts the request's tokens where its arrivals were. The stream may have announced more or fewer than the
// final count; the final count is what is placed.
void RunMetricsBuilder::PlaceTokens(const RequestRecord& record, const RaceShare& share) {
  const int64_t announced = record.arrivals.TokensUntil(share.until);
  if (announced == 0) {  // it came as a whole
    timeline_.Add(share.until, static_cast<double>(share.output_tokens));
    return;
  }
  const double weight = static_cast<double>(share.output_tokens) / static_cast<double>(announced);
  for (const Arrival& arrival : record.arrivals) {
    if (arrival.at > share.until) break;
    timeline_.Add(arrival.at, weight * arrival.tokens);
  }
}

// The table's value, but for the two rows that depend on the definition of the first token.
std::optional<double> RunMetricsBuilder::ValueOf(const MetricDef& metric, const RequestRecord& record) const {
  const auto ms = [](std::optional<Duration> duration) {
    return duration ? std::optional(ToMilliseconds(*duration)) : std::nullopt;
  };
  if (metric.distribution == &RunMetrics::ttft) return ms(Ttft(record, first_token_));
  if (metric.distribution == &RunMetrics::ttft_from_schedule) {
    return ms(TtftFromSchedule(record, first_token_));
  }
  return metric.of_request(record);
}

void RunMetricsBuilder::CountValues(const RequestRecord& record, const RaceShare& share) {
  for (const MetricDef& metric : RequestMetricRows()) {
    if (!HasPlace(metric.population, record, share)) continue;
    if (const auto value = ValueOf(metric, record)) (so_far_.*metric.distribution).Add(*value);
  }
  if (!record.outcome.ok()) return;
  AddInterTokenGaps(record, so_far_.itl);
  const auto ttft = Ttft(record, first_token_);
  if (ttft || !record.streamed) {
    delays_.push_back({record.started_at, ToMilliseconds(ttft.value_or(E2e(record)))});
  }
  if (record.requested_output_tokens && *record.requested_output_tokens != record.output_tokens.tokens) {
    ++length_mismatches_;
  }
  if (record.arrivals.empty()) return;
  events_of_ok_ += record.arrivals.total_events();
  announced_tokens_of_ok_ += record.arrivals.total_tokens();
  output_tokens_of_ok_ += record.output_tokens.tokens;
}

std::optional<RampUpSummary> RunMetricsBuilder::RampUp(const RunMetricsConfig& config, TimePoint line) const {
  std::optional<TimePoint> all_active = config.all_users_active_at;
  if (!all_active && config.users && static_cast<int64_t>(users_.size()) >= *config.users) {
    for (const auto& [id, user] : users_) KeepLatest(all_active, user.first_send_at);
  }
  if (!all_active || *all_active > line) return std::nullopt;
  RampUpSummary ramp_up;
  ramp_up.duration = std::max(*all_active - *first_send_at_, Duration::zero());
  ramp_up.tokens_per_second_after =
      Ratio(timeline_.total() - timeline_.TokensBefore(*all_active), ToSeconds(line - *all_active));
  return ramp_up;
}

// A request's time after the last of a closed loop's users began, or the first text where there are no such
// users.
TimePoint RunMetricsBuilder::FullSince(const RunMetrics& metrics) const {
  const TimePoint first = *metrics.first_send_at;
  TimePoint all_began = first;
  for (const auto& [id, user] : users_) all_began = std::max(all_began, user.first_send_at);
  all_began += Duration(static_cast<int64_t>(metrics.e2e.Mean().value_or(0) * 1e6));
  if (all_began - first <= metrics.elapsed / 2) return all_began;
  return std::min(first_text_at_.value_or(first), *metrics.line);
}

void RunMetricsBuilder::AddIntervals(RunMetrics& metrics) const {
  const TimePoint begin = FullSince(metrics);
  // Filling up and running dry are no chance. Where all was sent at once there is nothing in between.
  const TimePoint last_send = std::min(*last_send_at_, *metrics.line);
  const bool is_spread = (last_send - *metrics.first_send_at) * 2 >= metrics.elapsed;
  const TimePoint end = is_spread ? last_send : *metrics.line;
  constexpr int64_t kMostStretches = 200;
  const auto typical = Duration(static_cast<int64_t>(metrics.e2e.Mean().value_or(0) * 1e6));
  const Duration stretch = std::max(typical, (end - begin) / kMostStretches);
  std::vector<double> output = timeline_.RatesBetween(begin, end, stretch);
  metrics.output_tokens_per_second_ci95 = RateInterval(metrics.output_tokens_per_second, output);
  metrics.requests_per_second_ci95 =
      RateInterval(metrics.requests_per_second, successes_.RatesBetween(begin, end, stretch));
  const std::vector<double> input = input_timeline_.RatesBetween(begin, end, stretch);
  for (size_t i = 0; i < output.size(); ++i) output[i] += input[i];
  metrics.total_tokens_per_second_ci95 = RateInterval(metrics.total_tokens_per_second, output);
  // Where all was sent at once there is no load that was held: the rate falls as answers end.
  if (is_spread) AddTrends(begin, end, metrics);
}

void RunMetricsBuilder::AddTrends(TimePoint begin, TimePoint end, RunMetrics& metrics) const {
  constexpr int64_t kMostStretches = 200;
  const Duration stretch = std::max<Duration>(std::chrono::seconds(1), (end - begin) / kMostStretches);
  const Timeline& throughput = timeline_.total() > 0 ? timeline_ : successes_;
  metrics.throughput_trend = FindRateTrend(throughput.RatesBetween(begin, end, stretch));
  metrics.due_trend = FindRateTrend(due_.RatesBetween(begin, end, stretch));
}

RunMetrics RunMetricsBuilder::Build(const RunMetricsConfig& config) const {
  RunMetrics metrics = so_far_;
  for (const MetricDef& metric : RequestMetricRows()) (metrics.*metric.distribution).Sort();
  metrics.total_tokens = metrics.output_tokens + metrics.input_tokens;
  metrics.failures = MostFrequentFirst(failures_);
  metrics.users = UserSummaries(users_);
  metrics.output_token_sources = Summaries(output_sources_);
  metrics.input_token_sources = Summaries(input_sources_);
  if (const auto share = Ratio(metrics.successful, metrics.requests))
    metrics.success_rate_percent = 100 * *share;
  metrics.tokens_per_event = Ratio(output_tokens_of_ok_, events_of_ok_);
  metrics.announced_token_share = Ratio(announced_tokens_of_ok_, output_tokens_of_ok_);
  if (config.expects_requested_length) metrics.output_length_mismatches = length_mismatches_;
  if (!first_send_at_) return metrics;

  metrics.first_send_at = first_send_at_;
  if (config.run_started_at) metrics.time_to_first_send = *first_send_at_ - *config.run_started_at;
  metrics.line = line_ ? line_ : last_seen_at_;
  metrics.elapsed = std::max(*metrics.line - *first_send_at_, Duration::zero());
  const double seconds = ToSeconds(metrics.elapsed);
  metrics.output_tokens_per_second = Ratio(static_cast<double>(metrics.output_tokens), seconds);
  metrics.total_tokens_per_second = Ratio(static_cast<double>(metrics.total_tokens), seconds);
  metrics.requests_per_second = Ratio(static_cast<double>(metrics.successful), seconds);
  // Sums of shares may fall short of the whole by a rounding error; the peak never shows below the average.
  if (const auto peak = timeline_.PeakPerSecond(metrics.elapsed)) {
    metrics.peak_output_tokens_per_second = std::max(*peak, *metrics.output_tokens_per_second);
    metrics.peak_1s_output_tokens_per_second = std::max(
        timeline_.FullestBucket(*first_send_at_, std::chrono::seconds(1)), *metrics.output_tokens_per_second);
  }
  AddIntervals(metrics);
  metrics.early_slowness = FindEarlySlowness(delays_);
  metrics.ramp_up = RampUp(config, *metrics.line);
  return metrics;
}

}  // namespace llmdyno
