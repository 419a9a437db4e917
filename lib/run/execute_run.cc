#include "llmdyno/run/execute_run.h"

#include "llmdyno/base/status_macros.h"
#include "llmdyno/run/run.h"
#include "run/run_loop.h"

namespace llmdyno {
namespace {

absl::Status Validate(const RunPlan& plan, const RunContext& context) {
  LLMDYNO_RETURN_IF_ERROR(plan.stop.Validate());
  LLMDYNO_RETURN_IF_ERROR(plan.retry.Validate());
  if (plan.source == nullptr || plan.load == nullptr || plan.dialect == nullptr) {
    return absl::InvalidArgumentError("a run needs a request source, a load model and a dialect");
  }
  if (!context.transports.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("a run needs at least one transport, got none");
}

}  // namespace

absl::StatusOr<RunResult> ExecuteRun(RunPlan& plan, const RunContext& context) {
  LLMDYNO_RETURN_IF_ERROR(Validate(plan, context));
  RunLoop loop(plan, context);
  loop.Begin();
  while (loop.Step(kEndOfTime)) {
  }
  return loop.Finish();
}

absl::StatusOr<std::unique_ptr<Run>> Run::Begin(RunPlan plan, RunContext context) {
  LLMDYNO_RETURN_IF_ERROR(Validate(plan, context));
  std::unique_ptr<Run> run(new Run(std::move(plan), std::move(context)));
  run->loop_->Begin();
  return run;
}

Run::Run(RunPlan plan, RunContext context)
    : plan_(std::move(plan)),
      context_(std::move(context)),
      loop_(std::make_unique<RunLoop>(plan_, context_)) {}

Run::~Run() { (void)Finish(); }
bool Run::Step(TimePoint deadline) { return loop_->Step(deadline); }
absl::StatusOr<RunResult> Run::Finish() { return loop_->Finish(); }

}  // namespace llmdyno
