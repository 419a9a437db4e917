// One shard on a thread of its own: sends what it is given when it is due, receives, decodes, and gives the
// finished records back.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "llmdyno/base/wakeable.h"
#include "llmdyno/net/transport.h"
#include "run/hand_over.h"
#include "run/in_flight_pool.h"
#include "run/shards.h"

namespace llmdyno {

// The little that all shards of a run write to.
struct SharedTotals {
  std::atomic<int64_t> output_tokens = 0;
  std::atomic<int64_t> in_flight = 0;
};

// What its own thread does is private; everything public is for the thread of the run loop.
class ShardThread final : private InFlightListener {
 public:
  // The thread begins at once; `owner` is woken when there is something to take.
  ShardThread(Transport& transport, const ShardSetting& setting, SharedTotals& totals, Wakeable& owner);
  ~ShardThread() override { Join(); }

  InFlightRequest& Take() { return pool_.Take(); }
  void Release(InFlightRequest& request) { pool_.Release(request); }
  void Send(InFlightRequest& request);
  // What has ended since the last call, chained in order.
  InFlightRequest* TakeEnded() { return ended_.TakeAll(); }

  struct Tokens {
    int64_t count = 0;    // since the last call; negative when counts were put right
    TimePoint latest_at;  // the latest arrival so far
  };
  Tokens TakeTokens();

  void Recall() { Order(kRecall); }
  void CancelAll() { Order(kCancel); }
  // Of its thread so far; all of it once it has ended.
  ThreadUsage Usage();
  // Ends the thread. Needs all requests to have ended.
  ShardResult Finish();

  int64_t peak_in_flight() const { return peak_in_flight_.load(std::memory_order_relaxed); }

 private:
  enum Orders : unsigned { kRecall = 1, kCancel = 2, kEnd = 4 };
  void Order(unsigned what);
  void Join();

  void Loop();
  void TakeInbox();
  TimePoint SendDue();
  void Launch(InFlightRequest& request);
  void GiveBack(InFlightRequest& request);
  void RecallAll();
  void CancelActive();
  void PublishTokens();
  void Publish();
  // InFlightListener
  void OnTokens(int64_t tokens, TimePoint at) override;
  void OnRequestEnded(InFlightRequest& request) override;

  Transport& transport_;
  const Clock& clock_;
  SharedTotals& totals_;
  Wakeable& owner_;
  const std::optional<int64_t> target_tokens_;
  InFlightPool pool_;
  HandOver<InFlightRequest> inbox_;
  HandOver<InFlightRequest> ended_;
  std::atomic<unsigned> orders_ = 0;

  // Of the shard's thread, from one Poll to the next.
  std::vector<InFlightRequest*> waiting_;  // a heap: the next to be sent in front
  std::vector<InFlightRequest*> active_;
  int64_t new_tokens_ = 0;
  TimePoint latest_token_at_;
  int64_t requests_ = 0;
  bool has_news_ = false;

  // Published by it.
  alignas(64) std::atomic<int64_t> output_tokens_ = 0;
  std::atomic<int64_t> published_token_at_ns_ = 0;
  std::atomic<int64_t> peak_in_flight_ = 0;
  std::atomic<pid_t> thread_id_ = 0;  // 0: has not begun

  int64_t tokens_taken_ = 0;  // of the owner
  ThreadUsage usage_at_end_;  // set by the thread as its last act, read when it was joined
  std::thread thread_;
};

}  // namespace llmdyno
