// The record sinks and report writers of a run that were asked for by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/extension_options.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/core/record_sink.h"
#include "llmdyno/report/report.h"
#include "llmdyno/report/report_writer.h"

namespace llmdyno {

// In the order in which an app uses it: Make, before anything is sent; OpenSinks, once there is a folder;
// Close, when the last record has come; WriteReports, when the result is in its file. One thread.
class Extensions {
 public:
  Extensions() = default;
  // Makes the writers and looks the sinks up. InvalidArgument in a sentence that names the flag for an
  // unknown name (with the nearest known one), for text that is no "name:key=value", and for settings that a
  // writer refuses. The catalog must outlive the object.
  static absl::StatusOr<Extensions> Make(const ExtensionOptions& options, const Catalog& catalog,
                                         const Diagnostics& diagnostics);

  // InvalidArgument for settings that a sink refuses; else what it said.
  absl::Status OpenSinks(const RecordSinkContext& context);
  // Those of OpenSinks; empty before it.
  std::vector<RecordSink*> sinks() const;
  // `others`, but for null, and then those.
  std::vector<RecordSink*> WithSinks(const std::vector<RecordSink*>& others) const;
  // Once. Internal, naming the sinks that could not keep what they were given. What else was measured is
  // whole.
  absl::Status Close();

  // Writes the document in every form. A text goes to `path_prefix` + its file name, and its path to standard
  // error: "results/run-1/", or "results/sweep." where results share a folder. Internal, naming the writers
  // that failed; the other texts are written all the same.
  // No file of the result's own (`files`) is written over.
  absl::Status WriteReports(const ResultDocument& document, const std::string& path_prefix,
                            const std::vector<ReportFile>& files) const;

 private:
  struct Sink {
    Params params;
    std::unique_ptr<RecordSink> sink;
  };
  struct Writer {
    std::string name;
    std::unique_ptr<ReportWriter> writer;
  };

  const RecordSinkRegistry* registry_ = nullptr;
  std::vector<Sink> sinks_;
  std::vector<Writer> writers_;
};

}  // namespace llmdyno
