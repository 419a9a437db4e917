#include "llmdyno/workload/dataset_format.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/status_macros.h"
#include "workload/csv_record.h"
#include "workload/json_field.h"
#include "workload/row_file.h"
#include "workload/row_parser.h"

namespace llmdyno {
namespace {

// How far "auto" looks for a row that gives the format away: the first rows may be empty ones.
constexpr int64_t kMostRowsLookedAt = 1000;

absl::Status Unknown(std::string_view format) {
  const std::vector<std::string> known = DatasetFormatNames();
  std::string text = "unknown dataset format '" + std::string(format) + "'";
  if (auto nearest = FindNearestName(format, known)) text += " (did you mean '" + *nearest + "'?)";
  text += "; known are auto";
  for (const std::string& name : known) text += ", " + name;
  return absl::InvalidArgumentError(text);
}

// A prompt's field comes last: rows of the other formats may well have an 'input' or a 'text' besides.
std::optional<std::string> FormatOf(const JsonObject& row, std::string_view column) {
  const auto has = [&](std::string_view key) { return FindField(row, key).has_value(); };
  if (!column.empty()) return has(column) ? std::optional<std::string>("prompts") : std::nullopt;
  if (has("cut_chat_history") || has("prompt_content")) return "conversations";
  if (has("conversations")) return "sharegpt";
  if (has("messages")) return "messages";
  if (has("input_length") && has("output_length")) return "trace";
  const std::vector<std::string> fields = PromptFields("");
  if (std::any_of(fields.begin(), fields.end(), has)) return "prompts";
  return std::nullopt;
}

std::string FieldsOf(const JsonObject& row) {
  std::string names;
  for (const auto field : row) {
    if (names.size() > 200) return names + ", …";
    names += (names.empty() ? "'" : ", '") + std::string(field.key) + "'";
  }
  return names.empty() ? "no fields" : "the fields " + names;
}

absl::Status NoFormat(const std::string& path, const std::string& what) {
  return absl::InvalidArgumentError("cannot tell the format of the dataset '" + path + "': " + what +
                                    "; see docs/datasets.md, or name the format");
}

// A file that begins like neither JSON Lines nor an array.
absl::StatusOr<std::string> DetectCsv(const std::string& path, std::string_view column) {
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<RowFile> file, RowFile::Open(path, RowShape::kCsv));
  LLMDYNO_ASSIGN_OR_RETURN(const std::optional<std::string_view> header, file->Next());
  std::vector<std::string> columns;
  const std::vector<std::string> wanted = PromptFields(column);
  if (header && ParseCsvRecord(*header, columns).ok()) {
    const auto has = [&](const std::string& name) {
      return std::find(columns.begin(), columns.end(), name) != columns.end();
    };
    if (std::any_of(wanted.begin(), wanted.end(), has)) return "csv";
  }
  return NoFormat(path,
                  "its first line is neither a JSON object nor a CSV header with a column " + AnyOf(wanted));
}

absl::StatusOr<std::string> Detect(const std::string& path, std::string_view column) {
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<RowFile> file, RowFile::Open(path));
  simdjson::dom::parser parser;
  std::string first;  // what the first row is like
  for (int64_t looked_at = 0; looked_at < kMostRowsLookedAt; ++looked_at) {
    LLMDYNO_ASSIGN_OR_RETURN(const std::optional<std::string_view> text, file->Next());
    if (!text) break;
    if (!text->starts_with('{') && !file->is_array()) return DetectCsv(path, column);
    const absl::StatusOr<JsonObject> row = ParseJsonRow(parser, *text);
    const std::string number = "row " + std::to_string(file->row_number()) + ": ";
    if (!row.ok()) return NoFormat(path, number + std::string(row.status().message()));
    if (const auto format = FormatOf(*row, column)) return *format;
    if (first.empty()) first = number + FieldsOf(*row) + " are those of no known format";
  }
  if (first.empty()) return absl::InvalidArgumentError("the dataset '" + path + "' has no rows");
  return NoFormat(path, first);
}

}  // namespace

std::vector<std::string> DatasetFormatNames() {
  return {"conversations", "sharegpt", "messages", "prompts", "csv", "text", "trace"};
}

absl::StatusOr<std::string> ResolveDatasetFormat(const std::string& path, std::string_view format,
                                                 std::string_view column) {
  if (format == "auto") return Detect(path, column);
  const std::vector<std::string> known = DatasetFormatNames();
  if (std::find(known.begin(), known.end(), format) == known.end()) return Unknown(format);
  return std::string(format);
}

}  // namespace llmdyno
