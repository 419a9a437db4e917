#include "cli/extensions.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "cli/result_texts.h"

namespace llmdyno {
namespace {

absl::Status OfFlag(const char* flag, const absl::Status& status) {
  return absl::InvalidArgumentError(std::string(flag) + ": " + std::string(status.message()));
}

// Our own, whatever code the extension chose: it is no fault of the endpoint's, nor of the flags.
absl::Status Failed(const std::string& sentences) { return absl::InternalError(sentences); }

void Append(const std::string& sentence, std::string& sentences) {
  sentences += (sentences.empty() ? "" : "; ") + sentence;
}

}  // namespace

absl::StatusOr<Extensions> Extensions::Make(const ExtensionOptions& options, const Catalog& catalog,
                                            const Diagnostics& diagnostics) {
  Extensions extensions;
  extensions.registry_ = &catalog.sinks;
  for (const std::string& text : options.sinks) {
    absl::StatusOr<Params> params = Params::Parse(text);
    if (!params.ok()) return OfFlag("--sink", params.status());
    if (absl::Status known = catalog.sinks.Check(params->name); !known.ok()) return OfFlag("--sink", known);
    extensions.sinks_.push_back({*std::move(params), nullptr});
  }
  for (const std::string& text : options.reports) {
    absl::StatusOr<Params> params = Params::Parse(text);
    if (!params.ok()) return OfFlag("--report", params.status());
    absl::StatusOr<std::unique_ptr<ReportWriter>> writer = catalog.writers.Make(*params, diagnostics);
    if (!writer.ok()) return OfFlag("--report", writer.status());
    extensions.writers_.push_back({ToString(*params), *std::move(writer)});
  }
  return extensions;
}

absl::Status Extensions::OpenSinks(const RecordSinkContext& context) {
  for (Sink& sink : sinks_) {
    absl::StatusOr<std::unique_ptr<RecordSink>> opened = registry_->Make(sink.params, context);
    if (!opened.ok()) return OfFlag("--sink", opened.status());
    sink.sink = *std::move(opened);
  }
  return absl::OkStatus();
}

std::vector<RecordSink*> Extensions::sinks() const { return WithSinks({}); }

std::vector<RecordSink*> Extensions::WithSinks(const std::vector<RecordSink*>& others) const {
  std::vector<RecordSink*> sinks;
  std::copy_if(others.begin(), others.end(), std::back_inserter(sinks),
               [](const RecordSink* sink) { return sink != nullptr; });
  for (const Sink& sink : sinks_) {
    if (sink.sink != nullptr) sinks.push_back(sink.sink.get());
  }
  return sinks;
}

absl::Status Extensions::Close() {
  std::string sentences;
  for (Sink& sink : sinks_) {
    if (sink.sink == nullptr) continue;
    const absl::Status closed = sink.sink->Close();
    sink.sink.reset();
    if (closed.ok()) continue;
    Append("record sink '" + sink.params.name + "': " + std::string(closed.message()), sentences);
  }
  return sentences.empty() ? absl::OkStatus() : Failed(sentences);
}

absl::Status Extensions::WriteReports(const ResultDocument& document, const std::string& path_prefix,
                                      const std::vector<ReportFile>& files) const {
  std::string sentences;
  std::set<std::string> taken;
  for (const ReportFile& file : files) taken.insert(file.path);
  const std::set<std::string> own = taken;
  for (const Writer& writer : writers_) {
    const absl::StatusOr<std::vector<ResultText>> texts = writer.writer->Write(document);
    absl::Status written = texts.status();
    if (written.ok()) written = WriteResultTexts(*texts, path_prefix, taken);
    if (!written.ok()) {
      Append("report writer '" + writer.name + "': " + std::string(written.message()), sentences);
    }
  }
  for (const std::string& path : taken) {
    if (!own.contains(path)) std::fprintf(stderr, "Report: %s\n", path.c_str());
  }
  return sentences.empty() ? absl::OkStatus() : Failed(sentences);
}

}  // namespace llmdyno
