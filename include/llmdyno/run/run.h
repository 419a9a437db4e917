// A run under way, for programs that have a loop of their own; ExecuteRun is for those that have not.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/run/run_plan.h"
#include "llmdyno/run/run_progress.h"

namespace llmdyno {

class RunLoop;

// Used by one thread, apart from the context's control. Sends and reads only inside Step: whoever does not
// call it for long sends late and reads late, and the verdict says so. With several transports the shards'
// threads go on meanwhile; only decisions wait.
class Run {
 public:
  // The clock starts now; nothing is sent before the first Step. InvalidArgument for a plan or context that
  // cannot be run. What the context refers to must outlive the run.
  static absl::StatusOr<std::unique_ptr<Run>> Begin(RunPlan plan, RunContext context);
  // As Finish().
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Does what is due, then waits until something happens, but not beyond `deadline`. An instant that is past
  // means: do not wait. False once the run is over and its last request has ended.
  bool Step(TimePoint deadline);

  // How far it has come: what the callback of the context is told, whenever it is wanted.
  RunProgress Progress() const;

  // The result, as ExecuteRun returns it. A run that is not over is stopped first: what is in flight is
  // cancelled. Errors are ExecuteRun's.
  absl::StatusOr<RunResult> Finish();

 private:
  Run(RunPlan plan, RunContext context);

  RunPlan plan_;
  const RunContext context_;
  std::unique_ptr<RunLoop> loop_;
};

}  // namespace llmdyno
