#include "llmdyno/report/rolling_rate.h"

namespace llmdyno {
namespace {

constexpr Duration kResolution = std::chrono::milliseconds(100);

}  // namespace

void RollingRate::Add(TimePoint now, int64_t total) {
  latest_ = Sample{now, total};
  if (samples_.empty() || now - samples_.back().at >= kResolution) samples_.push_back(*latest_);
  // The oldest sample kept is the last one that is a whole window old, so that growth is over the full
  // window.
  while (samples_.size() > 1 && now - samples_[1].at >= window_) samples_.pop_front();
}

std::optional<double> RollingRate::PerSecond() const {
  if (samples_.empty() || latest_->at <= samples_.front().at) return std::nullopt;
  const Duration time = latest_->at - samples_.front().at;
  return static_cast<double>(latest_->total - samples_.front().total) / ToSeconds(time);
}

}  // namespace llmdyno
