// What stands between the library and every object that a plugin made: calls go through it, and what a plugin
// does wrong ends here.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "llmdyno/catalog/plugin_monitor.h"

namespace llmdyno {

// A plugin that is loaded. Whatever was made by it holds on to this, and so to its code.
struct PluginIdentity {
  std::string name;
  std::string file;
  std::shared_ptr<PluginMonitor> monitor;
  std::shared_ptr<void> library;
};

// One for each guarded object, used by one thread at a time. A call that throws or takes too long is a fault;
// after the first one no call is made any more.
class PluginGuard {
 public:
  // kToCaller: the fault is an error of whoever calls, and no run's business: while a plugin is loaded.
  enum class Faults { kToMonitor, kToCaller };
  explicit PluginGuard(std::shared_ptr<const PluginIdentity> plugin, Faults faults = Faults::kToMonitor);

  // Calls `call` unless the object was at fault before. False when it was, or is now. `function` is a
  // literal.
  template <typename F>
  bool Call(const char* function, F&& call) {
    if (is_broken_) return false;
    slot_->Enter(function);
    try {
      call();
    } catch (...) {
      (void)slot_->Leave();
      Fault(function, DescribeException());
      return false;
    }
    if (!slot_->Leave()) return true;
    Fault(function, "took longer than plugins may take");
    return false;
  }

  bool is_broken() const { return is_broken_; }

  // Makes the guard inert, and tells the monitor unless the caller sees to it.
  void Fault(const char* function, std::string what);
  // The fault as an error, for calls that can return one. OK while there is none.
  const absl::Status& status() const { return status_; }
  const PluginIdentity& plugin() const { return *plugin_; }

 private:
  // Of the exception that is being handled: "threw std::runtime_error: no more rows".
  static std::string DescribeException();

  const std::shared_ptr<const PluginIdentity> plugin_;
  const std::shared_ptr<PluginCallSlot> slot_;
  const Faults faults_;
  bool is_broken_ = false;
  absl::Status status_;
};

}  // namespace llmdyno
