#include "workload/row_parser.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "workload/csv_record.h"

namespace llmdyno {
namespace {

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

absl::Status CheckUtf8(std::string_view row) {
  if (simdjson::validate_utf8(row.data(), row.size())) return absl::OkStatus();
  return absl::InvalidArgumentError("not valid UTF-8");
}

// A line is a prompt.
class TextRowParser final : public RowParser {
 public:
  absl::Status Parse(std::string_view row, Conversation& conversation) override {
    conversation = {};
    LLMDYNO_RETURN_IF_ERROR(CheckUtf8(row));
    conversation.messages.push_back({"user", std::string(row)});
    return absl::OkStatus();
  }
};

class CsvRowParser final : public RowParser {
 public:
  CsvRowParser(std::vector<std::string> header, size_t prompt, std::optional<size_t> output_tokens)
      : header_(std::move(header)), prompt_(prompt), output_tokens_(output_tokens) {}

  absl::Status Parse(std::string_view row, Conversation& conversation) override {
    conversation = {};
    LLMDYNO_RETURN_IF_ERROR(CheckUtf8(row));
    LLMDYNO_RETURN_IF_ERROR(ParseCsvRecord(row, fields_));
    if (fields_.size() != header_.size()) {
      return absl::InvalidArgumentError("expected " + std::to_string(header_.size()) +
                                        " fields as in the header, got " + std::to_string(fields_.size()));
    }
    if (IsBlank(fields_[prompt_])) return absl::NotFoundError("an empty prompt");
    conversation.messages.push_back({"user", fields_[prompt_]});
    if (!output_tokens_ || IsBlank(fields_[*output_tokens_])) return absl::OkStatus();
    conversation.output_tokens = ParseInteger(fields_[*output_tokens_]);
    if (!conversation.output_tokens || *conversation.output_tokens < 1) {
      return absl::InvalidArgumentError(header_[*output_tokens_] + ": expected a whole number from 1, got '" +
                                        fields_[*output_tokens_] + "'");
    }
    return absl::OkStatus();
  }

 private:
  const std::vector<std::string> header_;
  const size_t prompt_;
  const std::optional<size_t> output_tokens_;
  std::vector<std::string> fields_;
};

// The position of the first of `names` that the header has.
std::optional<size_t> FindColumn(const std::vector<std::string>& header,
                                 const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto column = std::find(header.begin(), header.end(), name);
    if (column != header.end()) return static_cast<size_t>(column - header.begin());
  }
  return std::nullopt;
}

}  // namespace

std::unique_ptr<RowParser> MakeTextRowParser() { return std::make_unique<TextRowParser>(); }

absl::StatusOr<std::unique_ptr<RowParser>> MakeCsvRowParser(const ConversationDatasetConfig& config,
                                                            std::string_view header) {
  std::vector<std::string> columns;
  LLMDYNO_RETURN_IF_ERROR(ParseCsvRecord(header, columns));
  const std::vector<std::string> names = PromptFields(config.column);
  const std::optional<size_t> prompt = FindColumn(columns, names);
  if (!prompt) {
    return absl::InvalidArgumentError("the header has no column " + AnyOf(names) + ", only " +
                                      std::string(header.substr(0, 200)));
  }
  std::optional<size_t> output_tokens;
  if (config.read_output_tokens) output_tokens = FindColumn(columns, OutputTokensFields());
  return std::make_unique<CsvRowParser>(std::move(columns), *prompt, output_tokens);
}

RowShape ShapeOf(std::string_view format) {
  if (format == "csv") return RowShape::kCsv;
  return format == "text" ? RowShape::kLines : RowShape::kJson;
}

std::vector<std::string> PromptFields(std::string_view column) {
  if (!column.empty()) return {std::string(column)};
  return {"prompt", "text", "instruction", "input", "question"};
}

std::vector<std::string> OutputTokensFields() {
  return {"output_tokens", "expected_output_tokens", "max_tokens"};
}

std::string AnyOf(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += "'" + names[i] + "'";
  }
  return text;
}

}  // namespace llmdyno
