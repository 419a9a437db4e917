#include "catalog/built_in_sinks.h"

#include <filesystem>
#include <string>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/failure_log.h"
#include "llmdyno/report/prometheus_file.h"

namespace llmdyno {
namespace {

using Sink = absl::StatusOr<std::unique_ptr<RecordSink>>;

// Sweeps share a folder: an earlier one's file is not written over.
std::string FreePath(const std::string& folder, const std::string& stem, const std::string& extension) {
  const std::string base = (std::filesystem::path(folder) / stem).string();
  std::error_code ignored;
  std::string path = base + extension;
  for (int number = 2; std::filesystem::exists(path, ignored); ++number) {
    path = base + "-" + std::to_string(number) + extension;
  }
  return path;
}

// --sink failures
Sink MakeFailures(const Params& params, const RecordSinkContext& context) {
  FailureLogConfig config;
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Read("path", config.path).Finish());
  if (config.path.empty()) config.path = FreePath(context.folder, "failures", ".jsonl");
  config.monotonic_origin = context.origin;
  config.wall_origin = context.started_at;
  return OpenFailureLog(config);
}

// --sink prometheus:path=/var/lib/prometheus/node-exporter/llmdyno.prom,interval=15s
Sink MakePrometheus(const Params& params, const RecordSinkContext& context) {
  PrometheusFileConfig config;
  LLMDYNO_RETURN_IF_ERROR(
      ParamReader(params).Read("path", config.path).Read("interval", config.interval).Finish());
  if (config.path.empty()) config.path = FreePath(context.folder, "llmdyno", ".prom");
  config.configuration_json = context.configuration_json;
  return OpenPrometheusFile(config);
}

}  // namespace

void AddBuiltInSinks(RecordSinkRegistry& registry) {
  // A name twice would be our own mistake, and the catalog's test would find it.
  (void)registry.Add({"failures",
                      "requests that failed, as JSON Lines",
                      MakeFailures,
                      {{"path", "", "the file; by itself failures.jsonl in the result's folder"}}});
  (void)registry.Add({"prometheus",
                      "counters and histograms while it runs, as node_exporter's textfile collector reads "
                      "them",
                      MakePrometheus,
                      {{"path", "", "the file; by itself llmdyno.prom in the result's folder"},
                       {"interval", "5s", "writes it so often"}}});
}

}  // namespace llmdyno
