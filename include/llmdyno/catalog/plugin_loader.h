// Loads plugins: shared libraries that add entries of their own to a catalog (llmdyno/plugin.h).
//
// For hosts. What the entries make is guarded: a plugin that throws, answers nonsense or takes too long ends
// at the guard, the first such fault goes to the PluginMonitor, and from then on the object that was at fault
// is inert: a workload has no more requests, a schedule is at its end, a sink takes nothing. A plugin that
// crashes takes the process with it; CurrentPluginCall() tells a host's signal handler whose fault it was.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/catalog/catalog_entry.h"
#include "llmdyno/catalog/plugin_monitor.h"

namespace llmdyno {

// A plugin that was loaded, as `llmdyno plugins` lists it.
struct PluginDescription {
  std::string name;
  std::string version;  // the plugin's own
  std::string summary;
  std::string file;  // absolute
  std::vector<CatalogEntry> entries;
};

// Libraries stay loaded as long as the loader, the catalog that they were loaded into, or anything made from
// it lives. One thread.
class PluginLoader {
 public:
  // Faults of what is loaded are reported to the monitor.
  explicit PluginLoader(std::shared_ptr<PluginMonitor> monitor);

  // Loads one file and adds its entries to the catalog, all or none. A file that was loaded before adds
  // nothing. InvalidArgument and NotFound in a sentence that names the file, what was found, what was
  // expected, and what to do. Runs the code of the library: only files that one trusts.
  absl::Status Load(const std::string& file, Catalog& catalog);

  // Loads every *.so of a folder, in the order of their names; a folder that is not there holds none. What
  // cannot be loaded is a warning, and the others are loaded all the same.
  void LoadFolder(const std::string& folder, Catalog& catalog, const Diagnostics& diagnostics);

  // In the order in which they were loaded.
  const std::vector<PluginDescription>& plugins() const { return plugins_; }

 private:
  const std::shared_ptr<PluginMonitor> monitor_;
  std::vector<PluginDescription> plugins_;
  std::vector<std::shared_ptr<void>> libraries_;
};

}  // namespace llmdyno
