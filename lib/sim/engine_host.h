// The one engine that all workers share, run in real time on the first worker's timer.
#pragma once

#include <utility>  // Boost.Asio 1.74 needs it and does not include it

#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "prometheus_text.h"
#include "timer_queue.h"
#include "token_source.h"

namespace llmdyno {

// Thread-safe: any worker submits and cancels; tokens are handed out on the thread of the worker that
// submitted.
class EngineHost : public Timed, public std::enable_shared_from_this<EngineHost> {
 public:
  // Steps run on `io`'s thread by `timers`; both must outlive the host.
  EngineHost(const EngineConfig& config, const Clock& clock, boost::asio::io_context& io, TimerQueue& timers)
      : model_(config), clock_(clock), io_(io), timers_(timers) {}

  EngineModel::Admission Start(TokenJob job, boost::asio::io_context& owner);
  void Cancel(uint64_t id);
  EngineGauges Gauges() const;

  std::optional<TimePoint> OnTimer(TimePoint due) override;

 private:
  struct Job {
    std::shared_ptr<TokenConsumer> consumer;
    boost::asio::io_context* owner = nullptr;
    int64_t withheld = 0;  // tokens of a consumer that wants all at once
    bool wants_all_at_once = false;
  };
  struct Delivery {
    std::shared_ptr<TokenConsumer> consumer;
    boost::asio::io_context* owner = nullptr;
    int64_t tokens = 0;
  };
  void Deliver();

  mutable std::mutex mutex_;  // guards model_ and jobs_
  EngineModel model_;
  std::unordered_map<uint64_t, Job> jobs_;
  const Clock& clock_;
  boost::asio::io_context& io_;
  TimerQueue& timers_;
  std::vector<Delivery> deliveries_;  // of the step that has just ended
};

// What one worker sees of it.
std::unique_ptr<TokenSource> MakeEngineSource(std::shared_ptr<EngineHost> host,
                                              boost::asio::io_context& owner);

}  // namespace llmdyno
