#include "llmdyno/metrics/backlog.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "metrics/backlog_slope.h"

namespace llmdyno {
namespace {

constexpr size_t kFewestRequests = 10;
// Fewer in the first half tell nothing of how long requests take: those of a trace may all come late.
constexpr size_t kFewestEarly = 5;
// A shorter half is a burst and no window.
constexpr double kShortestHalfSeconds = 0.05;
// The tail of a growth that rounding could have made: fewer requests than this are no queue.
constexpr double kFewestInBacklog = 2;
// Windows in median latencies. With fewer than these the second half has seen little but the filling up;
constexpr double kFewestLatencies = 2;
// with as many as these an engine that slows down with the requests in flight has come to rest.
constexpr double kManyLatencies = 20;
// Until then its answers may come later by this share of a latency over the window, and as many requests more
// may be in flight as come in one latency.
constexpr double kSettlingShare = 0.2;
// However few latencies the window has: a first token that comes later as fast as this waits in a queue.
constexpr double kCertainGrowth = 0.1;

template <typename... Args>
std::string Print(const char* format, Args... args) {
  char text[160];
  std::snprintf(text, sizeof text, format, args...);
  return text;
}

std::optional<Duration> Median(std::vector<double> seconds) {
  if (seconds.empty()) return std::nullopt;
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  return FromSeconds(*middle);
}

double LatenciesIn(const BacklogTrend& trend) {
  return trend.median_latency ? ToSeconds(trend.window) / ToSeconds(*trend.median_latency) : kManyLatencies;
}

double AllowedLatencyGrowth(double latencies, const BacklogLimits& limits) {
  return std::max(limits.max_latency_growth, std::min(kSettlingShare / latencies, kCertainGrowth));
}

bool CountGrew(const BacklogTrend& trend, double latencies, const BacklogLimits& limits) {
  const double settling = latencies < kManyLatencies ? 1 / latencies : 0;
  return trend.growth_share > std::max(limits.max_growth_share, settling) &&
         trend.growth_per_second * ToSeconds(trend.window) / 2 > kFewestInBacklog &&
         trend.growth_per_second > kSlopeSignificance * trend.growth_error;
}

}  // namespace

void BacklogMeter::OnRecord(const RequestRecord& record) {
  if (record.phase != RunPhase::kMeasured) return;
  Request request{record.scheduled_at, record.ended_at, {}, record.outcome.ok()};
  if (record.first_text_at) request.first_token = *record.first_text_at - record.scheduled_at;
  requests_.push_back(request);
}

std::optional<BacklogTrend> BacklogMeter::Trend() const {
  if (requests_.size() < kFewestRequests) return std::nullopt;
  std::vector<Request> requests = requests_;
  std::stable_sort(requests.begin(), requests.end(),
                   [](const Request& a, const Request& b) { return a.due < b.due; });
  BacklogTrend trend;
  trend.window = requests.back().due - requests.front().due;
  const TimePoint middle = requests.front().due + trend.window / 2;
  const double seconds = ToSeconds(requests.back().due - middle);
  if (seconds < kShortestHalfSeconds) return std::nullopt;

  std::vector<Stay> stays;
  std::vector<double> early;       // how long requests of the first half took,
  std::vector<double> early_good;  // and the successes among them
  std::vector<std::pair<double, double>> first_tokens;
  std::vector<std::pair<double, double>> wholes;
  double due = 0;
  double succeeded = 0;
  for (const Request& request : requests) {
    const Stay stay{ToSeconds(request.due - middle), ToSeconds(request.ended - middle)};
    stays.push_back(stay);
    if (request.succeeded && stay.to > 0 && stay.to <= seconds) ++succeeded;
    if (stay.from <= 0) {
      early.push_back(stay.to - stay.from);
      if (request.succeeded) early_good.push_back(stay.to - stay.from);
      continue;
    }
    ++due;
    if (!request.succeeded) continue;
    wholes.emplace_back(stay.from, stay.to - stay.from);
    if (request.first_token) first_tokens.emplace_back(stay.from, ToSeconds(*request.first_token));
  }
  trend.median_latency = Median(std::move(early_good));
  if (early.size() < kFewestEarly) {
    early.clear();
    for (const Stay& stay : stays) early.push_back(stay.to - stay.from);
  }
  const InFlightSlope slope = SlopeOfInFlight(stays, std::move(early), seconds);
  trend.growth_per_second = slope.excess;
  trend.growth_error = slope.error;
  trend.growth_share = trend.growth_per_second / (due / seconds);  // the last one is due in that half
  trend.mean_in_flight = slope.mean;
  trend.successes_per_second = succeeded / seconds;
  trend.first_token_growth = SignificantSlope(first_tokens);
  trend.latency_growth = std::max(trend.first_token_growth, SignificantSlope(wholes));
  return trend;
}

BacklogJudgement JudgeBacklog(const BacklogTrend& trend, const BacklogLimits& limits) {
  BacklogJudgement judgement;
  const double latencies = LatenciesIn(trend);
  const bool is_short = latencies < kFewestLatencies;
  const double rise = is_short ? trend.first_token_growth : trend.latency_growth;
  if (rise > AllowedLatencyGrowth(latencies, limits)) {
    judgement.queue_grew = true;
    judgement.sentence = Print("a queue grew (answers came later by %.0f ms in every second)", 1000 * rise);
  } else if (!is_short && CountGrew(trend, latencies, limits)) {
    judgement.queue_grew = true;
    judgement.sentence = Print("a queue grew (by %.2f requests in every second, %.1f %% of the load)",
                               trend.growth_per_second, 100 * trend.growth_share);
  } else if (is_short) {
    judgement.too_short = true;
    judgement.sentence = Print(
        "too short to tell whether a queue grew: requests were sent for %.1f s, less than twice the median "
        "latency of %.1f s",
        ToSeconds(trend.window), ToSeconds(*trend.median_latency));
  }
  return judgement;
}

}  // namespace llmdyno
