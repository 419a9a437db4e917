// Keeps an eye on what plugins do: which call into which plugin is under way on which thread, and the first
// thing that one of them did wrong.
//
// A host makes one, gives it to the PluginLoader, and says by callback what is to be done about a fault:
// usually RunControl::StopForPluginFault(), so that what was measured is kept. A PluginWatchdog looks at it
// from a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace llmdyno {

// What a plugin did that it must not.
struct PluginFault {
  std::string plugin;
  std::string file;
  std::string call;  // "RequestSource::Next"
  std::string what;  // "threw std::runtime_error: no more rows"
};
// "plugin 'mine' (/opt/libmine.so) threw std::runtime_error in RequestSource::Next: no more rows".
std::string ToString(const PluginFault& fault);

// A call into a plugin. The texts live as long as the plugin is loaded.
struct PluginCall {
  const char* plugin = nullptr;
  const char* file = nullptr;
  const char* function = nullptr;
};

// The call into a plugin that the calling thread is in, innermost first; all null outside of any. Safe to ask
// from a signal handler on the thread that the signal interrupted, which is what it is for.
PluginCall CurrentPluginCall();

// Where one guarded object says that it is inside of its plugin. Written by the thread that calls, read by a
// watchdog: no locks, no clock.
class PluginCallSlot {
 public:
  // Both texts must live as long as the slot.
  PluginCallSlot(const char* plugin, const char* file) : plugin_(plugin), file_(file) {}

  // The innermost call of this thread from now on. Costs a few stores.
  void Enter(const char* function);
  // True when a watchdog found that the call took too long.
  bool Leave();

  // For the watchdog. Odd while a call is under way, and another number for every call.
  uint64_t sequence() const { return sequence_.load(std::memory_order_acquire); }
  PluginCall call() const { return {plugin_, file_, function_.load(std::memory_order_relaxed)}; }
  // The call with this number took too long; nothing when it has returned meanwhile.
  void MarkOverdue(uint64_t sequence) { overdue_.store(sequence, std::memory_order_relaxed); }

 private:
  friend PluginCall CurrentPluginCall();

  const char* const plugin_;
  const char* const file_;
  std::atomic<const char*> function_ = nullptr;
  std::atomic<uint64_t> sequence_ = 0;
  std::atomic<uint64_t> overdue_ = 0;
  const PluginCallSlot* outer_ = nullptr;  // the call that this one is inside of, of the same thread
};

// Thread-safe.
class PluginMonitor {
 public:
  // Hears of the first fault.
  using FaultCallback = std::function<void(const PluginFault&)>;

  // Called for the first fault, on the thread that met it; at once when there was one already. It replaces
  // the callback before and must not call the monitor. Empty: nobody is told.
  void SetFaultCallback(FaultCallback callback);
  // Keeps the fault if it is the first one.
  void Report(PluginFault fault);
  // The first fault that was reported; nothing when there was none.
  std::optional<PluginFault> fault() const;

  // Slots are looked at as long as they live.
  void Add(const std::shared_ptr<PluginCallSlot>& slot);
  // Those that still live; the others are forgotten.
  std::vector<std::shared_ptr<PluginCallSlot>> slots();

 private:
  mutable std::mutex mutex_;
  FaultCallback callback_;
  std::optional<PluginFault> fault_;
  std::vector<std::weak_ptr<PluginCallSlot>> slots_;
};

}  // namespace llmdyno
