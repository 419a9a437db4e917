#include "engine_host.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

namespace llmdyno {
namespace {

class EngineSource : public TokenSource {
 public:
  EngineSource(std::shared_ptr<EngineHost> host, boost::asio::io_context& owner)
      : host_(std::move(host)), owner_(owner) {}
  EngineModel::Admission Start(TokenJob job) override { return host_->Start(std::move(job), owner_); }
  void Cancel(uint64_t id) override { host_->Cancel(id); }

 private:
  std::shared_ptr<EngineHost> host_;
  boost::asio::io_context& owner_;
};

}  // namespace

EngineModel::Admission EngineHost::Start(TokenJob job, boost::asio::io_context& owner) {
  bool was_idle = false;
  TimePoint step_end;
  {
    std::lock_guard lock(mutex_);
    was_idle = !model_.NextStepAt().has_value();
    const auto admission = model_.Submit(job.id, job.prompt_tokens, job.output_tokens, clock_.Now());
    if (admission != EngineModel::Admission::kAccepted) return admission;
    jobs_[job.id] = {std::move(job.consumer), &owner, 0, job.wants_all_at_once};
    step_end = *model_.NextStepAt();
  }
  if (was_idle) {
    boost::asio::dispatch(io_, [self = shared_from_this(), step_end] { self->timers_.Add(step_end, self); });
  }
  return EngineModel::Admission::kAccepted;
}

void EngineHost::Cancel(uint64_t id) {
  std::lock_guard lock(mutex_);
  if (jobs_.erase(id) > 0) model_.Cancel(id);
}

EngineGauges EngineHost::Gauges() const {
  std::lock_guard lock(mutex_);
  return GaugesOf(model_);
}

std::optional<TimePoint> EngineHost::OnTimer(TimePoint due) {
  std::optional<TimePoint> next;
  {
    std::lock_guard lock(mutex_);
    for (const EngineModel::Emission& emission : model_.Step(due)) {
      const auto found = jobs_.find(emission.id);
      if (found == jobs_.end()) continue;
      Job& job = found->second;
      job.withheld += emission.tokens;
      if (!job.wants_all_at_once || emission.finished) {
        deliveries_.push_back({job.consumer, job.owner, std::exchange(job.withheld, 0)});
      }
      if (emission.finished) jobs_.erase(found);
    }
    next = model_.NextStepAt();
  }
  Deliver();
  return next;
}

// Back to back for the consumers of this thread; one message for each consumer of another.
void EngineHost::Deliver() {
  for (Delivery& delivery : deliveries_) {
    if (delivery.owner == &io_) {
      delivery.consumer->OnTokens(delivery.tokens);
    } else {
      boost::asio::post(*delivery.owner, [consumer = std::move(delivery.consumer), tokens = delivery.tokens] {
        if (!consumer->is_over()) consumer->OnTokens(tokens);
      });
    }
  }
  deliveries_.clear();
}

std::unique_ptr<TokenSource> MakeEngineSource(std::shared_ptr<EngineHost> host,
                                              boost::asio::io_context& owner) {
  return std::make_unique<EngineSource>(std::move(host), owner);
}

}  // namespace llmdyno
