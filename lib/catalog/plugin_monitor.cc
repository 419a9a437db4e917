#include "llmdyno/catalog/plugin_monitor.h"

#include <utility>

namespace llmdyno {
namespace {

// Of each thread its own: a crash is asked about on the thread that it happened on.
thread_local const PluginCallSlot* t_innermost = nullptr;

}  // namespace

std::string ToString(const PluginFault& fault) {
  return "plugin '" + fault.plugin + "' (" + fault.file + "): " + fault.call + " " + fault.what;
}

PluginCall CurrentPluginCall() { return t_innermost == nullptr ? PluginCall() : t_innermost->call(); }

void PluginCallSlot::Enter(const char* function) {
  outer_ = t_innermost;
  t_innermost = this;
  function_.store(function, std::memory_order_relaxed);
  sequence_.store(sequence_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

bool PluginCallSlot::Leave() {
  const uint64_t sequence = sequence_.load(std::memory_order_relaxed);
  sequence_.store(sequence + 1, std::memory_order_release);
  t_innermost = outer_;
  return overdue_.load(std::memory_order_relaxed) == sequence;
}

void PluginMonitor::SetFaultCallback(FaultCallback callback) {
  const std::lock_guard lock(mutex_);
  callback_ = std::move(callback);
  if (callback_ && fault_) callback_(*fault_);
}

void PluginMonitor::Report(PluginFault fault) {
  const std::lock_guard lock(mutex_);
  if (fault_) return;
  fault_ = std::move(fault);
  if (callback_) callback_(*fault_);
}

std::optional<PluginFault> PluginMonitor::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

void PluginMonitor::Add(const std::shared_ptr<PluginCallSlot>& slot) {
  const std::lock_guard lock(mutex_);
  // Decoders come and go by the thousand; those that are gone leave their place to the next.
  for (std::weak_ptr<PluginCallSlot>& place : slots_) {
    if (!place.expired()) continue;
    place = slot;
    return;
  }
  slots_.push_back(slot);
}

std::vector<std::shared_ptr<PluginCallSlot>> PluginMonitor::slots() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<PluginCallSlot>> living;
  for (const std::weak_ptr<PluginCallSlot>& place : slots_) {
    if (std::shared_ptr<PluginCallSlot> slot = place.lock()) living.push_back(std::move(slot));
  }
  return living;
}

}  // namespace llmdyno
