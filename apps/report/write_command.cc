#include "report/write_command.h"

#include <array>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

#include "cli/flag_table.h"
#include "cli/result_texts.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/report_writer.h"
#include "llmdyno/report/stored_result.h"
#include "report/split_arguments.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

absl::Status Wrong(const std::string& text) { return absl::InvalidArgumentError(text); }

struct WriteOptions {
  std::vector<std::string> reports;
  std::string out;
};

void AddFlags(WriteOptions& options, FlagTable& table) {
  table.Section("Flags");
  table.Repeated("report", options.reports, "NAME[:K=V,...]", "Write the result in this form: markdown");
  table.DescribeDefault("markdown");
  table.Text("out", options.out, "FOLDER|-", "Write into this folder; - prints instead");
  table.DescribeDefault("beside the result");
}

// As the program that measured would have named them: results that share a folder have their name in front.
std::string PrefixBeside(const std::string& result, const ResultDocument& document) {
  const fs::path path(result);
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return (path / "").string();
  const bool has_own_folder = document.app == "llmdyno-race" || document.app == "llmdyno-qps";
  const fs::path parent = path.parent_path();
  return (has_own_folder ? parent / "" : parent / (path.stem().string() + ".")).string();
}

absl::StatusOr<std::string> PrefixIn(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Wrong("--out: cannot make the folder '" + folder + "': " + error.message());
  return (fs::path(folder) / "").string();
}

absl::StatusOr<std::vector<ResultText>> WriteAll(const WriteOptions& options,
                                                 const ResultDocument& document) {
  ReportWriterRegistry registry("report writer");
  AddBuiltInReportWriters(registry);
  std::vector<ResultText> all;
  for (const std::string& name : options.reports) {
    LLMDYNO_ASSIGN_OR_RETURN(const Params params, Params::Parse(name));
    const auto writer = registry.Make(params, Diagnostics());
    if (!writer.ok()) return Wrong("--report: " + std::string(writer.status().message()));
    LLMDYNO_ASSIGN_OR_RETURN(std::vector<ResultText> texts, (*writer)->Write(document));
    for (ResultText& text : texts) all.push_back(std::move(text));
  }
  return all;
}

}  // namespace

absl::StatusOr<std::string> RunWriteCommand(const std::vector<std::string>& arguments) {
  constexpr std::array<std::string_view, 2> kWithValue = {"--report", "--out"};
  WriteOptions options;
  FlagTable table("llmdyno-report write", "writes a result in another form: its file, or its folder.");
  AddFlags(options, table);
  const SplitArguments split = SplitOffFiles(arguments, kWithValue);
  LLMDYNO_ASSIGN_OR_RETURN(const FlagTable::Action action, table.Parse(split.flags));
  if (action == FlagTable::Action::kHelp) return table.Help();
  if (action == FlagTable::Action::kVersion) return std::string("llmdyno-report " LLMDYNO_VERSION "\n");
  if (split.files.size() != 1) {
    return Wrong("write needs one file or folder of a result; got " + std::to_string(split.files.size()) +
                 " names");
  }
  if (options.reports.empty()) options.reports = {"markdown"};
  const std::string& result = split.files.front();
  LLMDYNO_ASSIGN_OR_RETURN(const ResultDocument document, ReadStoredResult(result));
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<ResultText> texts, WriteAll(options, document));
  std::string printed;
  if (options.out == "-") {
    for (const ResultText& text : texts) printed += text.text;
    return printed;
  }
  std::string prefix = PrefixBeside(result, document);
  if (!options.out.empty()) {
    LLMDYNO_ASSIGN_OR_RETURN(prefix, PrefixIn(options.out));
  }
  std::set<std::string> taken = {result};
  LLMDYNO_RETURN_IF_ERROR(WriteResultTexts(texts, prefix, taken));
  for (const ResultText& text : texts) printed += "Report: " + prefix + text.file_name + "\n";
  return printed;
}

}  // namespace llmdyno
