#include "llmdyno/run/execute_run.h"

#include <memory>
#include <string>
#include <system_error>
#include <utility>

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

// Both must outlive the loop.
absl::StatusOr<std::unique_ptr<RunLoop>> BeginLoop(RunPlan& plan, const RunContext& context) {
  LLMDYNO_RETURN_IF_ERROR(Validate(plan, context));
  try {
    auto loop = std::make_unique<RunLoop>(plan, context);
    loop->Begin();
    return loop;
  } catch (const std::system_error& error) {
    return absl::UnavailableError("this machine refuses a thread for each of " +
                                  std::to_string(context.transports.size()) + " transports: " + error.what());
  }
}

}  // namespace

absl::StatusOr<RunResult> ExecuteRun(RunPlan& plan, const RunContext& context) {
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<RunLoop> loop, BeginLoop(plan, context));
  while (loop->Step(kEndOfTime)) {
  }
  return loop->Finish();
}

absl::StatusOr<std::unique_ptr<Run>> Run::Begin(RunPlan plan, RunContext context) {
  std::unique_ptr<Run> run(new Run(std::move(plan), std::move(context)));
  LLMDYNO_ASSIGN_OR_RETURN(run->loop_, BeginLoop(run->plan_, run->context_));
  return run;
}

Run::Run(RunPlan plan, RunContext context) : plan_(std::move(plan)), context_(std::move(context)) {}

Run::~Run() {
  if (loop_ != nullptr) (void)loop_->Finish();
}
bool Run::Step(TimePoint deadline) { return loop_->Step(deadline); }
RunProgress Run::Progress() const { return loop_->Progress(); }
absl::StatusOr<RunResult> Run::Finish() { return loop_->Finish(); }

}  // namespace llmdyno
