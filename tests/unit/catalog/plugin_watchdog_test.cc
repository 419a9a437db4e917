#include "llmdyno/catalog/plugin_watchdog.h"

#include <atomic>

#include <condition_variable>
#include <string>

#include "catalog/plugin_guard.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

using std::chrono::milliseconds;

std::shared_ptr<const PluginIdentity> Plugin(const std::shared_ptr<PluginMonitor>& monitor) {
  return std::make_shared<const PluginIdentity>(PluginIdentity{"slow", "slow.so", monitor, nullptr});
}

// Waits inside of a call until somebody says so.
class Gate {
 public:
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_open_; });
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

TEST_CASE("A call that is slow is told once, and is a fault when it returns", "[plugins]") {
  const auto monitor = std::make_shared<PluginMonitor>();
  Gate gate;
  std::atomic<int> slow = 0;
  std::string function;
  const PluginWatchdog watchdog(monitor, {.limit = milliseconds(20),
                                          .on_slow =
                                              [&](const PluginCall& call) {
                                                function = call.function;
                                                ++slow;
                                              },
                                          .on_stuck = [&](const PluginCall&) { gate.Open(); }});
  PluginGuard guard(Plugin(monitor));
  // Goes on when the watchdog has given up on it: slow for certain, however busy the machine.
  CHECK_FALSE(guard.Call("Source::Next", [&] { gate.Wait(); }));
  CHECK(slow == 1);
  CHECK(function == "Source::Next");
  CHECK(guard.is_broken());
  CHECK(ToString(*monitor->fault()) ==
        "plugin 'slow' (slow.so): Source::Next took longer than plugins may take");
  CHECK_FALSE(guard.Call("Source::Next", [] { FAIL("it is inert"); }));
}

TEST_CASE("Many short calls are not taken for a long one", "[plugins]") {
  const auto monitor = std::make_shared<PluginMonitor>();
  std::atomic<int> slow = 0;
  const PluginWatchdog watchdog(
      monitor,
      {.limit = std::chrono::minutes(1), .on_slow = [&](const PluginCall&) { ++slow; }, .on_stuck = {}});
  PluginGuard guard(Plugin(monitor));
  for (int i = 0; i < 1'000'000; ++i) REQUIRE(guard.Call("Source::Next", [] {}));
  CHECK(slow == 0);
  CHECK_FALSE(monitor->fault().has_value());
}

TEST_CASE("The call at hand is the innermost one of the thread that asks", "[plugins]") {
  const auto monitor = std::make_shared<PluginMonitor>();
  PluginGuard outer(Plugin(monitor));
  PluginGuard inner(Plugin(monitor));
  CHECK(CurrentPluginCall().function == nullptr);
  CHECK(outer.Call("Outer", [&] {
    CHECK(inner.Call("Inner", [] { CHECK(std::string(CurrentPluginCall().function) == "Inner"); }));
    CHECK(std::string(CurrentPluginCall().function) == "Outer");
    std::thread([] { CHECK(CurrentPluginCall().function == nullptr); }).join();
  }));
  CHECK(CurrentPluginCall().function == nullptr);
  CHECK_FALSE(outer.Call("Throws", [] { throw 1; }));
  CHECK(CurrentPluginCall().function == nullptr);
}

}  // namespace
}  // namespace llmdyno
