#include "llmdyno/catalog/plugin_watchdog.h"

#include <pthread.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace llmdyno {
namespace {

// A call is found too long at most a tenth of the limit late, and a look costs a few loads.
constexpr int kLooksPerLimit = 10;
constexpr Duration kShortestPause = std::chrono::milliseconds(1);

// A call that was under way when it was looked at.
struct Seen {
  uint64_t sequence = 0;
  std::chrono::steady_clock::time_point since;
  bool is_slow = false;
  bool is_stuck = false;
};

}  // namespace

PluginWatchdog::PluginWatchdog(std::shared_ptr<PluginMonitor> monitor, PluginWatchdogConfig config)
    : monitor_(std::move(monitor)), config_(std::move(config)), thread_([this] { Watch(); }) {}

PluginWatchdog::~PluginWatchdog() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void PluginWatchdog::Watch() {
  pthread_setname_np(pthread_self(), "llmdyno-plugins");
  const Duration pause = std::max(kShortestPause, config_.limit / kLooksPerLimit);
  std::map<std::shared_ptr<PluginCallSlot>, Seen> seen;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, pause, [this] { return is_ending_; })) {
    const auto now = std::chrono::steady_clock::now();
    std::map<std::shared_ptr<PluginCallSlot>, Seen> still;
    for (const std::shared_ptr<PluginCallSlot>& slot : monitor_->slots()) {
      const uint64_t sequence = slot->sequence();
      if (sequence % 2 == 0) continue;
      const auto found = seen.find(slot);
      const bool is_same = found != seen.end() && found->second.sequence == sequence;
      Seen& call = still[slot] = is_same ? found->second : Seen{sequence, now};
      if (!call.is_slow && now - call.since >= config_.limit) {
        call.is_slow = true;
        slot->MarkOverdue(sequence);
        if (config_.on_slow) config_.on_slow(slot->call());
      }
      if (!call.is_stuck && now - call.since >= 2 * config_.limit) {
        call.is_stuck = true;
        if (config_.on_stuck) config_.on_stuck(slot->call());
      }
    }
    seen = std::move(still);
  }
}

}  // namespace llmdyno
