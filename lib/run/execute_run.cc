#include "llmdyno/run/execute_run.h"

#include "llmdyno/base/status_macros.h"
#include "run/run_loop.h"

namespace llmdyno {

absl::StatusOr<RunResult> ExecuteRun(RunPlan& plan, const RunContext& context) {
  LLMDYNO_RETURN_IF_ERROR(plan.stop.Validate());
  LLMDYNO_RETURN_IF_ERROR(plan.retry.Validate());
  if (context.transports.empty()) {
    return absl::InvalidArgumentError("a run needs at least one transport, got none");
  }
  return RunLoop(plan, context).Run();
}

}  // namespace llmdyno
