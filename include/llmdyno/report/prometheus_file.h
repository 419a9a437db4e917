// llmdyno.prom: counters and histograms of a run under way, in Prometheus' text format, for the textfile
// collector of node_exporter or whatever else reads such files (docs/result-files.md).
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record_sink.h"

namespace llmdyno {

// Where it is written, and how often.
struct PrometheusFileConfig {
  std::string path;  // node_exporter reads *.prom
  // How often it is written, in real time; 100 ms and more.
  Duration interval = std::chrono::seconds(5);
  std::string configuration_json = "{}";  // the run's: its model and whether it is simulated become labels
  // InvalidArgument with the first problem, naming the field and the accepted range.
  absl::Status Validate() const;
};

// Writes the file at once, then at every interval and when it is closed, on a thread of its own; a reader
// sees the old file or the new one, whole. Errors of the disk are reported by Close(): the last one's, for
// what could not be written once is in the next file.
absl::StatusOr<std::unique_ptr<RecordSink>> OpenPrometheusFile(const PrometheusFileConfig& config);

}  // namespace llmdyno
