#include "llmdyno/experiment/repeated_run.h"

#include <utility>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {

absl::StatusOr<RepeatResult> RunRepeated(const RepeatConfig& config, const RepeatSteps& steps) {
  RepeatResult repeated;
  for (int64_t run = 0; run < config.runs; ++run) {
    // Asked even when there is nothing to wait for: the user may have stopped it while the last run drained.
    if (run > 0 && !steps.pause(config.cool_down)) {
      repeated.interrupted = true;
      break;
    }
    LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, steps.make_plan(run));
    plan.run = run;
    if (run == 0) repeated.next_request_id = plan.first_request_id;
    plan.first_request_id = repeated.next_request_id;
    LLMDYNO_ASSIGN_OR_RETURN(const RunResult result, steps.execute(plan, run));
    ++repeated.runs;
    repeated.next_request_id += result.requests_drawn;
    repeated.interrupted = IsCut(result.stop_reason);
    if (!IsCompleteRun(ToString(result.stop_reason))) break;
  }
  return repeated;
}

absl::StatusOr<RepeatedLevel> RunRepeatedLevel(const RepeatConfig& config, const LevelRepeatSteps& steps) {
  RepeatedLevel level;
  const RepeatSteps inner{steps.make_plan,
                          [&](RunPlan& plan, int64_t run) -> absl::StatusOr<RunResult> {
                            LLMDYNO_ASSIGN_OR_RETURN(LevelRun measured, steps.execute(plan, run));
                            level.runs.push_back(std::move(measured));
                            return level.runs.back().result;
                          },
                          steps.pause};
  LLMDYNO_ASSIGN_OR_RETURN(level.repeated, RunRepeated(config, inner));
  std::vector<RepetitionOutcome> outcomes;
  std::vector<const RunMetrics*> complete;
  for (const LevelRun& run : level.runs) {
    const std::string_view reason = ToString(run.result.stop_reason);
    outcomes.push_back({reason, run.metrics.completed_per_second});
    if (IsCompleteRun(reason)) complete.push_back(&run.metrics.all);
  }
  level.shown = RepetitionToShow(outcomes);
  level.spread = SpreadOfRuns(complete);
  return level;
}

}  // namespace llmdyno
