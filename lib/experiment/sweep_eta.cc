#include "llmdyno/experiment/sweep_eta.h"

#include <algorithm>
#include <cmath>

namespace llmdyno {

SweepEta::SweepEta(const SweepConfig& config)
    : levels_(config.levels), runs_(config.runs), has_warm_ups_(config.warm_up_requests > 0) {}

void SweepEta::OnRunEnded(int64_t level_index, int64_t run, Duration took) {
  Seen& seen = run < 0 ? warm_ups_ : seen_[static_cast<size_t>(level_index)];
  seen.seconds += ToSeconds(took);
  ++seen.runs;
}

double SweepEta::Rounds(size_t level) const {
  const SweepLevel& at = levels_[level];
  return std::ceil(static_cast<double>(at.requests.value_or(1)) / static_cast<double>(at.in_flight)) *
         at.request_weight;
}

// Of a level that ran its mean; else what its neighbours among those say.
double SweepEta::SecondsPerRound(size_t level) const {
  if (const auto own = seen_.find(level); own != seen_.end()) {
    return own->second.seconds / static_cast<double>(own->second.runs) / Rounds(level);
  }
  struct Point {
    double in_flight = 0;
    double seconds = 0;
  };
  std::vector<Point> known;
  for (const auto& [index, seen] : seen_) {
    known.push_back({static_cast<double>(levels_[index].in_flight), SecondsPerRound(index)});
  }
  const auto wanted = static_cast<double>(levels_[level].in_flight);
  std::stable_sort(known.begin(), known.end(), [&](const Point& a, const Point& b) {
    return std::abs(a.in_flight - wanted) < std::abs(b.in_flight - wanted);
  });
  const Point& nearest = known[0];
  const auto other = std::find_if(known.begin(), known.end(),
                                  [&](const Point& point) { return point.in_flight != nearest.in_flight; });
  if (other == known.end()) return nearest.seconds;
  const double slope = (other->seconds - nearest.seconds) / (other->in_flight - nearest.in_flight);
  // Noise between two small levels must not become a trend that makes rounds faster with more in flight.
  return nearest.seconds + std::max(slope, 0.0) * (wanted - nearest.in_flight);
}

double SweepEta::SecondsOfRun(size_t level) const {
  const auto own = seen_.find(level);
  if (own != seen_.end()) return own->second.seconds / static_cast<double>(own->second.runs);
  const std::optional<Duration>& duration = levels_[level].duration;
  if (!levels_[level].requests && duration) return ToSeconds(*duration);
  const double seconds = std::max(0.0, SecondsPerRound(level) * Rounds(level));
  return duration ? std::min(seconds, ToSeconds(*duration)) : seconds;
}

double SweepEta::SecondsOfWarmUp() const {
  return warm_ups_.runs > 0 ? warm_ups_.seconds / static_cast<double>(warm_ups_.runs) : 0;
}

std::optional<Duration> SweepEta::Left(int64_t level_index, int64_t run, Duration under_way) const {
  if (seen_.empty()) return std::nullopt;
  const auto at_hand = static_cast<size_t>(level_index);
  const double of_this = run < 0 ? SecondsOfWarmUp() : SecondsOfRun(at_hand);
  // A run that takes longer than expected is about to end.
  double left = std::max(0.0, of_this - ToSeconds(under_way));
  const int64_t more_runs = runs_ - 1 - std::max<int64_t>(run, -1);
  left += SecondsOfRun(at_hand) * static_cast<double>(more_runs);
  for (size_t level = at_hand + 1; level < levels_.size(); ++level) {
    left += SecondsOfRun(level) * static_cast<double>(runs_) + (has_warm_ups_ ? SecondsOfWarmUp() : 0);
  }
  return FromSeconds(left);
}

}  // namespace llmdyno
