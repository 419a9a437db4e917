// The plugins of a program: found, loaded, watched. One set for the process, as libraries that are loaded and
// handlers of signals are the process's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/flag_table.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/time.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/catalog/plugin_loader.h"
#include "llmdyno/run/run_control.h"

namespace llmdyno {

struct PluginOptions {
  std::vector<std::string> files;               // named on the command line
  Duration timeout = std::chrono::seconds(10);  // how long a call into a plugin may take
};

// Adds rows to the section at hand. The options must outlive the table.
void AddPluginFlags(FlagTable& flags, PluginOptions& options);

// Where plugins are looked for beside the files that are named: the folders of $LLMDYNO_PLUGIN_PATH, colons
// between them, and the installed one.
struct PluginFolder {
  std::string path;
  std::string origin;  // "LLMDYNO_PLUGIN_PATH", "installed"
};
std::vector<PluginFolder> PluginFolders();

// Loads what is named, and then what lies in the folders. A file that was named and cannot be loaded is an
// error, one in a folder a warning. When there is anything to load, calls into plugins are watched from here
// on, and a crash inside one is told before the process ends by it.
absl::Status LoadPlugins(const PluginOptions& options, Catalog& catalog, const Diagnostics& diagnostics);
// Those that LoadPlugins has loaded.
const std::vector<PluginDescription>& LoadedPlugins();

// What is to be stopped when a plugin is at fault; null for nothing. It must outlive the next call.
void StopOnPluginFault(RunControl* control);
// The file that a person is referred to when the process cannot go on.
void NoteRecordsFile(const std::string& path);
// What stands before a sentence about a plugin: "llmdyno-race".
void NameProgram(const std::string& program);

// The first fault of any plugin.
std::optional<std::string> PluginFaultSentence();

}  // namespace llmdyno
