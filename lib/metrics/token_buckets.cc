#include "metrics/token_buckets.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "llmdyno/metrics/distribution.h"

namespace llmdyno {
namespace {

// A bucket with exactly the threshold's share belongs to the window whatever the last digit says.
constexpr double kRounding = 1e-9;

int64_t RoundedUp(Duration time, Duration width) {
  return time / width + (time % width > Duration::zero() ? 1 : 0);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return QuantileOfSorted(values, 0.5);
}

void FindWindow(double threshold, SteadyState& steady) {
  if (steady.peak_active <= 0) return;
  const double enough = threshold * steady.peak_active * (1 - kRounding);
  for (size_t k = 0; k < steady.active.size(); ++k) {
    if (steady.active[k] < enough) continue;
    if (!steady.first_bucket) steady.first_bucket = static_cast<int64_t>(k);
    steady.last_bucket = static_cast<int64_t>(k);
  }
}

// `time_of` says for how long each bucket was in use.
void MeasureWindow(std::span<const Duration> time_of, SteadyState& steady) {
  if (!steady.first_bucket) return;
  const auto first = static_cast<size_t>(*steady.first_bucket);
  const auto last = static_cast<size_t>(*steady.last_bucket);
  double tokens = 0;
  Duration time{};
  std::vector<double> rates;
  for (size_t k = first; k <= last; ++k) {
    tokens += steady.tokens[k];
    time += time_of[k];
    // A token in a sliver of a bucket, at the end of the run, is no rate worth a place in the median.
    if (time_of[k] == steady.bucket || first == last) {
      rates.push_back(steady.tokens[k] / ToSeconds(time_of[k]));
    }
  }
  steady.window_start = std::accumulate(time_of.begin(), time_of.begin() + *steady.first_bucket, Duration());
  steady.window = time;
  steady.window_tokens_per_second = tokens / ToSeconds(time);
  if (!rates.empty()) steady.median_bucket_tokens_per_second = Median(std::move(rates));
}

}  // namespace

void TokenBuckets::Add(const AnswerTimes& answer) {
  MoveOriginBefore(answer.sent_at);
  if (answer.first_text_at) AddActivity(*answer.first_text_at, answer.ended_at);
  const auto announced = static_cast<double>(answer.arrivals.total_tokens());
  if (announced == 0) {
    AddTokens(answer.ended_at, answer.output_tokens);
    return;
  }
  const double scale = answer.output_tokens / announced;
  for (const Arrival& arrival : answer.arrivals) {
    AddTokens(std::min(std::max(arrival.at, answer.sent_at), answer.ended_at), scale * arrival.tokens);
  }
}

void TokenBuckets::MoveOriginBefore(TimePoint at) {
  if (at >= origin_) return;
  const int64_t missing = RoundedUp(origin_ - at, width_);
  if (missing + static_cast<int64_t>(tokens_.size()) > kMaxBuckets) return;
  tokens_.insert(tokens_.begin(), static_cast<size_t>(missing), 0.0);
  active_ns_.insert(active_ns_.begin(), static_cast<size_t>(missing), 0);
  origin_ -= missing * width_;
}

std::optional<size_t> TokenBuckets::IndexOf(TimePoint at) {
  const int64_t index = at < origin_ ? 0 : (at - origin_) / width_;
  if (index >= kMaxBuckets) return std::nullopt;
  const auto place = static_cast<size_t>(index);
  if (place >= tokens_.size()) {
    tokens_.resize(place + 1);
    active_ns_.resize(place + 1);
  }
  return place;
}

void TokenBuckets::AddTokens(TimePoint at, double tokens) {
  if (const auto index = IndexOf(at)) tokens_[*index] += tokens;
}

void TokenBuckets::AddActivity(TimePoint from, TimePoint to) {
  for (TimePoint at = std::max(from, origin_); at < to;) {
    const auto index = IndexOf(at);
    if (!index) return;
    const TimePoint edge = std::min(to, origin_ + (static_cast<int64_t>(*index) + 1) * width_);
    active_ns_[*index] += (edge - at).count();
    at = edge;
  }
}

SteadyState TokenBuckets::Judge(TimePoint first_send_at, TimePoint last_end_at, double threshold) const {
  const int64_t used = std::clamp<int64_t>(RoundedUp(last_end_at - origin_, width_), 1, kMaxBuckets);
  const TimePoint end = std::min(last_end_at, origin_ + used * width_);
  const auto count = static_cast<size_t>(used);
  SteadyState steady;
  steady.bucket = width_;
  steady.tokens = tokens_;
  // A run that ends on the edge of a bucket has its last tokens at that very instant: they belong to the
  // bucket before it.
  if (steady.tokens.size() > count) steady.tokens[count - 1] += steady.tokens[count];
  steady.tokens.resize(count);
  std::vector<Duration> time_of(count, width_);
  time_of.front() -= std::max(first_send_at - origin_, Duration::zero());
  time_of.back() -= origin_ + used * width_ - end;
  steady.active.resize(count);
  for (size_t k = 0; k < std::min(count, active_ns_.size()); ++k) {
    steady.active[k] = static_cast<double>(active_ns_[k]) / static_cast<double>(time_of[k].count());
  }
  steady.peak_active = *std::max_element(steady.active.begin(), steady.active.end());
  steady.whole_tokens_per_second =
      std::accumulate(steady.tokens.begin(), steady.tokens.end(), 0.0) / ToSeconds(end - first_send_at);
  FindWindow(threshold, steady);
  MeasureWindow(time_of, steady);
  return steady;
}

}  // namespace llmdyno
