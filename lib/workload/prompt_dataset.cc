#include "llmdyno/workload/prompt_dataset.h"

#include <simdjson.h>

#include <array>
#include <filesystem>
#include <limits>
#include <span>

#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "workload/row_file.h"

namespace llmdyno {
namespace {

using Row = simdjson::dom::object;
using RowPrompt = absl::StatusOr<std::string>;  // or what is wrong with the row: "no field 'text'"

RowPrompt Unusable(const std::string& problem) { return absl::InvalidArgumentError(problem); }

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

absl::StatusOr<std::string_view> TextField(const Row& row, std::string_view key) {
  simdjson::dom::element value;
  if (row[key].get(value) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("no field '" + std::string(key) + "'");
  }
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("field '" + std::string(key) + "' is not text");
  }
  return text;
}

// {"context": "…", "instruction": "…"}: the two of them without a separator, as the race has always sent
// them.
RowPrompt ReadDolly(const Row& row) {
  LLMDYNO_ASSIGN_OR_RETURN(const std::string_view instruction, TextField(row, "instruction"));
  if (IsBlank(instruction)) return Unusable("field 'instruction' is empty");
  const absl::StatusOr<std::string_view> context = TextField(row, "context");
  return std::string(context.value_or("")) + std::string(instruction);
}

// {"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", …}, …]}: what the user said first.
RowPrompt ReadShareGpt(const Row& row) {
  simdjson::dom::element field;
  if (row["conversations"].get(field) != simdjson::SUCCESS) return Unusable("no field 'conversations'");
  simdjson::dom::array turns;
  if (field.get(turns) != simdjson::SUCCESS) return Unusable("field 'conversations' is not a list");
  for (const simdjson::dom::element turn : turns) {
    Row message;
    if (turn.get(message) != simdjson::SUCCESS)
      return Unusable("an entry of 'conversations' is not an object");
    LLMDYNO_ASSIGN_OR_RETURN(const std::string_view from, TextField(message, "from"));
    // "human" and "user" are users, and so is a name that nobody knows.
    if (from == "gpt" || from == "assistant" || from == "system") continue;
    LLMDYNO_ASSIGN_OR_RETURN(const std::string_view value, TextField(message, "value"));
    if (IsBlank(value)) return Unusable("the first message from a user is empty");
    return std::string(value);
  }
  return Unusable("no message from a user");
}

// {"text": "…"}: the text of a bill, to be summarised.
RowPrompt ReadBillSum(const Row& row) {
  LLMDYNO_ASSIGN_OR_RETURN(const std::string_view text, TextField(row, "text"));
  if (IsBlank(text)) return Unusable("field 'text' is empty");
  return "Summarize this bill in a few plain sentences: what it changes, for whom, and from when.\n\n" +
         std::string(text);
}

// A format is a row of this table.
struct Format {
  std::string_view name;
  std::array<std::string_view, 2> usual_files;  // in order of preference; may be empty
  int64_t max_rows;                             // the rest of a longer file is not read
  RowPrompt (*read)(const Row& row);
};
constexpr int64_t kAllRows = std::numeric_limits<int64_t>::max();
constexpr std::array<Format, 3> kFormats = {{
    {"dolly", {"databricks-dolly-15k.jsonl", ""}, kAllRows, ReadDolly},
    {"sharegpt", {"sharegpt.jsonl", "ShareGPT_V3_unfiltered_cleaned_split.json"}, kAllRows, ReadShareGpt},
    {"billsum", {"billsum.jsonl", ""}, 500, ReadBillSum},
}};

absl::StatusOr<const Format*> FindFormat(std::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return &format;
  }
  const std::vector<std::string> known = PromptFormatNames();
  std::string text = "unknown dataset '" + std::string(name) + "'";
  if (auto nearest = FindNearestName(name, known)) text += " (did you mean '" + *nearest + "'?)";
  text += "; known are";
  for (const std::string& other : known) text += (&other == &known.front() ? " " : ", ") + other;
  return absl::InvalidArgumentError(text);
}

absl::StatusOr<std::string> FindFile(const Format& format, const PromptDatasetConfig& config) {
  if (!config.path.empty()) return config.path;
  std::string looked_for;
  for (const std::string_view name : format.usual_files) {
    if (name.empty()) continue;
    const std::filesystem::path path = std::filesystem::path(config.directory) / name;
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return path.string();
    looked_for += (looked_for.empty() ? "'" : " or '") + path.string() + "'";
  }
  return absl::NotFoundError("the dataset '" + std::string(format.name) +
                             "' needs a local file, and there is no " + looked_for +
                             "; put the file there, or give its path");
}

RowPrompt ReadRow(simdjson::dom::parser& parser, std::string_view text, const Format& format) {
  Row row;
  simdjson::dom::element element;
  // `false`: do not copy, the row file keeps readable bytes behind the row.
  const simdjson::error_code error = parser.parse(text.data(), text.size(), false).get(element);
  if (error != simdjson::SUCCESS)
    return Unusable("not valid JSON: " + std::string(simdjson::error_message(error)));
  if (element.get(row) != simdjson::SUCCESS) return Unusable("not a JSON object");
  return format.read(row);
}

absl::Status NothingUsable(const PromptDataset& dataset, const Format& format) {
  const std::string what = "the dataset '" + dataset.path + "' ";
  if (dataset.rows == 0) return absl::InvalidArgumentError(what + "has no rows");
  const std::string rows =
      dataset.rows == 1 ? "its only row" : "all " + WithThousands(dataset.rows) + " rows";
  return absl::InvalidArgumentError(what + "has no usable row for the format '" + std::string(format.name) +
                                    "': " + rows + " had to be skipped; " + dataset.first_problem);
}

}  // namespace

std::vector<std::string> PromptFormatNames() {
  std::vector<std::string> names;
  for (const Format& format : kFormats) names.emplace_back(format.name);
  return names;
}

absl::StatusOr<PromptDataset> LoadPromptDataset(const PromptDatasetConfig& config) {
  LLMDYNO_ASSIGN_OR_RETURN(const Format* const format, FindFormat(config.format));
  PromptDataset dataset;
  LLMDYNO_ASSIGN_OR_RETURN(dataset.path, FindFile(*format, config));
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<RowFile> file, RowFile::Open(dataset.path));
  simdjson::dom::parser parser;
  while (dataset.rows < format->max_rows) {
    LLMDYNO_ASSIGN_OR_RETURN(const std::optional<std::string_view> row, file->Next());
    if (!row) break;
    ++dataset.rows;
    RowPrompt prompt = ReadRow(parser, *row, *format);
    if (prompt.ok()) {
      dataset.prompts.push_back({*std::move(prompt), {}});
    } else if (++dataset.skipped == 1) {
      dataset.first_problem =
          "row " + std::to_string(file->row_number()) + ": " + std::string(prompt.status().message());
    }
  }
  if (dataset.prompts.empty()) return NothingUsable(dataset, *format);
  return dataset;
}

}  // namespace llmdyno
