#include "llmdyno/catalog/plugin_loader.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "catalog/guarded_products.h"
#include "catalog/plugin_guard.h"
#include "catalog/plugin_library.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

// The plugin's factory behind a guard. The factory is the plugin's code, so it goes before the plugin.
template <typename Product, typename... Args>
class GuardedFactory {
 public:
  using Factory = typename Registry<Product, Args...>::Factory;
  GuardedFactory(PluginHold plugin, std::string what, Factory factory)
      : plugin_(std::move(plugin)), what_(std::move(what)), factory_(std::move(factory)) {}

  absl::StatusOr<Product> Make(const Params& params, Args... args) const {
    PluginGuard guard(plugin_);
    absl::StatusOr<Product> made = absl::InternalError("nothing was made");
    if (!guard.Call(what_.c_str(), [&] { made = factory_(params, args...); })) return guard.status();
    if (!made.ok()) return made;
    if (*made == nullptr) {
      guard.Fault(what_.c_str(), "made nothing: expected an object or an error");
      return guard.status();
    }
    return Guarded(*std::move(made), plugin_);
  }

 private:
  const PluginHold plugin_;
  const std::string what_;  // "the factory of the workload 'mine'"
  const Factory factory_;
};

// A name has to fit into "name:key=value,key=value".
absl::Status CheckName(const PluginIdentity& plugin, const std::string& kind, const std::string& name) {
  if (!name.empty() && name.find_first_of(":,= \t\n") == std::string::npos) return absl::OkStatus();
  return absl::InvalidArgumentError("plugin '" + plugin.file + "' registers the " + kind + " '" + name +
                                    "': expected a name without ':', ',', '=' and spaces");
}

// Of all plugins so far, which one brought this name.
std::string BroughtBy(const std::vector<PluginDescription>& plugins, const std::string& kind,
                      const std::string& name) {
  for (const PluginDescription& plugin : plugins) {
    for (const CatalogEntry& entry : plugin.entries) {
      if (entry.kind == kind && entry.name == name) return "plugin '" + plugin.file + "' brings";
    }
  }
  return "llmdyno itself has";
}

template <typename Product, typename... Args>
absl::Status CheckEntries(const Registry<Product, Args...>& brought, const Registry<Product, Args...>& known,
                          const PluginIdentity& plugin, const std::vector<PluginDescription>& plugins) {
  for (const auto& entry : brought.entries()) {
    LLMDYNO_RETURN_IF_ERROR(CheckName(plugin, brought.kind(), entry.name));
    const std::string what = "the " + brought.kind() + " '" + entry.name + "'";
    if (!entry.factory) {
      return absl::InvalidArgumentError("plugin '" + plugin.file + "' registers " + what +
                                        " without a factory");
    }
    if (known.Find(entry.name) == nullptr) continue;
    return absl::InvalidArgumentError("plugin '" + plugin.file + "' registers " + what + ", which " +
                                      BroughtBy(plugins, brought.kind(), entry.name) +
                                      " already: load one of them, or give one another name");
  }
  return absl::OkStatus();
}

template <typename Product, typename... Args>
void TakeEntries(Registry<Product, Args...>& brought, const PluginHold& plugin,
                 Registry<Product, Args...>& known) {
  for (const auto& entry : brought.entries()) {
    const std::string what = "the factory of the " + brought.kind() + " '" + entry.name + "'";
    const auto guarded =
        std::make_shared<const GuardedFactory<Product, Args...>>(plugin, what, entry.factory);
    // Names were checked.
    (void)known.Add({entry.name, entry.summary,
                     [guarded](const Params& params, Args... args) { return guarded->Make(params, args...); },
                     entry.settings});
  }
}

