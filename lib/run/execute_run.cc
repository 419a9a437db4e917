#include "llmdyno/run/execute_run.h"

#include <algorithm>
#include <cassert>
#include <ctime>
#include <memory>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "run/in_flight_request.h"
#include "run/output_calibration.h"
#include "run/redactor.h"

namespace llmdyno {
namespace {

// Requests issued in a row before the transport gets to read. Fewer than the 64 ready sockets that it handles
// in a row, because at a rate that fills a core reading has to come first: where sends come first, answers
// that are there already keep their connections busy, each send opens a new one, and what is offered is never
// caught up with. (With 64 here, 30,000 requests a second offered became 14,000; with 16, 39,000 were held.)
constexpr int kIssuesPerPoll = 16;
// Requests that are due at the very same instant are a batch, and leave as one: what comes back meanwhile has
// its stamp from the kernel. Still not so many that nothing is read for long.
constexpr int kBatchPerPoll = 256;

Duration ThreadCpuTime() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
}

class RunLoop final : private InFlightListener {
 public:
  RunLoop(RunPlan& plan, const RunContext& context)
      : plan_(plan), context_(context), dimension_(plan.dimension), redactor_(plan.endpoint) {}

  absl::StatusOr<RunResult> Run();

 private:
  // InFlightListener
  void OnTokens(int64_t tokens, TimePoint at) override;
  void OnRequestEnded(InFlightRequest& request) override;

  absl::Status RunToFinishLine();
  void Drain();
  // Sends what is due; returns when the loop has to look again if nothing happens.
  absl::StatusOr<TimePoint> IssueDue();
  // No more requests will be sent: when the loop has to look again.
  TimePoint NothingToIssue();
  // Sends what failed and is to be tried again; returns when the next such request is due.
  TimePoint SendAgain();
  // Those that still wait for another attempt will have none.
  void GiveUpRetries();
  // The request has its last outcome.
  void FileRequest(InFlightRequest& request);
  absl::Status Issue(Request request, const IssueAt& decision);
  void JudgeStop();
  void DrawFinishLine(TimePoint line, StopReason reason);
  void ReportProgress();
  InFlightRequest& TakeIdle();
  LoadState State() const;

