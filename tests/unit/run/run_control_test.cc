#include "llmdyno/run/run_control.h"

#include <thread>
#include <vector>

#include "support/catch.h"

using namespace llmdyno;

namespace {

// Counts its wake-ups.
class Sleepy final : public Wakeable {
 public:
  void Wake() override { ++wakes; }
  std::atomic<int> wakes = 0;
};

}  // namespace

TEST_CASE("Abort includes Stop, and Stop never takes an Abort back", "[run_control]") {
  RunControl control;
  CHECK_FALSE(control.stop_requested());
  control.Stop();
  CHECK(control.stop_requested());
  CHECK_FALSE(control.abort_requested());
  control.Abort();
  control.Stop();
  CHECK(control.stop_requested());
  CHECK(control.abort_requested());
}

TEST_CASE("What is asked for first says why a run stopped: its caller, or a plugin's fault",
          "[run_control]") {
  RunControl by_plugin;
  by_plugin.StopForPluginFault();
  CHECK(by_plugin.stop_requested());
  CHECK(by_plugin.stop_reason() == StopReason::kPluginFault);
  by_plugin.Stop();
  by_plugin.Abort();
  CHECK(by_plugin.stop_reason() == StopReason::kPluginFault);
  RunControl by_caller;
  by_caller.Stop();
  by_caller.StopForPluginFault();
  CHECK(by_caller.stop_reason() == StopReason::kInterrupted);
}

TEST_CASE("Each request wakes the transport of the run, and nobody's before and after it", "[run_control]") {
  RunControl control;
  Sleepy transport;
  control.Stop();
  control.Attach(&transport);
  control.Stop();
  control.Abort();
  control.Attach(nullptr);
  control.Abort();
  CHECK(transport.wakes == 2);
}

TEST_CASE("Requests from many threads at once are all heard", "[run_control]") {
  RunControl control;
  Sleepy transport;
  control.Attach(&transport);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&, i] { i % 2 == 0 ? control.Stop() : control.Abort(); });
  for (std::thread& thread : threads) thread.join();
  CHECK(control.abort_requested());
  CHECK(transport.wakes == 8);
}
