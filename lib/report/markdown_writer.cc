#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/report_writer.h"
#include "report/markdown_summaries.h"

namespace llmdyno {
namespace {

// A summary to be pasted into a pull request, or appended to the summary of a CI job's step: the verdict
// first, then the figures, then what speaks against them. Kinds are told apart by what the document holds, so
// that the results of a program that nobody knows yet can be said as well.
class MarkdownWriter final : public ReportWriter {
 public:
  explicit MarkdownWriter(std::string file_name) : file_name_(std::move(file_name)) {}

  absl::StatusOr<std::vector<ResultText>> Write(const ResultDocument& document) const override {
    const Json json = Json::parse(document.json, nullptr, false);
    if (json.is_discarded()) {
      return absl::InvalidArgumentError("markdown: the result of '" + document.app + "' is not JSON");
    }
    LLMDYNO_ASSIGN_OR_RETURN(std::string text, Summary(json, document.app));
    return std::vector<ResultText>{{file_name_, std::move(text)}};
  }

 private:
  static absl::StatusOr<std::string> Summary(const Json& json, const std::string& app) {
    const auto has = [&](const char* key, Json::value_t type) {
      const auto found = json.find(key);
      return found != json.end() && found->type() == type;
    };
    if (json.is_array() && (json.empty() || json.front().is_object())) return MarkdownOfQps(Json(), json);
    if (json.is_object()) {
      if (has("metadata", Json::value_t::object)) {
        if (has("results", Json::value_t::array)) return MarkdownOfQps(json["metadata"], json["results"]);
        if (has("results", Json::value_t::object)) return MarkdownOfSweep(json);
      }
      if (has("metrics", Json::value_t::object)) return MarkdownOfRace(json);
      if (json.contains("request_throughput")) return MarkdownOfServing(json);
    }
    return absl::InvalidArgumentError(
        "markdown: the result of '" + app +
        "' is of no kind that it knows: expected that of a race, of a benchmark of rates, of a serving "
        "benchmark, of a sweep or of embeddings");
  }

  const std::string file_name_;
};

// --report markdown
// --report markdown:file_name=report.md
absl::StatusOr<std::unique_ptr<ReportWriter>> MakeMarkdown(const Params& params, const Diagnostics&) {
  std::string file_name = "summary.md";
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Read("file_name", file_name).Finish());
  if (file_name.empty() || file_name.find('/') != std::string::npos) {
    return absl::InvalidArgumentError("markdown: file_name: expected a name without a folder, got '" +
                                      file_name + "'");
  }
  return std::make_unique<MarkdownWriter>(std::move(file_name));
}

}  // namespace

void AddBuiltInReportWriters(ReportWriterRegistry& registry) {
  // A name twice would be our own mistake, and the catalog's test would find it.
  (void)registry.Add({"markdown",
                      "a summary for pull requests and CI jobs, verdict first",
                      MakeMarkdown,
                      {{"file_name", "summary.md", "the text's file in the result's folder"}}});
}

}  // namespace llmdyno
