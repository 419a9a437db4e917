#include "cli/plugin_host.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

#include "cli/exit_status.h"
#include "cli/plugin_crash.h"
#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/catalog/plugin_watchdog.h"

namespace llmdyno {
namespace {

// A bit more than the pause between two writes of a record log (llmdyno/base/background_writer.h).
constexpr auto kUntilWritten = std::chrono::milliseconds(1200);

// Never destroyed: what plugins made may live as long as the process.
struct Host {
  std::shared_ptr<PluginMonitor> monitor = std::make_shared<PluginMonitor>();
  PluginLoader loader{monitor};
  std::unique_ptr<PluginWatchdog> watchdog;
  std::mutex mutex;
  std::string program = "llmdyno";  // guarded by mutex, as the next
  std::string records_file;
};

Host& TheHost() {
  static Host* const host = new Host;
  return *host;
}

std::string Describe(const PluginCall& call) {
  return std::string("plugin '") + call.plugin + "' (" + call.file + "): " + call.function;
}

void OnSlow(const PluginCall& call, Duration limit) {
  if (CrashWasTold()) return;
  std::fprintf(stderr, "warning: %s has not returned after %s (--plugin-timeout); waiting as long again\n",
               Describe(call).c_str(), ToString(limit).c_str());
}

// The thread that is in there is lost, and maybe locks with it: no destructors, no exit handlers.
void OnStuck(const PluginCall& call, Duration limit) {
  if (CrashWasTold()) return;
  Host& host = TheHost();
  const std::lock_guard lock(host.mutex);
  std::string text = host.program + ": " + Describe(call) + " has not returned after " + ToString(2 * limit) +
                     ": ending without it";
  if (!host.records_file.empty()) {
    text += "; the records so far are in " + host.records_file + " (llmdyno-report show prints them)";
  }
  std::fprintf(stderr, "%s\n", text.c_str());
  std::this_thread::sleep_for(kUntilWritten);
  ::_exit(kExitPluginFault);
}

void BeginWatching(Duration limit) {
  Host& host = TheHost();
  if (host.watchdog != nullptr) return;
  TellOfCrashesInPlugins();
  host.watchdog = std::make_unique<PluginWatchdog>(
      host.monitor,
      PluginWatchdogConfig{.limit = limit,
                           .on_slow = [limit](const PluginCall& call) { OnSlow(call, limit); },
                           .on_stuck = [limit](const PluginCall& call) { OnStuck(call, limit); }});
}

bool HasPlugins(const PluginFolder& folder) {
  std::error_code error;
  const std::filesystem::directory_iterator entries(folder.path, error);
  return std::any_of(begin(entries), end(entries),
                     [](const auto& entry) { return entry.path().extension() == ".so"; });
}

}  // namespace

void AddPluginFlags(FlagTable& flags, PluginOptions& options) {
  flags.Repeated("plugin", options.files, "FILE",
                 "Load this plugin, beside those of $LLMDYNO_PLUGIN_PATH and the installed ones",
                 [](const std::string& file) { return file; });
  flags.Time("plugin-timeout", options.timeout,
             "Take a call into a plugin for a fault when it lasts longer; exit status 8");
}

std::vector<PluginFolder> PluginFolders() {
  std::vector<PluginFolder> folders;
  const char* path = std::getenv("LLMDYNO_PLUGIN_PATH");
  for (std::string_view rest = path != nullptr ? path : ""; !rest.empty();) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    if (!folder.empty()) folders.push_back({std::string(folder), "LLMDYNO_PLUGIN_PATH"});
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
  }
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return folders;
  const auto installed = program.parent_path() / LLMDYNO_PLUGIN_FOLDER;
  folders.push_back({installed.lexically_normal().string(), "installed"});
  return folders;
}

absl::Status LoadPlugins(const PluginOptions& options, Catalog& catalog, const Diagnostics& diagnostics) {
  if (options.timeout <= Duration::zero()) {
    return absl::InvalidArgumentError("--plugin-timeout: expected more than 0s");
  }
  Host& host = TheHost();
  if (!options.files.empty()) BeginWatching(options.timeout);
  for (const std::string& file : options.files) {
    const absl::Status loaded = host.loader.Load(file, catalog);
    if (!loaded.ok()) return absl::InvalidArgumentError("--plugin: " + std::string(loaded.message()));
  }
  for (const PluginFolder& folder : PluginFolders()) {
    if (!HasPlugins(folder)) continue;
    BeginWatching(options.timeout);
    host.loader.LoadFolder(folder.path, catalog, diagnostics);
  }
  return absl::OkStatus();
}

const std::vector<PluginDescription>& LoadedPlugins() { return TheHost().loader.plugins(); }

void StopOnPluginFault(RunControl* control) {
  TheHost().monitor->SetFaultCallback(control == nullptr
                                          ? PluginMonitor::FaultCallback()
                                          : [control](const PluginFault&) { control->StopForPluginFault(); });
}

void NoteRecordsFile(const std::string& path) {
  Host& host = TheHost();
  const std::lock_guard lock(host.mutex);
  host.records_file = path;
  SetCrashTexts(host.program, host.records_file);
}

void NameProgram(const std::string& program) {
  Host& host = TheHost();
  const std::lock_guard lock(host.mutex);
  host.program = program;
  SetCrashTexts(host.program, host.records_file);
}

std::optional<std::string> PluginFaultSentence() {
  const std::optional<PluginFault> fault = TheHost().monitor->fault();
  return fault ? std::optional(ToString(*fault)) : std::nullopt;
}

}  // namespace llmdyno
