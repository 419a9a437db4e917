// Lists what there is to be named: built-in entries and those of plugins, with their settings.
#pragma once

#include "absl/status/statusor.h"
#include "cli/exit_status.h"
#include "cli/flag_table.h"
#include "cli/plugin_host.h"

namespace llmdyno {

struct PluginsOptions {
  PluginOptions plugins;
  bool json = false;
};

// Binds every flag to `options`, which must outlive the table.
FlagTable MakePluginsFlags(PluginsOptions& options);

// Prints the list on standard output; sends nothing.
absl::StatusOr<ExitStatus> RunPlugins(const PluginsOptions& options);

}  // namespace llmdyno
