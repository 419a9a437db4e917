// Reads a JSON Lines file, a file that holds one JSON array, a CSV file or lines of text, row by row: in the
// memory of its longest row, however large the file is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace llmdyno {

// What separates the rows of a file.
enum class RowShape {
  kJson,   // line ends, or the commas of an array when the file begins with '['
  kLines,  // line ends
  kCsv,    // line ends outside of quotes (RFC 4180)
};

// Rows are cut out, not checked: a row may be anything that stands on a line or between the commas of an
// array.
class RowFile {
 public:
  // Reads the beginning of the file and finds out what kind it is. The Status of a file that cannot be opened
  // or read says why, in a sentence.
  static absl::StatusOr<std::unique_ptr<RowFile>> Open(const std::string& path,
                                                       RowShape shape = RowShape::kJson);
  ~RowFile();
  RowFile(const RowFile&) = delete;
  RowFile& operator=(const RowFile&) = delete;

  // The next row without the white space around it, or nothing when there are no more; blank lines are no
  // rows. The text is valid until the next call, and the bytes behind it are readable as far as simdjson
  // wants them to be.
  absl::StatusOr<std::optional<std::string_view>> Next();

  // Which row Next returned last, from 1: the number of its (first) line, or of its place in the array.
  int64_t row_number() const { return row_number_; }
  // Where in the file that row begins, in bytes.
  int64_t row_offset() const { return row_offset_; }

  bool is_array() const { return is_array_; }
  // Known once Next returned nothing; both false for a file that is no array.
  bool array_is_closed() const { return array_end_ != ArrayEnd::kNone; }
  bool has_text_behind_array() const { return array_end_ == ArrayEnd::kFollowedByText; }

  // Of the open file, for reading rows again; -1 when there are no descriptors left. The caller closes it.
  int DuplicateDescriptor() const;

 private:
  enum class ArrayEnd { kNone, kLast, kFollowedByText };

  RowFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  absl::Status ReadMore();
  // Makes bytes from begin_ on available until one is not white space; false at the end of the file.
  absl::StatusOr<bool> SkipSpace(bool skip_commas);
  absl::StatusOr<std::optional<std::string_view>> NextLine();
  absl::StatusOr<std::optional<std::string_view>> NextElement();
  absl::StatusOr<std::optional<std::string_view>> NextRecord();
  absl::Status EndArray();
  std::string_view TakeUpTo(size_t end, std::string_view trimmed);

  const std::string path_;
  const int fd_;
  bool is_array_ = false;
  bool is_csv_ = false;
  bool at_end_of_file_ = false;
  ArrayEnd array_end_ = ArrayEnd::kNone;
  int64_t row_number_ = 0;
  int64_t row_offset_ = 0;
  int64_t next_line_ = 1;      // of a CSV file
  int64_t buffer_offset_ = 0;  // where in the file buffer_ begins
  std::string buffer_;         // bytes [begin_, filled_) are unread; what follows is room and padding
  size_t begin_ = 0;
  size_t filled_ = 0;
};

}  // namespace llmdyno
