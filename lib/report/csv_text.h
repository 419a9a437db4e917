// CSV as RFC 4180 has it: quoting on the way out, a parser on the way in.
#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace llmdyno {

// Appends a field, in quotes when it holds a comma, a quote or a line break.
void AppendCsvField(std::string_view field, std::string& row);

// At most `limit` characters of a text, then "..." if there was more. Cuts between code points; bytes that
// are not UTF-8, and NUL, become U+FFFD, so that every CSV reader accepts the result.
std::string CutText(std::string_view text, size_t limit);

// Reads records one by one; fields in quotes may span lines. CR LF and LF both end a record, blank lines are
// skipped.
class CsvReader {
 public:
  explicit CsvReader(std::istream& in) : in_(in) {}
  // False at the end, or when a quoted field never ends (`is_broken`).
  bool Next(std::vector<std::string>& fields);
  bool is_broken() const { return is_broken_; }
  int64_t line() const { return line_; }  // where the last record began, from 1

 private:
  std::istream& in_;
  int64_t line_ = 0;
  int64_t next_line_ = 1;
  bool is_broken_ = false;
};

}  // namespace llmdyno
