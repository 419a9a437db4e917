#include "cli/extension_options.h"

#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/params.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/catalog/make_plan.h"

namespace llmdyno {
namespace {

// Settings may hold a token of the service that a sink writes to.
std::string NameOnly(const std::string& name) { return name.substr(0, name.find(':')); }

}  // namespace

void AddExtensionFlags(FlagTable& flags, ExtensionOptions& options, const std::string& usual_dialect,
                       const std::string& usual_workload) {
  flags.Section("Extensions (docs/extending.md)");
  AddPluginFlags(flags, options.plugins);
  flags.Text("workload", options.workload, "NAME[:K=V,...]",
             "Send the requests of this workload: one that `llmdyno plugins` lists");
  flags.DescribeDefault(usual_workload);
  flags.Text("dialect", options.dialect, "NAME[:K=V,...]",
             "Spell requests and read answers in this dialect: openai, embeddings, rerank, or a plugin's");
  flags.DescribeDefault(usual_dialect);
  flags.Repeated("sink", options.sinks, "NAME[:K=V,...]",
                 "Give every record to this sink as well: failures, prometheus, or a plugin's", NameOnly);
  flags.Repeated("report", options.reports, "NAME[:K=V,...]",
                 "Write the result in this form as well: markdown, or a plugin's", NameOnly);
}

absl::StatusOr<Catalog> MakeCatalog(const ExtensionOptions& options, const Diagnostics& diagnostics) {
  Catalog catalog = MakeBuiltInCatalog();
  LLMDYNO_RETURN_IF_ERROR(LoadPlugins(options.plugins, catalog, diagnostics));
  return catalog;
}

absl::Status CheckWorkloadName(const std::string& flag, const std::string& text, const Catalog& catalog) {
  const absl::StatusOr<Params> params = Params::Parse(text);
  if (!params.ok()) return absl::InvalidArgumentError(flag + ": " + std::string(params.status().message()));
  const std::vector<std::string> names = catalog.workloads.Names();
  if (catalog.workloads.Find(params->name) != nullptr) return absl::OkStatus();
  std::string sentence = flag + ": expected one of ";
  for (const std::string& name : names) sentence += (&name == &names.front() ? "" : ", ") + name;
  sentence += ", got '" + params->name + "'";
  if (const auto nearest = FindNearestName(params->name, names)) {
    sentence += "; did you mean '" + *nearest + "'?";
  }
  return absl::InvalidArgumentError(sentence);
}

absl::StatusOr<std::shared_ptr<const Dialect>> ApplyDialect(const ExtensionOptions& options,
                                                            const std::string& usual, const Catalog& catalog,
                                                            const Diagnostics& diagnostics, RunSpec& spec) {
  spec.dialect_name = options.dialect.empty() ? usual : options.dialect;
  absl::StatusOr<std::shared_ptr<const Dialect>> dialect = MakeDialect(spec, catalog, diagnostics);
  // What the other flags asked for is told in their words, or in those of the dialect.
  if (dialect.ok() || options.dialect.empty()) return dialect;
  return absl::InvalidArgumentError("--dialect: " + std::string(dialect.status().message()));
}

}  // namespace llmdyno
