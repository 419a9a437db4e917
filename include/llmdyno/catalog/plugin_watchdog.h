// Notices calls into plugins that do not come back, from a thread of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "llmdyno/base/time.h"
#include "llmdyno/catalog/plugin_monitor.h"

namespace llmdyno {

// When a call is too long, and who hears of it.
struct PluginWatchdogConfig {
  Duration limit = std::chrono::seconds(10);  // how long a call may take; more than 0
  // A call takes longer than the limit. When it returns, that is a fault of the plugin. May be empty.
  std::function<void(const PluginCall&)> on_slow;
  // It has taken longer than two limits, and nobody knows whether it ever returns: what the program can still
  // do it must do without the thread that is in there. May be empty.
  std::function<void(const PluginCall&)> on_stuck;
};

// From construction to destruction. The callbacks are called on its thread, each once for a call that
// deserves it. Time is the machine's own, whatever clock a run has.
class PluginWatchdog {
 public:
  // Begins to watch the calls that the monitor knows of.
  PluginWatchdog(std::shared_ptr<PluginMonitor> monitor, PluginWatchdogConfig config);
  ~PluginWatchdog();
  PluginWatchdog(const PluginWatchdog&) = delete;
  PluginWatchdog& operator=(const PluginWatchdog&) = delete;

 private:
  void Watch();

  const std::shared_ptr<PluginMonitor> monitor_;
  const PluginWatchdogConfig config_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_ending_ = false;  // guarded by mutex_
  std::thread thread_;      // uses the above
};

}  // namespace llmdyno
