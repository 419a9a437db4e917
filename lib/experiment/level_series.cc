#include "llmdyno/experiment/level_series.h"

#include <cstdio>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

std::string TooManyFailures(const LevelEnd& end, double target, double limit) {
  char text[120];
  std::snprintf(text, sizeof text, "success %.1f %% at %.4g is below %.4g %%", end.success_percent, target,
                limit);
  return text;
}

}  // namespace

absl::StatusOr<LevelSeriesResult> RunLevelSeries(const LevelSeriesConfig& config,
                                                 const LevelSeriesSteps& steps) {
  LevelSeriesResult result;
  const auto count = static_cast<int64_t>(config.targets.size());
  const auto skip_from = [&](int64_t first, std::string reason) {
    result.skipped.assign(config.targets.begin() + first, config.targets.end());
    if (!result.skipped.empty()) result.skip_reason = std::move(reason);
    return result;
  };
  for (int64_t index = 0; index < count; ++index) {
    const double target = config.targets[static_cast<size_t>(index)];
    const bool goes_on = index == 0 || config.cool_down == Duration::zero() || steps.pause(config.cool_down);
    if (!goes_on) {
      result.interrupted = true;
      return skip_from(index, "interrupted");
    }
    LLMDYNO_ASSIGN_OR_RETURN(const LevelEnd end, steps.run_level(index, target));
    ++result.levels_run;
    if (end.interrupted) {
      result.interrupted = true;
      return skip_from(index + 1, "interrupted");
    }
    if (!end.broke_off.empty()) return skip_from(index + 1, end.broke_off);
    if (end.success_percent < config.min_success_percent) {
      return skip_from(index + 1, TooManyFailures(end, target, config.min_success_percent));
    }
  }
  return result;
}

}  // namespace llmdyno
