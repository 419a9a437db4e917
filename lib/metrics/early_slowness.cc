#include "llmdyno/metrics/early_slowness.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "llmdyno/metrics/distribution.h"
#include "metrics/probability.h"

namespace llmdyno {
namespace {

constexpr size_t kFewest = 100;

double MedianOf(std::span<const AnswerDelay> delays) {
  std::vector<double> sorted;
  sorted.reserve(delays.size());
  for (const AnswerDelay& delay : delays) sorted.push_back(delay.delay_ms);
  std::sort(sorted.begin(), sorted.end());
  return QuantileOfSorted(sorted, 0.5);
}

bool BeganWithBurst(std::span<const AnswerDelay> first, std::span<const AnswerDelay> later) {
  const double early = ToSeconds(first.back().sent_at - first.front().sent_at);
  const double late = ToSeconds(later.back().sent_at - later.front().sent_at);
  const double early_gaps = static_cast<double>(first.size() - 1);
  const double late_gaps = static_cast<double>(later.size() - 1);
  return early_gaps * late > 2 * late_gaps * early;
}

// From 1; equal values share the mean of their ranks.
std::vector<double> RanksOf(std::span<const AnswerDelay> first, std::span<const AnswerDelay> later) {
  std::vector<double> values;
  for (const AnswerDelay& delay : first) values.push_back(delay.delay_ms);
  for (const AnswerDelay& delay : later) values.push_back(delay.delay_ms);
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = static_cast<double>(begin + 1 + end) / 2;
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
    begin = end;
  }
  return ranks;
}

double CorrelationOfNeighbours(std::span<const double> values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double squares = 0;
  double products = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    squares += (values[i] - mean) * (values[i] - mean);
    if (i > 0) products += (values[i] - mean) * (values[i - 1] - mean);
  }
  return squares > 0 ? std::clamp(products / squares, 0.0, 0.95) : 0;
}

}  // namespace

std::optional<EarlySlowness> FindEarlySlowness(std::vector<AnswerDelay> delays) {
  if (delays.size() < kFewest) return std::nullopt;
  std::sort(delays.begin(), delays.end(),
            [](const AnswerDelay& a, const AnswerDelay& b) { return a.sent_at < b.sent_at; });
  const std::span<const AnswerDelay> all = delays;
  const auto first = all.first(all.size() / 10);
  const auto later = all.last(all.size() / 2);
  if (BeganWithBurst(first, later)) return std::nullopt;
  EarlySlowness found{.first_ms = MedianOf(first),
                      .later_ms = MedianOf(later),
                      .first = std::ssize(first),
                      .later = std::ssize(later)};
  if (found.later_ms <= 0) return std::nullopt;
  found.ratio = found.first_ms / found.later_ms;

  const std::vector<double> ranks = RanksOf(first, later);
  const auto n = static_cast<double>(first.size());
  const auto m = static_cast<double>(later.size());
  const double sum = std::accumulate(ranks.begin(), ranks.begin() + std::ssize(first), 0.0);
  const double r = CorrelationOfNeighbours(std::span(ranks).subspan(first.size()));
  const double variance = n * m * (n + m + 1) / 12 * (1 + r) / (1 - r);
  const double z = (sum - n * (n + m + 1) / 2 - 0.5) / std::sqrt(variance);
  found.p_value = 1 - NormalCdf(z);
  return found;
}

}  // namespace llmdyno
