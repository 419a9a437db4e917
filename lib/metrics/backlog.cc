#include "llmdyno/metrics/backlog.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace llmdyno {
namespace {

constexpr size_t kFewestRequests = 10;
// Points of the curve that the line is laid through.
constexpr int kSamples = 200;
// A shorter half is a burst and no window.
constexpr double kShortestHalfSeconds = 0.05;

int64_t CountUpTo(const std::vector<TimePoint>& sorted, TimePoint at) {
  return std::upper_bound(sorted.begin(), sorted.end(), at) - sorted.begin();
}

// Standard errors above which a slope is believed.
constexpr double kSignificance = 4;

using Point = std::pair<double, double>;

// The slope of the least-squares line, or 0 when it is not significantly above 0.
double SignificantSlope(std::span<const Point> points) {
  const auto n = static_cast<double>(points.size());
  if (points.size() < kFewestRequests) return 0;
  double mean_x = 0;
  double mean_y = 0;
  for (const auto& [x, y] : points) {
    mean_x += x / n;
    mean_y += y / n;
  }
  double xx = 0;
  double xy = 0;
  double yy = 0;
  for (const auto& [x, y] : points) {
    xx += (x - mean_x) * (x - mean_x);
    xy += (x - mean_x) * (y - mean_y);
    yy += (y - mean_y) * (y - mean_y);
  }
  if (xx <= 0) return 0;
  const double slope = xy / xx;
  const double residual = std::max(0.0, yy - slope * xy) / (n - 2);
  return slope > kSignificance * std::sqrt(residual / xx) ? slope : 0;
}

}  // namespace

void BacklogMeter::OnRecord(const RequestRecord& record) {
  if (record.phase != RunPhase::kMeasured) return;
  due_.push_back(record.scheduled_at);
  ended_.push_back(record.ended_at);
  if (!record.outcome.ok()) return;
  succeeded_.push_back(record.ended_at);
  answers_.push_back({record.scheduled_at,
                      ToSeconds(record.first_text_at.value_or(record.ended_at) - record.scheduled_at),
                      ToSeconds(record.ended_at - record.scheduled_at)});
}

std::optional<BacklogTrend> BacklogMeter::Trend() const {
  if (due_.size() < kFewestRequests) return std::nullopt;
  std::vector<TimePoint> due = due_;
  std::vector<TimePoint> ended = ended_;
  std::vector<TimePoint> succeeded = succeeded_;
  for (std::vector<TimePoint>* instants : {&due, &ended, &succeeded}) {
    std::sort(instants->begin(), instants->end());
  }
  const TimePoint end = due.back();
  const TimePoint middle = due.front() + (end - due.front()) / 2;
  const double seconds = ToSeconds(end - middle);
  if (seconds < kShortestHalfSeconds) return std::nullopt;

  // Least squares on evenly spaced points: slope = sum((t - mean t) * y) / sum((t - mean t)^2).
  double weighted = 0;
  double squares = 0;
  double total = 0;
  for (int i = 0; i < kSamples; ++i) {
    const double share = (i + 0.5) / kSamples;
    const TimePoint at = middle + FromSeconds(seconds * share);
    const auto in_flight = static_cast<double>(CountUpTo(due, at) - CountUpTo(ended, at));
    const double offset = seconds * (share - 0.5);
    weighted += offset * in_flight;
    squares += offset * offset;
    total += in_flight;
  }
  BacklogTrend trend;
  trend.growth_per_second = weighted / squares;
  trend.mean_in_flight = total / kSamples;
  const double due_per_second = static_cast<double>(CountUpTo(due, end) - CountUpTo(due, middle)) / seconds;
  if (due_per_second > 0) trend.growth_share = trend.growth_per_second / due_per_second;
  trend.successes_per_second =
      static_cast<double>(CountUpTo(succeeded, end) - CountUpTo(succeeded, middle)) / seconds;
  std::vector<Point> first_tokens;
  std::vector<Point> wholes;
  for (const Answer& answer : answers_) {
    if (answer.due < middle) continue;
    const double x = ToSeconds(answer.due - middle);
    first_tokens.emplace_back(x, answer.first_token_s);
    wholes.emplace_back(x, answer.whole_s);
  }
  trend.latency_growth = std::max(SignificantSlope(first_tokens), SignificantSlope(wholes));
  return trend;
}

}  // namespace llmdyno
