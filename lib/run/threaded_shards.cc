// The shards of a run with several transports. Requests are dealt to them and come back by lists that neither
// side waits for; what they know of each other is how many requests are under way and how many tokens have
// come.
#include "run/threaded_shards.h"

#include <algorithm>
#include <utility>

#include "run/shard_thread.h"
#include "run/sleeper.h"

namespace llmdyno {
namespace {

// Long enough for a thread that is woken on a busy machine; a request that was handed over is not sent
// earlier for it.
constexpr Duration kLookAhead = std::chrono::milliseconds(20);

class ThreadedShards final : public Shards {
 public:
  ThreadedShards(const std::vector<Transport*>& transports, const ShardSetting& setting,
                 InFlightListener& listener)
      : clock_(setting.clock),
        listener_(listener),
        hand_over_lag_max_(transports.size()),
        ended_(transports.size()) {
    for (Transport* transport : transports) {
      shards_.push_back(std::make_unique<ShardThread>(*transport, setting, totals_, sleeper_));
    }
  }

  Duration look_ahead() const override { return kLookAhead; }

  InFlightRequest& Take(int64_t lane) override {
    const size_t shard = static_cast<size_t>(lane) % shards_.size();
    InFlightRequest& request = shards_[shard]->Take();
    request.shard = shard;
    request.was_sent = false;
    ++taken_;
    return request;
  }

  HttpRequest& EncodingOf(InFlightRequest& request) override { return request.encoding(); }

  void Send(InFlightRequest& request, TimePoint due) override {
    request.due = due;
    shards_[request.shard]->Send(request);
  }

  void Release(InFlightRequest& request) override {
    --taken_;
    shards_[request.shard]->Release(request);
  }

  void Poll(TimePoint deadline) override {
    sleeper_.SleepUntil(deadline);
    TakeNews();
  }

  Wakeable& waiting() override { return sleeper_; }

  void Recall() override {
    for (const auto& shard : shards_) shard->Recall();
  }

  void CancelAll() override {
    for (const auto& shard : shards_) shard->CancelAll();
    while (taken_ > 0) Poll(kEndOfTime);
  }

  int64_t peak_in_flight() const override {
    int64_t peak = 0;
    for (const auto& shard : shards_) peak = std::max(peak, shard->peak_in_flight());
    return peak;
  }

  std::vector<ThreadUsage> Usages() const override {
    std::vector<ThreadUsage> usages;
    for (const auto& shard : shards_) usages.push_back(shard->Usage());
    return usages;
  }

  bool has_own_threads() const override { return true; }

  std::vector<ShardResult> Finish() override {
    std::vector<ShardResult> results;
    for (size_t i = 0; i < shards_.size(); ++i) {
      results.push_back(shards_[i]->Finish());
      results.back().hand_over_lag_max = hand_over_lag_max_[i];
    }
    return results;
  }

 private:
  void TakeNews() {
    // A request's tokens are published before it is given back: what has ended is taken first, so that its
    // tokens are known, and told of last.
    for (size_t i = 0; i < shards_.size(); ++i) ended_[i] = shards_[i]->TakeEnded();
    for (const auto& shard : shards_) {
      if (const ShardThread::Tokens tokens = shard->TakeTokens(); tokens.count != 0) {
        listener_.OnTokens(tokens.count, tokens.latest_at);
      }
    }
    for (size_t i = 0; i < shards_.size(); ++i) {
      for (InFlightRequest* request = std::exchange(ended_[i], nullptr); request != nullptr;) {
        InFlightRequest* const next = request->next;
        hand_over_lag_max_[i] = std::max(hand_over_lag_max_[i], clock_.Now() - request->due);
        listener_.OnRequestEnded(*request);
        request = next;
      }
    }
  }

  const Clock& clock_;
  InFlightListener& listener_;
  SharedTotals totals_;
  Sleeper sleeper_;
  std::vector<std::unique_ptr<ShardThread>> shards_;
  std::vector<Duration> hand_over_lag_max_;
  std::vector<InFlightRequest*> ended_;
  int64_t taken_ = 0;
};

}  // namespace

std::unique_ptr<Shards> MakeThreadedShards(const std::vector<Transport*>& transports,
                                           const ShardSetting& setting, InFlightListener& listener) {
  return std::make_unique<ThreadedShards>(transports, setting, listener);
}

}  // namespace llmdyno
