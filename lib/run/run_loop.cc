#include "run/run_loop.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "run/core_times.h"
#include "run/own_thread_shard.h"
#include "run/send_budget.h"
#include "run/thread_usage.h"
#include "run/threaded_shards.h"

namespace llmdyno {
namespace {

std::unique_ptr<Shards> MakeShards(const std::vector<Transport*>& transports, const ShardSetting& setting,
                                   InFlightListener& listener) {
  assert(!transports.empty());
  if (transports.size() == 1) return MakeOwnThreadShard(*transports.front(), setting, listener);
  return MakeThreadedShards(transports, setting, listener);
}

}  // namespace

RunLoop::RunLoop(RunPlan& plan, const RunContext& context)
    : plan_(plan), context_(context), dimension_(plan.dimension), redactor_(plan.endpoint) {
  shards_ = MakeShards(context.transports,
                       {.clock = context.clock,
                        .dialect = *plan.dialect,
                        .redactor = redactor_,
                        .dimension = dimension_,
                        .keeps_requests = plan.retry.max_attempts > 1,
                        .target_tokens = plan.stop.output_tokens},
                       *this);
}

void RunLoop::Begin() {
  context_.control.Attach(&shards_->waiting());
  cores_at_start_ = ReadCoreTimes();
  if (shards_->has_own_threads()) usage_at_start_ = UsageOfThisThread();
  result_.started_at = totals_.started_at = totals_.now = latest_token_at_ = last_due_at_ =
      context_.clock.Now();
  if (context_.on_progress) next_progress_at_ = result_.started_at + context_.progress_interval;
}

bool RunLoop::Step(TimePoint latest) {
  switch (stage_) {
    case Stage::kRunning:
      status_ = StepToFinishLine(latest);
      if (!status_.ok() && !stopped_) DrawFinishLine(context_.clock.Now(), StopReason::kInterrupted);
      if (stopped_) BeginDrain();
      return true;
    case Stage::kDraining:
      if (StepOfDrain(latest)) return true;
      Conclude();
      return false;
    case Stage::kOver:
      return false;
  }
  return false;
}

absl::StatusOr<RunResult> RunLoop::Finish() {
  if (stage_ == Stage::kRunning) {
    totals_.now = context_.clock.Now();
    if (!stopped_) DrawFinishLine(totals_.now, StopReason::kInterrupted);
    BeginDrain();
  }
  if (stage_ == Stage::kDraining) Conclude();
  if (!status_.ok()) return status_;
  return result_;
}

absl::Status RunLoop::StepToFinishLine(TimePoint latest) {
  totals_.now = context_.clock.Now();
  JudgeStop();
  if (stopped_) return absl::OkStatus();
  const TimePoint next_retry = SendAgain();
  LLMDYNO_ASSIGN_OR_RETURN(const TimePoint next_issue, IssueDue());
  if (stopped_) return absl::OkStatus();
  ReportProgress();
  shards_->Poll(std::min({latest, next_issue, next_retry, plan_.stop.Deadline(totals_), next_progress_at_}));
  return absl::OkStatus();
}

void RunLoop::JudgeStop() {
  if (stopped_) return;
  if (context_.control.stop_requested()) {
    DrawFinishLine(totals_.now, context_.control.stop_reason());
  } else if (const auto reason = plan_.stop.Judge(totals_)) {
    // The target of tokens is judged where they are counted; here it is a limit of time, requests or
    // failures.
    DrawFinishLine(std::max(totals_.now, latest_token_at_), *reason);
  } else if (source_exhausted_ && in_flight_ == 0) {
    DrawFinishLine(totals_.now, StopReason::kSourceExhausted);
  }
}

absl::StatusOr<TimePoint> RunLoop::IssueDue() {
  for (SendBudget budget; budget.has_left();) {
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
    if (const TimePoint until = HandOverUntil(); issue->at > until) {
      return issue->at - (until - totals_.now);
    }
    budget.Spend(issue->at);
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
  if (!totals_.all_issued_at) totals_.all_issued_at = std::max(totals_.now, last_due_at_);
  return in_flight_ == 0 ? totals_.now : kEndOfTime;
}

TimePoint RunLoop::HandOverUntil() const {
  const Duration ahead = shards_->look_ahead();
  if (ahead == Duration::zero()) return totals_.now;
  // What is due when time is up is not sent.
  return std::max(totals_.now, std::min(totals_.now + ahead, plan_.stop.Deadline(totals_) - Duration(1)));
}

absl::Status RunLoop::Issue(Request request, const IssueAt& decision) {
  request.id += plan_.first_request_id;
  const bool has_users = plan_.load->user_count().has_value();
  InFlightRequest& in_flight = shards_->Take(has_users ? decision.user_id : request.id);
  HttpRequest& http = shards_->EncodingOf(in_flight);
  if (absl::Status status = plan_.dialect->Encode(request, plan_.endpoint, http); !status.ok()) {
    shards_->Release(in_flight);
    plan_.source->OnRefused(request, status);
    // Whoever keeps an eye on the source may have asked to stop: then the run ends like any that is stopped.
    return context_.control.stop_requested() ? absl::OkStatus() : status;
  }
  RequestRecord& record = in_flight.Begin(request, plan_.dialect->streams(), plan_.keep_texts);
  const auto user = static_cast<size_t>(decision.user_id);
  if (issued_by_user_.size() <= user) issued_by_user_.resize(user + 1);
  record.user_id = decision.user_id;
  record.user_request = ++issued_by_user_[user];
  record.phase = plan_.phase;
  record.level = plan_.level;
  record.run = plan_.run;
  record.scheduled_at = last_due_at_ = decision.at;
  record.sent_bytes = static_cast<int64_t>(http.body.size());
  ++totals_.requests_issued;
  ++result_.requests_drawn;
  ++in_flight_;
  plan_.load->OnIssued(State());
  shards_->Send(in_flight, decision.at);
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
    shards_->Send(*request, due);
  }
  return next;
}

void RunLoop::GiveUpRetries() {
  for (auto& [due, request] : std::exchange(to_retry_, {})) FileRequest(*request);
}

void RunLoop::OnRequestEnded(InFlightRequest& request) {
  if (!request.was_sent) {
    ForgetUnsent(request);
    return;
  }
  if (!stopped_ && plan_.retry.Allows(request.record())) {
    to_retry_.emplace_back(context_.clock.Now() + plan_.retry.PauseAfter(request.record()), &request);
    return;
  }
  FileRequest(request);
}

void RunLoop::ForgetUnsent(InFlightRequest& request) {
  --in_flight_;
  --totals_.requests_issued;
  if (stopped_) --result_.totals.requests_issued;
  shards_->Release(request);
}

void RunLoop::NoteSend(const RequestRecord& record) {
  result_.first_sent_at = std::min(result_.first_sent_at.value_or(record.started_at), record.started_at);
  if (!result_.last_sent_at || record.started_at >= *result_.last_sent_at) {
    result_.last_sent_at = record.started_at;
    result_.last_due_at = record.scheduled_at;
  }
  if (record.user_id + 1 == plan_.load->user_count() && record.user_request == 1) {
    result_.all_users_active_at = record.started_at;
  }
}

void RunLoop::FileRequest(InFlightRequest& request) {
  --in_flight_;
  const RequestRecord& record = request.record();
  NoteSend(record);
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
  shards_->Release(request);
}

void RunLoop::DrawFinishLine(TimePoint line, StopReason reason) {
  GiveUpRetries();
  shards_->Recall();
  stopped_ = reason;
  result_.stop_reason = reason;
  result_.finish_line = line;
  totals_.now = line;
  result_.totals = totals_;
  result_.in_flight_at_line = in_flight_;
  usages_at_line_ = shards_->Usages();
  result_.cores_busy_share = BusyShare(cores_at_start_, ReadCoreTimes());
  if (usage_at_start_) result_.decisions = UsageSince(*usage_at_start_);
  for (RecordSink* sink : context_.sinks) sink->OnFinishLine(line, ToString(reason));
}

void RunLoop::BeginDrain() {
  stage_ = Stage::kDraining;
  const TimePoint now = context_.clock.Now();
  drain_until_ = plan_.drain_timeout < kEndOfTime - now ? now + plan_.drain_timeout : kEndOfTime;
  // Whoever pressed Ctrl-C sees at once that it was heard.
  if (context_.on_progress) next_progress_at_ = now;
}

bool RunLoop::StepOfDrain(TimePoint latest) {
  if (in_flight_ == 0 || context_.control.abort_requested()) return false;
  totals_.now = context_.clock.Now();
  if (totals_.now >= drain_until_) return false;
  ReportProgress();
  shards_->Poll(std::min({latest, drain_until_, next_progress_at_}));
  return true;
}

void RunLoop::Conclude() {
  stage_ = Stage::kOver;
  if (in_flight_ > 0) shards_->CancelAll();
  result_.drained_at = context_.clock.Now();
  result_.dimension = dimension_.dimension();
  result_.peak_in_flight = shards_->peak_in_flight();
  context_.control.Attach(nullptr);
  result_.shards = shards_->Finish();
  for (size_t i = 0; i < result_.shards.size(); ++i) result_.shards[i].thread = usages_at_line_[i];
}

void RunLoop::ReportProgress() {
  if (totals_.now < next_progress_at_) return;
  while (next_progress_at_ <= totals_.now) next_progress_at_ += context_.progress_interval;
  context_.on_progress(Progress());
}

RunProgress RunLoop::Progress() const {
  RunProgress progress;
  progress.totals = stopped_ ? result_.totals : totals_;
  progress.totals.now = totals_.now;
  progress.active_users = plan_.load->active_users(State());
  progress.in_flight = in_flight_;
  progress.draining = stopped_.has_value();
  return progress;
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

}  // namespace llmdyno
