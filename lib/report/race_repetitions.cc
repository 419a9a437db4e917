#include "llmdyno/report/race_repetitions.h"

#include <cassert>
#include <utility>

namespace llmdyno {

void TakeRepetitions(std::vector<RaceRepetition> repetitions, RaceReport& report) {
  assert(!repetitions.empty());
  std::vector<RepetitionOutcome> outcomes;
  std::vector<const RunMetrics*> complete;
  std::vector<Validity> verdicts;
  for (const RaceRepetition& repetition : repetitions) {
    const RunMetrics& metrics = repetition.metrics;
    outcomes.push_back({metrics.stop_reason, metrics.output_tokens_per_second});
    if (IsCompleteRun(metrics.stop_reason)) complete.push_back(&metrics);
    verdicts.push_back(repetition.validity);
  }
  const size_t shown = RepetitionToShow(outcomes);
  report.metrics = repetitions[shown].metrics;
  report.health = repetitions[shown].health;
  report.validity = ValidityOfAll(verdicts, shown);
  if (repetitions.size() == 1) return;
  report.spread = SpreadOfRuns(complete);
  report.repetition = static_cast<int64_t>(shown);
  report.repetitions = std::move(repetitions);
}

}  // namespace llmdyno
