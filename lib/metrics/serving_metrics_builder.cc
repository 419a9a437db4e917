#include "llmdyno/metrics/serving_metrics_builder.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "llmdyno/metrics/error_label.h"
#include "llmdyno/metrics/request_metrics.h"
#include "llmdyno/metrics/run_metrics_builder.h"
#include "metrics/send_window.h"

namespace llmdyno {
namespace {

std::optional<double> PerSecond(int64_t count, Duration elapsed) {
  if (elapsed <= Duration::zero()) return std::nullopt;
  return static_cast<double>(count) / ToSeconds(elapsed);
}

bool HasUsage(const RequestRecord& record) {
  return record.input_tokens.source == TokenCountSource::kUsage &&
         record.output_tokens.source == TokenCountSource::kUsage;
}

// What is open at most at one instant. Both need to be sorted.
int64_t PeakOverlap(const std::vector<TimePoint>& starts, const std::vector<TimePoint>& ends) {
  int64_t peak = 0;
  size_t ended = 0;
  for (size_t started = 0; started < starts.size(); ++started) {
    while (ended < ends.size() && ends[ended] <= starts[started]) ++ended;
    peak = std::max(peak, static_cast<int64_t>(started + 1) - static_cast<int64_t>(ended));
  }
  return peak;
}

std::vector<std::pair<std::string, int64_t>> MostFrequentFirst(const std::map<std::string, int64_t>& counts) {
  std::vector<std::pair<std::string, int64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

// A request's detail before it is known when the level began.
struct KeptDetail {
  TimePoint scheduled_at;
  TimePoint started_at;
  RequestDetail detail;
};

std::vector<RequestDetail> DetailsOf(std::vector<KeptDetail> kept, std::optional<TimePoint> first_send_at) {
  std::sort(kept.begin(), kept.end(), [](const KeptDetail& a, const KeptDetail& b) {
    return std::tie(a.scheduled_at, a.detail.request_id) < std::tie(b.scheduled_at, b.detail.request_id);
  });
  std::vector<RequestDetail> details;
  for (KeptDetail& one : kept) {
    if (first_send_at) one.detail.start_s = ToSeconds(one.started_at - *first_send_at);
    details.push_back(std::move(one.detail));
  }
  return details;
}

}  // namespace

struct ServingMetricsBuilder::State {
  explicit State(const ServingMetricsConfig& given) : config(given), run(config.first_token) {}

  void CountSuccess(const RequestRecord& record);
  void KeepDetail(const RequestRecord& record);
  void AddRates(ServingMetrics& metrics) const;
  int64_t PeakInFlight() const;

