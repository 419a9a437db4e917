// The loop of one run, step by step: asks the load model when and the source what, hands requests to the
// shards, files their records, judges the stop condition, draws the finish line, drains.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "llmdyno/run/execute_run.h"
#include "run/in_flight_request.h"
#include "run/redactor.h"
#include "run/shards.h"

namespace llmdyno {

class RunLoop final : private InFlightListener {
 public:
  // Both must outlive the loop, which begins now.
  RunLoop(RunPlan& plan, const RunContext& context);

  absl::StatusOr<RunResult> Run();

 private:
  // InFlightListener
  void OnTokens(int64_t tokens, TimePoint at) override;
  void OnRequestEnded(InFlightRequest& request) override;

  absl::Status RunToFinishLine();
  void Drain();
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
  std::vector<Duration> cpu_times_at_line_;
  std::optional<StopReason> stopped_;
  bool source_exhausted_ = false;
  std::unique_ptr<Shards> shards_;  // destroyed first: its threads may use the above
};

}  // namespace llmdyno
