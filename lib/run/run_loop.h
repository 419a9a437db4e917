// The loop of one run, step by step: asks the load model when and the source what, hands requests to the
// shards, files their records, judges the stop condition, draws the finish line, drains.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "llmdyno/run/execute_run.h"
#include "run/core_times.h"
#include "run/in_flight_request.h"
#include "run/redactor.h"
#include "run/shards.h"

namespace llmdyno {

class RunLoop final : private InFlightListener {
 public:
  // Both must outlive the loop.
  RunLoop(RunPlan& plan, const RunContext& context);

  // The clock starts.
  void Begin();
  // One round of the loop, which waits until `latest` at most. False once the last request has ended.
  bool Step(TimePoint latest);
  RunProgress Progress() const;
  // What has come of it; a run that is not over is stopped, and what is in flight cancelled.
  absl::StatusOr<RunResult> Finish();

 private:
  // InFlightListener
  void OnTokens(int64_t tokens, TimePoint at) override;
  void OnRequestEnded(InFlightRequest& request) override;

  enum class Stage { kRunning, kDraining, kOver };

  absl::Status StepToFinishLine(TimePoint latest);
  void BeginDrain();
  // False when there is nothing left to wait for.
  bool StepOfDrain(TimePoint latest);
  void Conclude();
  // Hands over what is due; returns when the loop has to look again if nothing happens.
  absl::StatusOr<TimePoint> IssueDue();
  // No more requests will be sent: when the loop has to look again.
  TimePoint NothingToIssue();
  // Until when requests may be handed over now.
  TimePoint HandOverUntil() const;
  // Sends what failed and is to be tried again; returns when the next such request is due.
  TimePoint SendAgain();
  // Those that still wait for another attempt will have none.
  void GiveUpRetries();
  // The request has its last outcome.
  void FileRequest(InFlightRequest& request);
  // It was handed over and recalled: as if it had never been.
  void ForgetUnsent(InFlightRequest& request);
  absl::Status Issue(Request request, const IssueAt& decision);
  void NoteSend(const RequestRecord& record);
  void JudgeStop();
  void DrawFinishLine(TimePoint line, StopReason reason);
  void ReportProgress();
  LoadState State() const;

  RunPlan& plan_;
  const RunContext& context_;
  Stage stage_ = Stage::kRunning;
  absl::Status status_;
  RunResult result_;
  RunTotals totals_;
  VectorDimension dimension_;
  const Redactor redactor_;
  int64_t in_flight_ = 0;  // those that wait to be sent, for the first time or another attempt, included
  std::vector<std::pair<TimePoint, InFlightRequest*>> to_retry_;
  std::vector<int64_t> issued_by_user_;
  TimePoint latest_token_at_;
  TimePoint last_due_at_;
  TimePoint next_progress_at_ = kEndOfTime;
  TimePoint drain_until_ = kEndOfTime;
  std::optional<CoreTimes> cores_at_start_;
  std::optional<ThreadUsage> usage_at_start_;  // of this thread, when the shards have others
  std::vector<ThreadUsage> usages_at_line_;
  std::optional<StopReason> stopped_;
  bool source_exhausted_ = false;
  std::unique_ptr<Shards> shards_;  // destroyed first: its threads may use the above
};

}  // namespace llmdyno
