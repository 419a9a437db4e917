#include "workload/csv_record.h"

namespace llmdyno {

size_t CsvScanner::FindEnd(std::string_view piece) {
  for (size_t i = 0; i < piece.size(); ++i) {
    const char c = piece[i];
    if (state_ == State::kQuoted) {
      if (c == '"') state_ = State::kQuoteInQuoted;
      continue;
    }
    if (c == '\n') return i;
    if (c == ',') {
      state_ = State::kFieldStart;
    } else if (c == '"' && state_ != State::kPlain) {
      state_ = State::kQuoted;  // a field's first quote, or the second one of a doubled quote
    } else {
      state_ = State::kPlain;  // a quote in the middle of a field without quotes is a character like others
    }
  }
  return std::string_view::npos;
}

absl::Status ParseCsvRecord(std::string_view record, std::vector<std::string>& fields) {
  fields.clear();
  while (true) {
    std::string& field = fields.emplace_back();
    if (!record.starts_with('"')) {
      const size_t comma = record.find(',');
      field = record.substr(0, comma);
      if (comma == std::string_view::npos) return absl::OkStatus();
      record.remove_prefix(comma + 1);
      continue;
    }
    record.remove_prefix(1);
    while (true) {
      const size_t quote = record.find('"');
      if (quote == std::string_view::npos) {
        return absl::InvalidArgumentError("the quotes of field " + std::to_string(fields.size()) +
                                          " are not closed");
      }
      field += record.substr(0, quote);
      record.remove_prefix(quote + 1);
      if (!record.starts_with('"')) break;
      field += '"';
      record.remove_prefix(1);
    }
    if (record.empty()) return absl::OkStatus();
    if (record.front() != ',') {
      return absl::InvalidArgumentError("field " + std::to_string(fields.size()) +
                                        " goes on behind its closing quotes: expected a comma");
    }
    record.remove_prefix(1);
  }
}

}  // namespace llmdyno
