#include "qps/level_report.h"

#include <string>
#include <utility>
#include <vector>

namespace llmdyno {

LevelReport MakeLevelReport(const RepeatedLevel& level, const SelftestFile& selftest, LoadLever lever,
                            const Clock& clock) {
  const LevelRun& shown = level.run();
  LevelReport report;
  report.stop_reason = std::string(ToString(shown.result.stop_reason));
  report.started_at = clock.WallNow() - (clock.Now() - level.runs.front().result.started_at);
  report.metrics = shown.metrics;
  report.health = shown.health;
  report.steady = shown.steady;
  std::vector<Validity> verdicts;
  for (const LevelRun& run : level.runs) verdicts.push_back(JudgeValidity(run.health, {}, lever));
  report.validity = ValidityOfAll(verdicts, level.shown);
  report.measurement_errors =
      selftest.ErrorsAt({.in_flight = shown.metrics.peak_in_flight,
                         .tokens_per_second = shown.metrics.all.output_tokens_per_second});
  if (level.runs.size() == 1) return report;
  report.repetition = static_cast<int64_t>(level.shown);
  report.spread = level.spread;
  for (size_t i = 0; i < level.runs.size(); ++i) {
    const LevelRun& run = level.runs[i];
    report.repetitions.push_back(
        {std::string(ToString(run.result.stop_reason)), run.metrics, run.health, std::move(verdicts[i])});
  }
  return report;
}

}  // namespace llmdyno
