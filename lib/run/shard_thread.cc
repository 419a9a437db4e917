#include "run/shard_thread.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "run/send_budget.h"
#include "run/thread_cpu_time.h"
#include "run/thread_usage.h"

namespace llmdyno {
namespace {

// For a heap with the earliest in front; requests of one instant in the order of their ids.
bool IsLater(const InFlightRequest* a, const InFlightRequest* b) {
  if (a->due != b->due) return a->due > b->due;
  return a->record().request_id > b->record().request_id;
}

}  // namespace

ShardThread::ShardThread(Transport& transport, const ShardSetting& setting, SharedTotals& totals,
                         Wakeable& owner)
    : transport_(transport),
      clock_(setting.clock),
      totals_(totals),
      owner_(owner),
      target_tokens_(setting.target_tokens),
      pool_(setting.dialect, *this, setting.dimension, setting.redactor) {
  transport_.BeginStats();
  thread_ = std::thread([this] { Loop(); });
}

void ShardThread::Send(InFlightRequest& request) {
  if (inbox_.Push(request)) transport_.Wake();
}

ShardThread::Tokens ShardThread::TakeTokens() {
  Tokens tokens;
  const int64_t so_far = output_tokens_.load(std::memory_order_acquire);
  tokens.count = so_far - tokens_taken_;
  tokens_taken_ = so_far;
  tokens.latest_at = TimePoint(Duration(published_token_at_ns_.load(std::memory_order_relaxed)));
  return tokens;
}

void ShardThread::Order(unsigned what) {
  orders_.fetch_or(what);
  transport_.Wake();
}

ThreadUsage ShardThread::Usage() {
  if (!thread_.joinable()) return usage_at_end_;
  return {ThreadCpuTime(thread_.native_handle()), RunQueueWait(thread_id_.load())};
}

void ShardThread::Join() {
  if (!thread_.joinable()) return;
  Order(kEnd);
  thread_.join();
}

ShardResult ShardThread::Finish() {
  Join();
  return {.requests = requests_, .thread = Usage(), .transport = transport_.Stats()};
}

void ShardThread::Loop() {
  pthread_setname_np(pthread_self(), "llmdyno-shard");
  thread_id_ = ThisThread();
  for (;;) {
    const unsigned orders = orders_.exchange(0);
    TakeInbox();
    if ((orders & kRecall) != 0) RecallAll();
    if ((orders & kCancel) != 0) CancelActive();
    const TimePoint next_due = SendDue();
    Publish();
    if ((orders & kEnd) != 0) break;
    transport_.Poll(next_due);
    Publish();
  }
  usage_at_end_ = UsageOfThisThread();
}

void ShardThread::TakeInbox() {
  for (InFlightRequest* request = inbox_.TakeAll(); request != nullptr; request = request->next) {
    waiting_.push_back(request);
    std::push_heap(waiting_.begin(), waiting_.end(), IsLater);
  }
}

TimePoint ShardThread::SendDue() {
  for (SendBudget budget; !waiting_.empty();) {
    InFlightRequest& request = *waiting_.front();
    if (const TimePoint now = clock_.Now(); request.due > now || !budget.has_left()) {
      return std::max(now, request.due);
    }
    budget.Spend(request.due);
    std::pop_heap(waiting_.begin(), waiting_.end(), IsLater);
    waiting_.pop_back();
    Launch(request);
  }
  return kEndOfTime;
}

void ShardThread::Launch(InFlightRequest& request) {
  pool_.Equip(request);
  request.slot = active_.size();
  active_.push_back(&request);
  const int64_t in_flight = totals_.in_flight.fetch_add(1, std::memory_order_relaxed) + 1;
  if (in_flight > peak_in_flight_.load(std::memory_order_relaxed)) peak_in_flight_ = in_flight;
  if (!request.was_sent) {
    request.was_sent = true;
    ++requests_;
    request.record().started_at = clock_.Now();
  }
  transport_.Start(request.record().request_id, request.encoding(), request);
}

void ShardThread::OnTokens(int64_t tokens, TimePoint at) {
  new_tokens_ += tokens;
  if (tokens > 0) latest_token_at_ = std::max(latest_token_at_, at);
}

void ShardThread::OnRequestEnded(InFlightRequest& request) {
  active_.back()->slot = request.slot;
  active_[request.slot] = active_.back();
  active_.pop_back();
  totals_.in_flight.fetch_sub(1, std::memory_order_relaxed);
  PublishTokens();
  GiveBack(request);
}

void ShardThread::GiveBack(InFlightRequest& request) {
  request.due = clock_.Now();  // from now on it waits to be taken
  ended_.Push(request);
  has_news_ = true;
}

void ShardThread::RecallAll() {
  const auto waiting = std::exchange(waiting_, {});
  for (InFlightRequest* request : waiting) {
    if (!request->was_sent) {
      GiveBack(*request);
    } else {
      waiting_.push_back(request);  // another attempt: the first one was sent, and counts
    }
  }
  std::make_heap(waiting_.begin(), waiting_.end(), IsLater);
}

void ShardThread::CancelActive() {
  RecallAll();
  // What still waits is another attempt; sent and cancelled it ends like the others.
  for (InFlightRequest* request : std::exchange(waiting_, {})) Launch(*request);
  while (!active_.empty()) transport_.Cancel(active_.back()->record().request_id);
}

// Once for each Poll and finished request, so that tokens cost nothing that other threads notice.
void ShardThread::PublishTokens() {
  if (new_tokens_ == 0) return;
  published_token_at_ns_.store(latest_token_at_.time_since_epoch().count(), std::memory_order_relaxed);
  output_tokens_.store(output_tokens_.load(std::memory_order_relaxed) + new_tokens_,
                       std::memory_order_release);
  const int64_t before = totals_.output_tokens.fetch_add(new_tokens_);
  if (target_tokens_ && before + new_tokens_ >= *target_tokens_) has_news_ = true;
  new_tokens_ = 0;
}

void ShardThread::Publish() {
  PublishTokens();
  if (std::exchange(has_news_, false)) owner_.Wake();
}

}  // namespace llmdyno
