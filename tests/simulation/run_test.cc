// Runs that are driven step by step by a program with a loop of its own.
#include "llmdyno/run/run.h"

#include <sys/resource.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "simulation/simulated_run.h"

using namespace llmdyno;

namespace {

SimulatedRunConfig TwoUsers() {
  SimulatedRunConfig config;
  config.endpoint = [](const HttpRequest&, int64_t) { return StreamedChat({.tokens = 10}); };
  config.load.users = 2;
  config.stop.requests = 6;
  return config;
}

RunContext ContextOf(SimulatedRun& run) {
  return {.clock = run.clock,
          .transports = {&run.transport},
          .control = run.control,
          .sinks = {&run.collected},
          .on_progress = {},
          .progress_interval = 5s,
          .diagnostics = Diagnostics()};
}

}  // namespace

TEST_CASE("A run of single steps is the run that is made in one go", "[run]") {
  SimulatedRun at_once(TwoUsers());
  const RunResult expected = at_once.Execute();
  SimulatedRun stepped(TwoUsers());
  auto run = Run::Begin(std::move(stepped.plan), ContextOf(stepped));
  REQUIRE(run.ok());
  CHECK(stepped.transport.sent().empty());
  int steps = 0;
  // The host looks after its own affairs every millisecond.
  while ((*run)->Step(stepped.clock.Now() + 1ms)) ++steps;
  CHECK(steps > 100);
  CHECK_FALSE((*run)->Step(kEndOfTime));
  const auto result = (*run)->Finish();
  REQUIRE(result.ok());
  CHECK(result->stop_reason == StopReason::kTargetRequests);
  CHECK(result->finish_line == expected.finish_line);
  CHECK(result->totals.output_tokens == expected.totals.output_tokens);
  CHECK(stepped.records().size() == at_once.records().size());
  CHECK(stepped.transport.sent_at() == at_once.transport.sent_at());
}

TEST_CASE("A step whose deadline is past does not wait", "[run]") {
  SimulatedRun host(TwoUsers());
  auto run = Run::Begin(std::move(host.plan), ContextOf(host));
  REQUIRE(run.ok());
  const TimePoint start = host.clock.Now();
  for (int i = 0; i < 10; ++i) CHECK((*run)->Step(start));
  CHECK(host.clock.Now() == start);
  CHECK(host.transport.sent().size() == 2);
}

TEST_CASE("A run that is finished early cancels what is in flight and tells every record", "[run]") {
  SimulatedRun host(TwoUsers());
  auto run = Run::Begin(std::move(host.plan), ContextOf(host));
  REQUIRE(run.ok());
  CHECK((*run)->Step(host.clock.Now() + 50ms));
  const auto result = (*run)->Finish();
  REQUIRE(result.ok());
  CHECK(result->stop_reason == StopReason::kInterrupted);
  CHECK(result->cancelled_in_drain == 2);
  CHECK(host.records().size() == 2);
  CHECK(host.transport.in_flight() == 0);
  CHECK((*run)->Finish().ok());  // again: the same result
}

TEST_CASE("A run that is dropped ends like one that is finished", "[run]") {
  SimulatedRun host(TwoUsers());
  {
    auto run = Run::Begin(std::move(host.plan), ContextOf(host));
    REQUIRE(run.ok());
    CHECK((*run)->Step(host.clock.Now() + 50ms));
  }
  CHECK(host.records().size() == 2);
  CHECK(host.transport.in_flight() == 0);
}

TEST_CASE("A plan with something missing is refused before anything is sent", "[run]") {
  SimulatedRun host(TwoUsers());
  host.plan.load = nullptr;
  const auto run = Run::Begin(std::move(host.plan), ContextOf(host));
  CHECK(run.status().code() == absl::StatusCode::kInvalidArgument);
  SimulatedRun other(TwoUsers());
  RunContext context = ContextOf(other);
  context.transports.clear();
  CHECK(Run::Begin(std::move(other.plan), context).status().code() == absl::StatusCode::kInvalidArgument);
}

// Address-space limits do not go together with the shadow memory of sanitizers.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// Waits to be woken, and does nothing.
class IdleTransport final : public Transport {
 public:
  void Start(int64_t /*id*/, const HttpRequest& /*request*/, TransferObserver& /*observer*/) override {}
  void Cancel(int64_t /*id*/) override {}
  void Poll(TimePoint /*deadline*/) override {
    std::unique_lock lock(mutex_);
    news_.wait(lock, [&] { return std::exchange(woken_, false); });
  }
  void Wake() override {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    news_.notify_all();
  }
  TransportStats Stats() const override { return {}; }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  bool woken_ = false;
};

TEST_CASE("A machine that refuses threads is told of in a sentence", "[run]") {
  SimulatedRun host(TwoUsers());
  RunContext context = ContextOf(host);
  std::vector<IdleTransport> transports(1000);
  context.transports.clear();
  for (IdleTransport& transport : transports) context.transports.push_back(&transport);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
  // Enough for all else; a thousand stacks need gigabytes.
  rlimit tight = before;
  tight.rlim_cur = rlim_t{1} << 30;
  REQUIRE(::setrlimit(RLIMIT_AS, &tight) == 0);
  const auto run = Run::Begin(std::move(host.plan), context);
  REQUIRE(::setrlimit(RLIMIT_AS, &before) == 0);
  CHECK(run.status().code() == absl::StatusCode::kUnavailable);
  CHECK(
      std::string(run.status().message()).find("this machine refuses a thread for each of 1000 transports") ==
      0);
}
#endif