  ServingMetricsConfig config;
  RunMetricsBuilder run;
  ServingMetrics so_far;  // counts and distributions; Build adds what follows from them
  SendWindow due;
  SendWindow sent;
  std::vector<TimePoint> starts;
  std::vector<TimePoint> ends;
  std::map<std::string, int64_t> errors;
  int64_t good = 0;
  std::vector<KeptDetail> details;
  std::vector<Duration> gaps;  // of the record at hand
};

ServingMetricsBuilder::ServingMetricsBuilder(ServingMetricsConfig config)
    : state_(std::make_unique<State>(config)) {
  state_->so_far.first_token = state_->config.first_token;
}
ServingMetricsBuilder::~ServingMetricsBuilder() = default;
ServingMetricsBuilder::ServingMetricsBuilder(ServingMetricsBuilder&&) noexcept = default;
ServingMetricsBuilder& ServingMetricsBuilder::operator=(ServingMetricsBuilder&&) noexcept = default;

void ServingMetricsBuilder::OnRecord(const RequestRecord& record) {
  State& state = *state_;
  state.run.OnRecord(record);
  if (record.phase == RunPhase::kWarmUp) return;
  state.due.Add(record.scheduled_at);
  state.sent.Add(record.started_at);
  state.starts.push_back(record.started_at);
  // One that ended as it began was in flight all the same.
  state.ends.push_back(std::max(record.ended_at, record.started_at + Duration(1)));
  if (record.outcome.http_status) ++state.so_far.status_codes[*record.outcome.http_status];
  if (state.config.goodput && state.config.goodput->IsGood(record, state.config.first_token)) ++state.good;
  ListEventGaps(record, state.config.first_token, state.gaps);
  if (record.outcome.ok()) {
    state.CountSuccess(record);
  } else {
    ++state.errors[ErrorLabel(record.outcome)];
  }
  if (state.config.keep_details) state.KeepDetail(record);
}

void ServingMetricsBuilder::State::CountSuccess(const RequestRecord& record) {
  for (const Duration gap : gaps) so_far.event_gaps.Add(gap);
  so_far.last_text_latency.Add(ToMilliseconds(LastTextLatency(record)));
  if (const auto tpot = Tpot(record, config.first_token)) {
    so_far.tpot_from_first_token.Add(ToMilliseconds(*tpot));
  }
  if (!HasUsage(record)) {
    ++so_far.without_usage;
    return;
  }
  so_far.usage_input_tokens += record.input_tokens.tokens;
  so_far.usage_output_tokens += record.output_tokens.tokens;
  so_far.usage_cached_tokens += record.cached_input_tokens.value_or(0);
}

void ServingMetricsBuilder::State::KeepDetail(const RequestRecord& record) {
  RequestDetail detail;
  detail.request_id = record.request_id;
  if (const auto ttft = Ttft(record, config.first_token)) detail.ttft_s = ToSeconds(*ttft);
  detail.latency_s = ToSeconds(record.outcome.ok() ? LastTextLatency(record) : E2e(record));
  detail.queue_s = ToSeconds(SendLag(record));
  for (const Duration gap : gaps) detail.itls_s.push_back(ToSeconds(gap));
  detail.input_tokens = record.input_tokens.tokens;
  if (record.outcome.ok()) {
    detail.output_tokens = record.output_tokens.tokens;
  } else {
    detail.error = record.outcome.message.empty() ? ErrorLabel(record.outcome) : record.outcome.message;
  }
  detail.output_text = record.output_text;
  details.push_back({record.scheduled_at, record.started_at, std::move(detail)});
}

int64_t ServingMetricsBuilder::State::PeakInFlight() const {
  std::vector<TimePoint> sorted_starts = starts;
  std::vector<TimePoint> sorted_ends = ends;
  std::sort(sorted_starts.begin(), sorted_starts.end());
  std::sort(sorted_ends.begin(), sorted_ends.end());
  return PeakOverlap(sorted_starts, sorted_ends);
}

void ServingMetricsBuilder::State::AddRates(ServingMetrics& metrics) const {
  const Duration elapsed = metrics.all.elapsed;
  metrics.send_window = due.length();
  metrics.offered_per_second = due.PerSecond();
  // Requests that were all due at once leave at the rate at which this client can send, which says nothing.
  if (metrics.offered_per_second) metrics.sent_per_second = sent.PerSecond();
  metrics.completed_per_second = PerSecond(metrics.all.requests, elapsed);
  metrics.successful_per_second = PerSecond(metrics.all.successful, elapsed);
  if (config.goodput) {
    metrics.good = good;
    metrics.good_per_second = PerSecond(good, elapsed);
  }
}

ServingMetrics ServingMetricsBuilder::Build() const {
  const State& state = *state_;
  ServingMetrics metrics = state.so_far;
  metrics.all = state.run.Build({.expects_requested_length = state.config.expects_requested_length});
  state.AddRates(metrics);
  metrics.ttft_from_schedule = metrics.all.ttft_from_schedule;
  metrics.e2e_from_schedule = metrics.all.e2e_from_schedule;
  metrics.request_speed = metrics.all.request_speed;
  metrics.last_text_latency.Sort();
  metrics.tpot_from_first_token.Sort();
  metrics.errors = MostFrequentFirst(state.errors);
  metrics.peak_in_flight = state.PeakInFlight();
  metrics.peak_output_tokens_per_second = metrics.all.peak_1s_output_tokens_per_second;
  if (metrics.all.successful > 0) {
    metrics.without_usage_share =
        static_cast<double>(metrics.without_usage) / static_cast<double>(metrics.all.successful);
  }
  metrics.details = DetailsOf(state.details, metrics.all.first_send_at);
  return metrics;
}

}  // namespace llmdyno
