#include "plugins/plugins.h"

#include <cstdio>

#include "cli/session.h"
#include "llmdyno/base/status_macros.h"
#include "plugins/plugin_list.h"

namespace llmdyno {

FlagTable MakePluginsFlags(PluginsOptions& options) {
  FlagTable flags("llmdyno-plugins",
                  "lists the workloads and other extensions that can be named, with their settings.");
  AddPluginFlags(flags, options.plugins);
  flags.Switch("json", options.json, "Print the list as JSON");
  return flags;
}

absl::StatusOr<ExitStatus> RunPlugins(const PluginsOptions& options) {
  Catalog catalog = MakeBuiltInCatalog();
  PluginList list;
  list.built_in = EntriesOf(catalog);
  LLMDYNO_RETURN_IF_ERROR(LoadPlugins(options.plugins, catalog, ConsoleDiagnostics()));
  list.plugins = LoadedPlugins();
  list.folders = PluginFolders();
  std::fputs((options.json ? PluginListJson(list) : FormatPluginList(list)).c_str(), stdout);
  return kExitOk;
}

}  // namespace llmdyno
