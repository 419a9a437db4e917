// What llmdyno-plugins prints, as text and as JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/plugin_host.h"
#include "llmdyno/catalog/catalog_entry.h"
#include "llmdyno/catalog/plugin_loader.h"

namespace llmdyno {

struct PluginList {
  std::vector<CatalogEntry> built_in;
  std::vector<PluginDescription> plugins;
  std::vector<PluginFolder> folders;  // that were searched, whether or not they exist
};

std::string FormatPluginList(const PluginList& list);
// An object with `built_in` (entries), `plugins` (each with name, version, summary, file, origin, entries)
// and `folders` (path, origin). An entry has kind, flag, name, summary, settings (name, default, help).
std::string PluginListJson(const PluginList& list);

}  // namespace llmdyno
