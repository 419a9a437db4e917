#include "catalog/plugin_guard.h"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <typeinfo>

namespace llmdyno {
namespace {

std::string ThrownType() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type == nullptr) return "something";
  int status = 0;
  char* name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
  std::string text = status == 0 && name != nullptr ? name : type->name();
  std::free(name);
  return text;
}

}  // namespace

PluginGuard::PluginGuard(std::shared_ptr<const PluginIdentity> plugin, Faults faults)
    : plugin_(std::move(plugin)),
      slot_(std::make_shared<PluginCallSlot>(plugin_->name.c_str(), plugin_->file.c_str())),
      faults_(faults) {
  plugin_->monitor->Add(slot_);
}

std::string PluginGuard::DescribeException() {
  const std::string thrown = "threw " + ThrownType();
  try {
    throw;
  } catch (const std::exception& exception) {
    return thrown + ": " + exception.what();
  } catch (...) {
    return thrown;
  }
}

void PluginGuard::Fault(const char* function, std::string what) {
  is_broken_ = true;
  const PluginFault fault{plugin_->name, plugin_->file, function, std::move(what)};
  status_ = absl::InternalError(ToString(fault));
  if (faults_ == Faults::kToMonitor) plugin_->monitor->Report(fault);
}

}  // namespace llmdyno
