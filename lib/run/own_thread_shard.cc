// The one shard of a run with one transport: everything happens on the thread of the run loop.
#include "run/own_thread_shard.h"

#include <algorithm>

#include "run/in_flight_pool.h"
#include "run/thread_usage.h"

namespace llmdyno {
namespace {

class OwnThreadShard final : public Shards {
 public:
  OwnThreadShard(Transport& transport, const ShardSetting& setting, InFlightListener& listener)
      : transport_(transport),
        clock_(setting.clock),
        keeps_requests_(setting.keeps_requests),
        pool_(setting.dialect, listener, setting.dimension, setting.redactor) {
    transport_.BeginStats();
  }

  Duration look_ahead() const override { return Duration::zero(); }

  InFlightRequest& Take(int64_t /*lane*/) override {
    InFlightRequest& request = pool_.Take();
    pool_.Equip(request);
    request.was_sent = false;
    peak_in_flight_ = std::max(peak_in_flight_, ++in_flight_);
    return request;
  }

  // One place for all keeps a body in the cache, and its memory from request to request.
  HttpRequest& EncodingOf(InFlightRequest& request) override {
    return keeps_requests_ ? request.encoding() : encoding_;
  }

  void Send(InFlightRequest& request, TimePoint /*due*/) override {
    if (!request.was_sent) {
      request.was_sent = true;
      ++requests_;
      request.record().started_at = clock_.Now();
    }
    transport_.Start(request.record().request_id, EncodingOf(request), request);
  }

  void Release(InFlightRequest& request) override {
    --in_flight_;
    pool_.Release(request);
  }

  void Poll(TimePoint deadline) override { transport_.Poll(deadline); }
  Wakeable& waiting() override { return transport_; }
  void Recall() override {}
  void CancelAll() override {
    for (const auto& request : pool_.all()) transport_.Cancel(request->record().request_id);
  }

  int64_t peak_in_flight() const override { return peak_in_flight_; }
  std::vector<ThreadUsage> Usages() const override { return {UsageSince(usage_at_start_)}; }
  bool has_own_threads() const override { return false; }
  std::vector<ShardResult> Finish() override {
    return {{.requests = requests_, .thread = Usages().front(), .transport = transport_.Stats()}};
  }

 private:
  Transport& transport_;
  const Clock& clock_;
  const bool keeps_requests_;
  const ThreadUsage usage_at_start_ = UsageOfThisThread();
  InFlightPool pool_;
  HttpRequest encoding_;
  int64_t in_flight_ = 0;
  int64_t peak_in_flight_ = 0;
  int64_t requests_ = 0;
};

}  // namespace

std::unique_ptr<Shards> MakeOwnThreadShard(Transport& transport, const ShardSetting& setting,
                                           InFlightListener& listener) {
  return std::make_unique<OwnThreadShard>(transport, setting, listener);
}

}  // namespace llmdyno
