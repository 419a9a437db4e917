#include "llmdyno/metrics/timeline.h"

#include <algorithm>

namespace llmdyno {
namespace {

int64_t BinOf(TimePoint at) {
  const int64_t ns = at.time_since_epoch().count();
  const int64_t bin = ns / Timeline::kBin.count();
  return ns < 0 && ns % Timeline::kBin.count() != 0 ? bin - 1 : bin;
}

}  // namespace

void Timeline::Add(TimePoint at, double tokens) {
  total_ += tokens;
  AddToBin(BinOf(at), tokens);
}

void Timeline::Merge(const Timeline& other) {
  total_ += other.total_;
  int64_t bin = other.first_bin_;
  for (const double tokens : other.bins_) AddToBin(bin++, tokens);
}

void Timeline::AddToBin(int64_t bin, double tokens) {
  if (bins_.empty()) first_bin_ = bin;
  if (bin < first_bin_) {
    const int64_t missing = first_bin_ - bin;
    if (missing + static_cast<int64_t>(bins_.size()) > kMaxBins) return;
    bins_.insert(bins_.begin(), static_cast<size_t>(missing), 0.0);
    first_bin_ = bin;
  }
  const int64_t index = bin - first_bin_;
  if (index >= kMaxBins) return;
  if (index >= static_cast<int64_t>(bins_.size())) bins_.resize(static_cast<size_t>(index) + 1);
  bins_[static_cast<size_t>(index)] += tokens;
}

double Timeline::TokensBefore(TimePoint at) const {
  const int64_t cut = BinOf(at) - first_bin_;
  double tokens = 0;
  for (int64_t i = 0; i < std::min(cut, static_cast<int64_t>(bins_.size())); ++i)
    tokens += bins_[static_cast<size_t>(i)];
  if (cut >= 0 && cut < static_cast<int64_t>(bins_.size())) {
    const Duration inside = at.time_since_epoch() - (first_bin_ + cut) * kBin;
    tokens += bins_[static_cast<size_t>(cut)] * ToSeconds(inside) / ToSeconds(kBin);
  }
  return tokens;
}

std::optional<double> Timeline::PeakPerSecond(Duration elapsed) const {
  if (elapsed <= Duration::zero()) return std::nullopt;
  const double average = total_ / ToSeconds(elapsed);
  if (elapsed < kPeakWindow) return average;
  constexpr size_t kWindowBins = kPeakWindow / kBin;
  double in_window = 0;
  double best = 0;
  for (size_t i = 0; i < bins_.size(); ++i) {
    in_window += bins_[i];
    if (i >= kWindowBins) in_window -= bins_[i - kWindowBins];
    best = std::max(best, in_window);
  }
  return std::max(best / ToSeconds(kPeakWindow), average);
}

std::vector<double> Timeline::RatesBetween(TimePoint from, TimePoint until, Duration stretch) const {
  const int64_t width = std::max<int64_t>(1, (stretch + kBin - Duration(1)) / kBin);
  const int64_t begin = BinOf(from);
  const int64_t count = std::clamp<int64_t>((BinOf(until) - begin) / width, 0, kMaxBins);
  std::vector<double> rates(static_cast<size_t>(count));
  for (int64_t i = 0; i < count * width; ++i) {
    const int64_t bin = begin + i - first_bin_;
    if (bin < 0 || bin >= std::ssize(bins_)) continue;
    rates[static_cast<size_t>(i / width)] += bins_[static_cast<size_t>(bin)];
  }
  for (double& rate : rates) rate /= ToSeconds(width * kBin);
  return rates;
}

double Timeline::FullestBucket(TimePoint from, Duration bucket) const {
  const int64_t bins_per_bucket = bucket / kBin;
  const int64_t origin = BinOf(from);
  double fullest = 0;
  double in_bucket = 0;
  int64_t current = 0;
  for (size_t i = 0; i < bins_.size(); ++i) {
    const int64_t offset = first_bin_ + static_cast<int64_t>(i) - origin;
    if (offset < 0) continue;
    if (offset / bins_per_bucket != current) in_bucket = 0;
    current = offset / bins_per_bucket;
    in_bucket += bins_[i];
    fullest = std::max(fullest, in_bucket);
  }
  return fullest;
}

}  // namespace llmdyno