absl::Status AddEntries(const LlmdynoPluginDescriptor& descriptor, const PluginHold& plugin,
                        const std::vector<PluginDescription>& plugins, Catalog& catalog,
                        std::vector<CatalogEntry>& described) {
  Catalog brought;
  PluginGuard guard(plugin, PluginGuard::Faults::kToCaller);
  absl::Status status;
  if (!guard.Call("the function that registers", [&] { status = descriptor.register_entries(brought); })) {
    return absl::InvalidArgumentError(guard.status().message());
  }
  if (!status.ok()) {
    return absl::InvalidArgumentError("plugin '" + plugin->file +
                                      "' could not register: " + std::string(status.message()));
  }
  described = EntriesOf(brought);
  if (described.empty()) {
    return absl::InvalidArgumentError("plugin '" + plugin->file +
                                      "' registers nothing: expected a workload, an arrival process, a "
                                      "dialect, a record sink or a report writer");
  }
  LLMDYNO_RETURN_IF_ERROR(CheckEntries(brought.workloads, catalog.workloads, *plugin, plugins));
  LLMDYNO_RETURN_IF_ERROR(CheckEntries(brought.arrivals, catalog.arrivals, *plugin, plugins));
  LLMDYNO_RETURN_IF_ERROR(CheckEntries(brought.dialects, catalog.dialects, *plugin, plugins));
  LLMDYNO_RETURN_IF_ERROR(CheckEntries(brought.sinks, catalog.sinks, *plugin, plugins));
  LLMDYNO_RETURN_IF_ERROR(CheckEntries(brought.writers, catalog.writers, *plugin, plugins));
  TakeEntries(brought.workloads, plugin, catalog.workloads);
  TakeEntries(brought.arrivals, plugin, catalog.arrivals);
  TakeEntries(brought.dialects, plugin, catalog.dialects);
  TakeEntries(brought.sinks, plugin, catalog.sinks);
  TakeEntries(brought.writers, plugin, catalog.writers);
  return absl::OkStatus();
}

std::string AbsolutePath(const std::string& file) {
  std::error_code error;
  const auto path = std::filesystem::canonical(file, error);
  return error ? std::filesystem::absolute(file, error).string() : path.string();
}

}  // namespace

PluginLoader::PluginLoader(std::shared_ptr<PluginMonitor> monitor) : monitor_(std::move(monitor)) {}

absl::Status PluginLoader::Load(const std::string& file, Catalog& catalog) {
  if (file.empty()) return absl::InvalidArgumentError("a plugin is named by its file, got ''");
  const std::string path = AbsolutePath(file);
  for (const PluginDescription& plugin : plugins_) {
    if (plugin.file == path) return absl::OkStatus();
  }
  // Its constructors run while it is opened, before it has a name: the guard goes by the file's.
  const PluginHold opening = std::make_shared<const PluginIdentity>(
      PluginIdentity{std::filesystem::path(path).stem().string(), path, monitor_, nullptr});
  PluginGuard guard(opening, PluginGuard::Faults::kToCaller);
  absl::StatusOr<PluginLibrary> library = absl::InternalError("nothing was opened");
  if (!guard.Call("opening the library", [&] { library = OpenPluginLibrary(path); })) {
    return absl::InvalidArgumentError(guard.status().message());
  }
  if (!library.ok()) return library.status();
  const LlmdynoPluginDescriptor& descriptor = *library->descriptor;
  const PluginHold plugin = std::make_shared<const PluginIdentity>(
      PluginIdentity{descriptor.name, path, monitor_, library->handle});
  PluginDescription description{descriptor.name, descriptor.version, descriptor.summary, path, {}};
  LLMDYNO_RETURN_IF_ERROR(AddEntries(descriptor, plugin, plugins_, catalog, description.entries));
  plugins_.push_back(std::move(description));
  libraries_.push_back(library->handle);
  return absl::OkStatus();
}

void PluginLoader::LoadFolder(const std::string& folder, Catalog& catalog, const Diagnostics& diagnostics) {
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".so") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    if (const absl::Status loaded = Load(file, catalog); !loaded.ok()) {
      diagnostics.Warn(std::string(loaded.message()));
    }
  }
}

}  // namespace llmdyno
