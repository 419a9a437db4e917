#include "workload/dataset_record.h"

#include <algorithm>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "workload/csv_record.h"
#include "workload/json_field.h"

namespace llmdyno {
namespace {

// What the only cell of a row without columns is called.
constexpr std::string_view kWholeRow = "text";

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

absl::Status NoColumn(std::string_view column) {
  return absl::NotFoundError("no column '" + std::string(column) + "'");
}

absl::Status Blank(std::string_view column) {
  return absl::NotFoundError("nothing in column '" + std::string(column) + "'");
}

absl::Status CheckUtf8(std::string_view row) {
  if (simdjson::validate_utf8(row.data(), row.size())) return absl::OkStatus();
  return absl::InvalidArgumentError("not valid UTF-8");
}

std::string_view StringOf(const JsonObject& object, std::string_view key) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS) return "";
  return text;
}

std::optional<std::string> FirstText(const JsonValue& value);

// A turn of a conversation, a part of a message: {"role": …, "content": …}, {"from": …, "value": …} or
// {"type": "text", "text": …}.
std::optional<std::string> TextOfTurn(const JsonObject& turn) {
  for (const char* key : {"content", "value", "text"}) {
    const std::optional<JsonValue> field = FindField(turn, key);
    if (!field) continue;
    if (auto text = FirstText(*field)) return text;
  }
  return std::nullopt;
}

bool IsOfSystem(const JsonValue& value) {
  JsonObject turn;
  return value.get(turn) == simdjson::SUCCESS &&
         (StringOf(turn, "role") == "system" || StringOf(turn, "from") == "system");
}

// Of a conversation, what was said first; the system's message is no turn of it.
std::optional<std::string> FirstText(const JsonValue& value) {
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) {
    return IsBlank(text) ? std::nullopt : std::optional<std::string>(text);
  }
  if (JsonObject turn; value.get(turn) == simdjson::SUCCESS) return TextOfTurn(turn);
  if (simdjson::dom::array turns; value.get(turns) == simdjson::SUCCESS) {
    for (const JsonValue turn : turns) {
      if (IsOfSystem(turn)) continue;
      if (auto text = FirstText(turn)) return text;
    }
    return std::nullopt;
  }
  return value.is_number() ? std::optional<std::string>(simdjson::to_string(value)) : std::nullopt;
}

class LineRecord final : public DatasetRecord {
 public:
  absl::Status Parse(std::string_view row) override {
    line_ = row;
    return CheckUtf8(row);
  }
  bool Has(std::string_view column) const override { return column == kWholeRow; }
  std::vector<std::string> Columns() const override { return {std::string(kWholeRow)}; }
  absl::StatusOr<std::string> Prompt(std::string_view /*column*/) const override {
    if (IsBlank(line_)) return absl::NotFoundError("an empty text");
    return std::string(line_);
  }
  std::optional<std::string> Text(std::string_view column) const override {
    return column == kWholeRow ? std::optional<std::string>(line_) : std::nullopt;
  }
  absl::Status AddImages(std::string_view /*column*/, ImageReader& /*reader*/,
                         ImageReader::Images& /*images*/) const override {
    return absl::OkStatus();
  }

 private:
  std::string_view line_;
};

class CsvRecord final : public DatasetRecord {
 public:
  explicit CsvRecord(std::vector<std::string> header) : header_(std::move(header)) {}

  absl::Status Parse(std::string_view row) override {
    LLMDYNO_RETURN_IF_ERROR(CheckUtf8(row));
    LLMDYNO_RETURN_IF_ERROR(ParseCsvRecord(row, fields_));
    if (fields_.size() == header_.size()) return absl::OkStatus();
    return absl::InvalidArgumentError("expected " + std::to_string(header_.size()) +
                                      " fields as in the header, got " + std::to_string(fields_.size()));
  }
  bool Has(std::string_view column) const override {
    return std::find(header_.begin(), header_.end(), column) != header_.end();
  }
  std::vector<std::string> Columns() const override { return header_; }
  absl::StatusOr<std::string> Prompt(std::string_view column) const override {
    std::optional<std::string> text = Text(column);
    if (!text) return NoColumn(column);
    if (IsBlank(*text)) return Blank(column);
    return *std::move(text);
  }
  std::optional<std::string> Text(std::string_view column) const override {
    const auto found = std::find(header_.begin(), header_.end(), column);
    if (found == header_.end()) return std::nullopt;
    return fields_[static_cast<size_t>(found - header_.begin())];
  }
  absl::Status AddImages(std::string_view column, ImageReader& reader,
                         ImageReader::Images& images) const override {
    const std::optional<std::string> text = Text(column);
    return text ? reader.Add(*text, images) : absl::OkStatus();
  }

 private:
  const std::vector<std::string> header_;
  std::vector<std::string> fields_;
};

class JsonRecord final : public DatasetRecord {
 public:
  absl::Status Parse(std::string_view row) override {
    LLMDYNO_ASSIGN_OR_RETURN(const JsonValue value, ParseJsonValue(parser_, row));
    is_text_ = value.is_string();
    if (is_text_) return line_.Parse(value.get_string().value());
    if (value.get(object_) == simdjson::SUCCESS) return absl::OkStatus();
    return absl::NotFoundError("expected an object or a string, got " + std::string(TypeName(value)));
  }
  bool Has(std::string_view column) const override {
    return is_text_ ? line_.Has(column) : object_[column].error() == simdjson::SUCCESS;
  }
  std::vector<std::string> Columns() const override {
    if (is_text_) return line_.Columns();
    std::vector<std::string> columns;
    for (const auto field : object_) columns.emplace_back(field.key);
    return columns;
  }
  absl::StatusOr<std::string> Prompt(std::string_view column) const override {
    if (is_text_) return line_.Prompt(column);
    if (!Has(column)) return NoColumn(column);
    const std::optional<JsonValue> value = FindField(object_, column);
    std::optional<std::string> text = value ? FirstText(*value) : std::nullopt;
    if (!text) return Blank(column);
    return *std::move(text);
  }
  std::optional<std::string> Text(std::string_view column) const override {
    if (is_text_) return line_.Text(column);
    const std::optional<JsonValue> value = FindField(object_, column);
    if (!value) return Has(column) ? std::optional<std::string>("") : std::nullopt;
    if (std::string_view text; value->get(text) == simdjson::SUCCESS) return std::string(text);
    return simdjson::to_string(*value);
  }
  absl::Status AddImages(std::string_view column, ImageReader& reader,
                         ImageReader::Images& images) const override {
    if (is_text_) return absl::OkStatus();
    const std::optional<JsonValue> value = FindField(object_, column);
    return value ? reader.Add(*value, images) : absl::OkStatus();
  }

 private:
  simdjson::dom::parser parser_;
  JsonObject object_;
  bool is_text_ = false;
  LineRecord line_;
};

}  // namespace

std::unique_ptr<DatasetRecord> MakeJsonRecord() { return std::make_unique<JsonRecord>(); }

std::unique_ptr<DatasetRecord> MakeLineRecord() { return std::make_unique<LineRecord>(); }

absl::StatusOr<std::unique_ptr<DatasetRecord>> MakeCsvRecord(std::string_view header) {
  std::vector<std::string> columns;
  LLMDYNO_RETURN_IF_ERROR(CheckUtf8(header));
  LLMDYNO_RETURN_IF_ERROR(ParseCsvRecord(header, columns));
  return std::make_unique<CsvRecord>(std::move(columns));
}

}  // namespace llmdyno
