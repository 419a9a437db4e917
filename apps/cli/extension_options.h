// What every measuring app can be told about extensions: names of the catalog, each with its settings.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/flag_table.h"
#include "cli/plugin_host.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/run/run_spec.h"

namespace llmdyno {

struct ExtensionOptions {
  PluginOptions plugins;
  std::string workload;            // requests come from there; empty: from where the app takes them by itself
  std::string dialect;             // empty: the one that the app takes by itself
  std::vector<std::string> sinks;  // records go there beside the record log
  std::vector<std::string> reports;  // forms in which the result is written besides
};

// Adds a section. The options must outlive the table. `usual_dialect` and `usual_workload` are what
// the app takes by itself, in words.
void AddExtensionFlags(FlagTable& flags, ExtensionOptions& options, const std::string& usual_dialect,
                       const std::string& usual_workload = "what the other flags say");

// The names that this command line may use: the built-in ones and those of plugins, which it loads. A file
// that was named and is no plugin is InvalidArgument.
absl::StatusOr<Catalog> MakeCatalog(const ExtensionOptions& options, const Diagnostics& diagnostics);

// InvalidArgument, in a sentence that names the flag, unless the catalog has a workload of this name; `text`
// is "name" or "name:key=value".
absl::Status CheckWorkloadName(const std::string& flag, const std::string& text, const Catalog& catalog);

// Writes the dialect that was asked for, or else `usual`, into the spec, and returns it made. Needs all that
// the flags of endpoint and requests say in the spec. InvalidArgument in a sentence that names --dialect, if
// it was given, for an unknown name (with the nearest known one) and for settings that the dialect refuses.
absl::StatusOr<std::shared_ptr<const Dialect>> ApplyDialect(const ExtensionOptions& options,
                                                            const std::string& usual, const Catalog& catalog,
                                                            const Diagnostics& diagnostics, RunSpec& spec);

}  // namespace llmdyno
