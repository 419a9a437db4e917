// Records of comma-separated values as RFC 4180 describes them: fields may stand in quotes, and then hold
// commas, line ends and quotes (doubled).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace llmdyno {

// Finds where a record ends. May be fed a record piece by piece.
class CsvScanner {
 public:
  // The offset of the '\n' behind the record, or npos when more is needed.
  size_t FindEnd(std::string_view piece);

 private:
  enum class State { kFieldStart, kPlain, kQuoted, kQuoteInQuoted };
  State state_ = State::kFieldStart;
};

// Cuts one record, without its line end, into its fields. Fails when a quoted field is not closed, or is
// followed by anything but a comma.
absl::Status ParseCsvRecord(std::string_view record, std::vector<std::string>& fields);

}  // namespace llmdyno
