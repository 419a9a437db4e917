// Says a result in another form: a summary for a pull request, a row for a database, a page. An extension
// point.
//
// A writer turns the document that a program wrote into texts, and does nothing else: it measures nothing,
// computes no figure of its own and touches no file. Whoever called it puts the texts where they belong. So a
// result can be written again a year later, and a writer is tested with a string.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/registry.h"

namespace llmdyno {

// A result as it lies in its file (docs/result-files.md).
struct ResultDocument {
  std::string app;  // who wrote it: "llmdyno-race", "llmdyno-sweep simple"; may be one that nobody knows yet
  // The whole file; not yet checked. A benchmark of rates has two files: they come as one object with
  // `metadata` and `results`.
  std::string json;
};

// One text that a writer made, and what its file is to be called.
struct ResultText {
  std::string file_name;  // "summary.md": a name without a folder
  std::string text;       // UTF-8
};

// Stateless and thread-safe.
class ReportWriter {
 public:
  virtual ~ReportWriter() = default;
  // The same document gives the same texts, each with a file name of its own. A member that is missing or
  // null is said as absent, never as a number. A result that is SIMULATED is called so in every text.
  // InvalidArgument, with a sentence, for what is no JSON or no result that this writer can say.
  virtual absl::StatusOr<std::vector<ResultText>> Write(const ResultDocument& document) const = 0;
};

// Part of the Catalog (llmdyno/catalog/catalog.h); it stands here because a program that only explains
// results has no catalog.
using ReportWriterRegistry = Registry<std::unique_ptr<ReportWriter>, const Diagnostics&>;

// Adds those that llmdyno brings along: markdown. A name that is there already stays what it was.
void AddBuiltInReportWriters(ReportWriterRegistry& registry);

}  // namespace llmdyno
