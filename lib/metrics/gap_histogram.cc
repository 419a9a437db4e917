#include "llmdyno/metrics/gap_histogram.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

#include "llmdyno/metrics/distribution.h"

namespace llmdyno {
namespace {

// A value v >= 128 ns has kPartBits + 1 significant bits: its power of two, and which of 128 equal parts of
// it.
constexpr int kPartBits = 7;
constexpr int64_t kParts = int64_t{1} << kPartBits;
constexpr int64_t kSmallestNs = GapHistogram::kSmallest.count();
constexpr int64_t kLargestNs = GapHistogram::kLargest.count();

constexpr int64_t PartIndex(int64_t ns) {
  const int shift = static_cast<int>(std::bit_width(static_cast<uint64_t>(ns))) - (kPartBits + 1);
  return shift * kParts + (ns >> shift) - kParts;
}

constexpr int64_t kFirstPart = PartIndex(kSmallestNs);
constexpr int64_t kLastPart = PartIndex(kLargestNs);
// One bin below the range and one above.
constexpr int64_t kBins = kLastPart - kFirstPart + 3;

int64_t BinOf(int64_t ns) {
  if (ns < kSmallestNs) return 0;
  if (ns > kLargestNs) return kBins - 1;
  return PartIndex(ns) - kFirstPart + 1;
}

// The smallest value of a bin's part; the next part's is its upper end.
int64_t LowerEnd(int64_t bin) {
  const int64_t part = bin - 1 + kFirstPart;
  return (kParts + part % kParts) << (part / kParts);
}

}  // namespace

void GapHistogram::Add(Duration total, int64_t count) {
  assert(count > 0);
  const int64_t total_ns = std::max<int64_t>(total.count(), 0);
  const int64_t gap_ns = total_ns / count;
  if (bins_.empty()) bins_.resize(kBins);
  bins_[static_cast<size_t>(BinOf(gap_ns))] += count;
  min_ns_ = n_ == 0 ? gap_ns : std::min(min_ns_, gap_ns);
  max_ns_ = std::max(max_ns_, gap_ns);
  n_ += count;
  sum_ns_ += total_ns;
}

void GapHistogram::Merge(const GapHistogram& other) {
  if (other.empty()) return;
  if (bins_.empty()) bins_.resize(kBins);
  for (size_t bin = 0; bin < bins_.size(); ++bin) bins_[bin] += other.bins_[bin];
  min_ns_ = empty() ? other.min_ns_ : std::min(min_ns_, other.min_ns_);
  max_ns_ = std::max(max_ns_, other.max_ns_);
  n_ += other.n_;
  sum_ns_ += other.sum_ns_;
}

std::optional<Duration> GapHistogram::Mean() const {
  if (empty()) return std::nullopt;
  return Duration(std::llround(static_cast<double>(sum_ns_) / static_cast<double>(n_)));
}

std::optional<Duration> GapHistogram::Min() const {
  return empty() ? std::nullopt : std::optional(Duration(min_ns_));
}

std::optional<Duration> GapHistogram::Max() const {
  return empty() ? std::nullopt : std::optional(Duration(max_ns_));
}

Duration GapHistogram::ValueAtRank(int64_t rank) const {
  if (rank <= 0) return Duration(min_ns_);
  if (rank >= n_ - 1) return Duration(max_ns_);
  int64_t before = 0;
  size_t bin = 0;
  while (before + bins_[bin] <= rank) before += bins_[bin++];
  // Spread the bin's samples evenly over it; the ends of the whole are known exactly.
  const auto index = static_cast<int64_t>(bin);
  const int64_t low = index == 0 ? 0 : LowerEnd(index);
  const int64_t high = index == kBins - 1 ? max_ns_ : LowerEnd(index + 1);
  const double position = (static_cast<double>(rank - before) + 0.5) / static_cast<double>(bins_[bin]);
  const auto value = low + std::llround(position * static_cast<double>(high - low));
  return Duration(std::clamp<int64_t>(value, min_ns_, max_ns_));
}

std::optional<Duration> GapHistogram::Quantile(double p) const {
  if (empty()) return std::nullopt;
  const double rank = static_cast<double>(n_ - 1) * std::clamp(p, 0.0, 1.0);
  const auto below = static_cast<int64_t>(rank);
  const auto low = static_cast<double>(ValueAtRank(below).count());
  const auto high = static_cast<double>(ValueAtRank(below + 1).count());
  return Duration(std::llround(low + (rank - static_cast<double>(below)) * (high - low)));
}

bool GapHistogram::IsThin(double p) const { return IsThinFor(n_, p); }

}  // namespace llmdyno