  RunPlan& plan_;
  const RunContext& context_;
  RunResult result_;
  RunTotals totals_;
  OutputCalibration calibration_;
  VectorDimension dimension_;
  const Redactor redactor_;
  std::vector<std::unique_ptr<InFlightRequest>> requests_;  // all that were ever made
  std::vector<InFlightRequest*> idle_;
  int64_t in_flight_ = 0;  // those that wait for another attempt included
  std::vector<std::pair<TimePoint, InFlightRequest*>> to_retry_;
  std::vector<int64_t> issued_by_user_;
  HttpRequest http_;  // keeps its memory from request to request
  TimePoint latest_token_at_;
  TimePoint next_progress_at_ = kEndOfTime;
  Duration cpu_at_start_{};
  std::optional<StopReason> stopped_;
  bool source_exhausted_ = false;
};

absl::StatusOr<RunResult> RunLoop::Run() {
  context_.control.Attach(&context_.transport);
  cpu_at_start_ = ThreadCpuTime();
  result_.started_at = totals_.started_at = totals_.now = latest_token_at_ = context_.clock.Now();
  if (context_.on_progress) next_progress_at_ = result_.started_at + context_.progress_interval;
  absl::Status status = RunToFinishLine();
  if (!stopped_) DrawFinishLine(context_.clock.Now(), StopReason::kInterrupted);
  Drain();
  context_.control.Attach(nullptr);
  if (!status.ok()) return status;
  return result_;
}

absl::Status RunLoop::RunToFinishLine() {
  for (;;) {
    totals_.now = context_.clock.Now();
    JudgeStop();
    if (stopped_) return absl::OkStatus();
    const TimePoint next_retry = SendAgain();
    LLMDYNO_ASSIGN_OR_RETURN(TimePoint wake_at, IssueDue());
    if (stopped_) return absl::OkStatus();
    wake_at = std::min(wake_at, next_retry);
    ReportProgress();
    wake_at = std::min({wake_at, plan_.stop.Deadline(totals_), next_progress_at_});
    context_.transport.Poll(wake_at);
  }
}

void RunLoop::JudgeStop() {
  if (stopped_) return;
  if (context_.control.stop_requested()) {
    DrawFinishLine(totals_.now, StopReason::kInterrupted);
  } else if (const auto reason = plan_.stop.Judge(totals_)) {
    // The target of tokens is judged where they are counted; here it is a limit of time, requests or
    // failures.
    DrawFinishLine(std::max(totals_.now, latest_token_at_), *reason);
  } else if (source_exhausted_ && in_flight_ == 0) {
    DrawFinishLine(totals_.now, StopReason::kSourceExhausted);
  }
}

absl::StatusOr<TimePoint> RunLoop::IssueDue() {
  TimePoint batch_due;
  int others = 0;  // issued that do not belong to a batch
  for (int issued = 0; issued < kBatchPerPoll && others < kIssuesPerPoll; ++issued) {
    if (stopped_) return totals_.now;  // a transport may hand bytes over while it starts a request
    if (source_exhausted_) return kEndOfTime;
    if (!plan_.stop.MayIssue(totals_)) return NothingToIssue();
    totals_.now = context_.clock.Now();
    const LoadDecision decision = plan_.load->Next(State());
    const auto* issue = std::get_if<IssueAt>(&decision);
    if (issue == nullptr) {
      assert(in_flight_ > 0 || std::holds_alternative<LoadFinished>(decision));
      if (std::holds_alternative<AwaitCompletion>(decision)) return kEndOfTime;
      source_exhausted_ = true;
      return NothingToIssue();
    }
    if (issue->at > totals_.now) return issue->at;
    if (issue->at != std::exchange(batch_due, issue->at)) ++others;
    NextRequest next = plan_.source->Next(totals_.now);
    if (const auto* wait = std::get_if<NotBefore>(&next)) return wait->at;
    if (std::holds_alternative<AwaitResponse>(next) && in_flight_ > 0) return kEndOfTime;
    if (!std::holds_alternative<Request>(next)) {
      // A source that awaits a response when none is under way would wait for ever.
      if (std::holds_alternative<AwaitResponse>(next)) {
        context_.diagnostics.Warn(
            "the workload waits for a response although no request is under way; ending the run");
      }
      source_exhausted_ = true;
      return NothingToIssue();
    }
    LLMDYNO_RETURN_IF_ERROR(Issue(std::get<Request>(std::move(next)), *issue));
  }
  return totals_.now;  // more is due: read what has come, then go on
}

TimePoint RunLoop::NothingToIssue() {
  if (!totals_.all_issued_at) totals_.all_issued_at = result_.last_sent_at.value_or(totals_.now);
  return in_flight_ == 0 ? totals_.now : kEndOfTime;
}

absl::Status RunLoop::Issue(Request request, const IssueAt& decision) {
  request.id += plan_.first_request_id;
  LLMDYNO_RETURN_IF_ERROR(plan_.dialect->Encode(request, plan_.endpoint, http_));
  InFlightRequest& in_flight = TakeIdle();
  RequestRecord& record = in_flight.Begin(request, plan_.dialect->streams(), plan_.keep_texts);
  const auto user = static_cast<size_t>(decision.user_id);
  if (issued_by_user_.size() <= user) issued_by_user_.resize(user + 1);
  record.user_id = decision.user_id;
  record.user_request = ++issued_by_user_[user];
  record.phase = plan_.phase;
  record.level = plan_.level;
  record.run = plan_.run;
  record.scheduled_at = decision.at;
  record.sent_bytes = static_cast<int64_t>(http_.body.size());
  record.started_at = context_.clock.Now();
  if (!result_.first_sent_at) result_.first_sent_at = record.started_at;
  result_.last_sent_at = record.started_at;
  result_.last_due_at = decision.at;
  if (decision.user_id + 1 == plan_.load->user_count() && record.user_request == 1) {
    result_.all_users_active_at = record.started_at;
  }
  ++totals_.requests_issued;
  result_.peak_in_flight = std::max(result_.peak_in_flight, ++in_flight_);
  plan_.load->OnIssued(State());
  if (plan_.retry.max_attempts > 1) in_flight.KeepForRetry(http_);
  context_.transport.Start(request.id, http_, in_flight);
  return absl::OkStatus();
}

void RunLoop::OnTokens(int64_t tokens, TimePoint at) {
  if (tokens > 0) latest_token_at_ = std::max(latest_token_at_, at);
  if (stopped_) return;
  totals_.output_tokens += tokens;
  // The line is drawn at the arrival of the token that crosses it. Reads are not handled in the order of
  // their arrival, so the latest token counted so far is the one that completes the target.
  if (plan_.stop.output_tokens && totals_.output_tokens >= *plan_.stop.output_tokens) {
    DrawFinishLine(latest_token_at_, StopReason::kTargetTokens);
  }
}

TimePoint RunLoop::SendAgain() {
  TimePoint next = kEndOfTime;
  // A transport may tell of a failure while it starts a request; what that adds to the list is seen to next
  // time.
  auto waiting = std::exchange(to_retry_, {});
  for (auto& [due, request] : waiting) {
    if (due > totals_.now) {
      next = std::min(next, due);
      to_retry_.emplace_back(due, request);
      continue;
    }
    request->BeginAgain();
    context_.transport.Start(request->record().request_id, request->kept(), *request);
  }
  return next;
}

void RunLoop::GiveUpRetries() {
  for (auto& [due, request] : std::exchange(to_retry_, {})) FileRequest(*request);
}

void RunLoop::OnRequestEnded(InFlightRequest& request) {
  if (!stopped_ && plan_.retry.Allows(request.record())) {
    to_retry_.emplace_back(context_.clock.Now() + plan_.retry.PauseAfter(request.record()), &request);
    return;
  }
  FileRequest(request);
}

void RunLoop::FileRequest(InFlightRequest& request) {
  --in_flight_;
  const RequestRecord& record = request.record();
  totals_.now = context_.clock.Now();
  if (!stopped_) {
    if (IsRefusal(record.outcome) && totals_.refusals_at_start == totals_.requests_ended) {
      ++totals_.refusals_at_start;
    }
    ++totals_.requests_ended;
    if (record.outcome.ok()) {
      ++totals_.requests_ok;
      totals_.consecutive_failures = 0;
    } else {
      ++totals_.consecutive_failures;
    }
  } else if (record.outcome.cls == OutcomeClass::kCancelled) {
    ++result_.cancelled_in_drain;
  }
  if (!record.outcome.ok()) result_.last_failure = record.outcome.message;
  for (RecordSink* sink : context_.sinks) sink->OnRecord(record);
  plan_.source->OnFinished(record);
  plan_.load->OnFinished(record.user_id, record.outcome, State());
  idle_.push_back(&request);
}

void RunLoop::DrawFinishLine(TimePoint line, StopReason reason) {
  GiveUpRetries();
  stopped_ = reason;
  result_.stop_reason = reason;
  result_.finish_line = line;
  totals_.now = line;
  result_.totals = totals_;
  result_.in_flight_at_line = in_flight_;
  result_.loop_cpu_time = ThreadCpuTime() - cpu_at_start_;
  for (RecordSink* sink : context_.sinks) sink->OnFinishLine(line, ToString(reason));
}

void RunLoop::Drain() {
  const TimePoint now = context_.clock.Now();
  const TimePoint deadline = plan_.drain_timeout < kEndOfTime - now ? now + plan_.drain_timeout : kEndOfTime;
  // Whoever pressed Ctrl-C sees at once that it was heard.
  if (context_.on_progress) next_progress_at_ = now;
  while (in_flight_ > 0 && !context_.control.abort_requested()) {
    totals_.now = context_.clock.Now();
    if (totals_.now >= deadline) break;
    ReportProgress();
    context_.transport.Poll(std::min(deadline, next_progress_at_));
  }
  if (in_flight_ > 0) {
    for (const auto& request : requests_) context_.transport.Cancel(request->record().request_id);
  }
  result_.drained_at = context_.clock.Now();
  result_.dimension = dimension_.dimension();
}

void RunLoop::ReportProgress() {
  if (totals_.now < next_progress_at_) return;
  while (next_progress_at_ <= totals_.now) next_progress_at_ += context_.progress_interval;
  RunProgress progress;
  progress.totals = stopped_ ? result_.totals : totals_;
  progress.totals.now = totals_.now;
  progress.active_users = plan_.load->active_users(State());
  progress.in_flight = in_flight_;
  progress.draining = stopped_.has_value();
  context_.on_progress(progress);
}

InFlightRequest& RunLoop::TakeIdle() {
  if (idle_.empty()) {
    auto decoder = requests_.empty() ? plan_.dialect->NewDecoder() : requests_.front()->NewSiblingDecoder();
    requests_.push_back(std::make_unique<InFlightRequest>(
        std::move(decoder), static_cast<InFlightListener&>(*this), calibration_, dimension_, redactor_));
    idle_.push_back(requests_.back().get());
  }
  InFlightRequest* request = idle_.back();
  idle_.pop_back();
  return *request;
}

LoadState RunLoop::State() const {
  LoadState state;
  state.now = totals_.now;
  state.started_at = result_.started_at;
  state.issued = totals_.requests_issued;
  state.in_flight = in_flight_;
  state.completed = totals_.requests_issued - in_flight_;
  return state;
}

}  // namespace

absl::StatusOr<RunResult> ExecuteRun(RunPlan& plan, const RunContext& context) {
  LLMDYNO_RETURN_IF_ERROR(plan.stop.Validate());
  LLMDYNO_RETURN_IF_ERROR(plan.retry.Validate());
  return RunLoop(plan, context).Run();
}

}  // namespace llmdyno
