#include "workload/row_file.h"

#include <fcntl.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "llmdyno/base/status_macros.h"
#include "workload/csv_record.h"

namespace llmdyno {
namespace {

constexpr size_t kReadBytes = size_t{256} * 1024;
// The longest rows of the known datasets have a few megabytes. A "row" beyond this is a file of another kind,
// and must not be allowed to fill the memory.
constexpr size_t kMaxRowBytes = size_t{64} * 1024 * 1024;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kSpace = " \t\r\n";

bool IsSpace(char c) { return kSpace.find(c) != std::string_view::npos; }

// Finds where an array element ends. Knows just enough of JSON for that: nesting, and that brackets inside of
// strings are none. May be fed an element piece by piece.
class ElementScanner {
 public:
  // The offset of the ',' or ']' behind the element, or npos when more is needed.
  size_t FindEnd(std::string_view piece) {
    for (size_t i = 0; i < piece.size(); ++i) {
      const char c = piece[i];
      if (in_string_) {
        if (escaped_)
          escaped_ = false;
        else if (c == '\\')
          escaped_ = true;
        else if (c == '"')
          in_string_ = false;
        continue;
      }
      if (depth_ == 0 && (c == ',' || c == ']')) return i;
      if (c == '"') in_string_ = true;
      if (c == '{' || c == '[') ++depth_;
      if ((c == '}' || c == ']') && depth_ > 0) --depth_;
    }
    return std::string_view::npos;
  }

 private:
  bool in_string_ = false;
  bool escaped_ = false;
  int64_t depth_ = 0;
};

absl::Status CannotRead(const std::string& path) {
  return absl::InvalidArgumentError("cannot read the dataset '" + path + "': " + std::strerror(errno));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RowFile>> RowFile::Open(const std::string& path, RowShape shape) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return CannotRead(path);
  std::unique_ptr<RowFile> file(new RowFile(path, fd));
  file->is_csv_ = shape == RowShape::kCsv;
  while (file->filled_ < kByteOrderMark.size() && !file->at_end_of_file_)
    LLMDYNO_RETURN_IF_ERROR(file->ReadMore());
  if (std::string_view(file->buffer_.data(), file->filled_).starts_with(kByteOrderMark)) {
    file->begin_ = kByteOrderMark.size();
  }
  if (shape != RowShape::kJson) return file;
  // An array may begin behind blank lines; lines of a JSON Lines file are counted from its very first.
  size_t first = file->begin_;
  while (true) {
    while (first < file->filled_ && IsSpace(file->buffer_[first])) ++first;
    if (first < file->filled_ || file->at_end_of_file_ || first - file->begin_ > kMaxRowBytes) break;
    const size_t ahead = first - file->begin_;
    LLMDYNO_RETURN_IF_ERROR(file->ReadMore());
    first = file->begin_ + ahead;
  }
  if (first < file->filled_ && file->buffer_[first] == '[') {
    file->is_array_ = true;
    file->begin_ = first + 1;
  }
  return file;
}

RowFile::~RowFile() { ::close(fd_); }

int RowFile::DuplicateDescriptor() const { return ::fcntl(fd_, F_DUPFD_CLOEXEC, 0); }

absl::StatusOr<std::optional<std::string_view>> RowFile::Next() {
  if (is_csv_) return NextRecord();
  return is_array_ ? NextElement() : NextLine();
}

absl::Status RowFile::ReadMore() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, filled_ - begin_);
    filled_ -= begin_;
    buffer_offset_ += static_cast<int64_t>(begin_);
    begin_ = 0;
  }
  if (filled_ > kMaxRowBytes) {
    return absl::InvalidArgumentError("the dataset '" + path_ + "' has a row of more than " +
                                      std::to_string(kMaxRowBytes >> 20) + " MiB behind row " +
                                      std::to_string(row_number_) + ": expected JSON Lines or a JSON array");
  }
  // Doubling keeps the memmove of a long row, read in many pieces, from becoming quadratic.
  const size_t wanted = filled_ + std::max(kReadBytes, filled_) + simdjson::SIMDJSON_PADDING;
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  ssize_t count = 0;
  do {
    count = ::read(fd_, buffer_.data() + filled_, buffer_.size() - filled_ - simdjson::SIMDJSON_PADDING);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return CannotRead(path_);
  at_end_of_file_ = count == 0;
  filled_ += static_cast<size_t>(count);
  return absl::OkStatus();
}

std::string_view RowFile::TakeUpTo(size_t end, std::string_view trimmed) {
  std::string_view row(buffer_.data() + begin_, end - begin_);
  begin_ = end;
  row.remove_prefix(std::min(row.size(), row.find_first_not_of(trimmed)));
  row.remove_suffix(row.size() - (row.find_last_not_of(trimmed) + 1));
  row_offset_ = buffer_offset_ + (row.data() - buffer_.data());
  return row;
}

absl::StatusOr<std::optional<std::string_view>> RowFile::NextLine() {
  while (true) {
    size_t searched = 0;
    const void* newline = nullptr;
    while (true) {
      const size_t unread = filled_ - begin_;
      newline = std::memchr(buffer_.data() + begin_ + searched, '\n', unread - searched);
      if (newline != nullptr || at_end_of_file_) break;
      searched = unread;
      LLMDYNO_RETURN_IF_ERROR(ReadMore());
    }
    if (newline == nullptr && begin_ == filled_) return std::nullopt;
    ++row_number_;
    const size_t end = newline == nullptr
                           ? filled_
                           : static_cast<size_t>(static_cast<const char*>(newline) - buffer_.data());
    const std::string_view row = TakeUpTo(end, kSpace);
    if (newline != nullptr) ++begin_;
    if (!row.empty()) return row;
  }
}

absl::StatusOr<bool> RowFile::SkipSpace(bool skip_commas) {
  while (true) {
    while (begin_ < filled_ && (IsSpace(buffer_[begin_]) || (skip_commas && buffer_[begin_] == ',')))
      ++begin_;
    if (begin_ < filled_) return true;
    if (at_end_of_file_) return false;
    LLMDYNO_RETURN_IF_ERROR(ReadMore());
  }
}

absl::StatusOr<std::optional<std::string_view>> RowFile::NextElement() {
  if (array_end_ != ArrayEnd::kNone) return std::nullopt;
  LLMDYNO_ASSIGN_OR_RETURN(const bool found, SkipSpace(true));
  if (!found) return std::nullopt;
  if (buffer_[begin_] == ']') {
    LLMDYNO_RETURN_IF_ERROR(EndArray());
    return std::nullopt;
  }
  ++row_number_;
  ElementScanner scanner;
  for (size_t searched = 0;;) {
    const size_t end = scanner.FindEnd({buffer_.data() + begin_ + searched, filled_ - begin_ - searched});
    if (end != std::string_view::npos) return TakeUpTo(begin_ + searched + end, kSpace);
    // A file that was cut: the parser will say so of this row.
    if (at_end_of_file_) return TakeUpTo(filled_, kSpace);
    searched = filled_ - begin_;
    LLMDYNO_RETURN_IF_ERROR(ReadMore());
  }
}

absl::Status RowFile::EndArray() {
  ++begin_;
  LLMDYNO_ASSIGN_OR_RETURN(const bool has_more, SkipSpace(false));
  array_end_ = has_more ? ArrayEnd::kFollowedByText : ArrayEnd::kLast;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string_view>> RowFile::NextRecord() {
  while (true) {
    CsvScanner scanner;
    size_t end = std::string_view::npos;
    for (size_t searched = 0; end == std::string_view::npos; searched = filled_ - begin_) {
      if (searched > 0 || begin_ == filled_) LLMDYNO_RETURN_IF_ERROR(ReadMore());
      const std::string_view unread(buffer_.data() + begin_, filled_ - begin_);
      end = scanner.FindEnd(unread.substr(searched));
      if (end != std::string_view::npos) end += begin_ + searched;
      if (end == std::string_view::npos && at_end_of_file_) break;
    }
    if (end == std::string_view::npos && begin_ == filled_) return std::nullopt;
    const bool has_newline = end != std::string_view::npos;
    row_number_ = next_line_;
    const std::string_view row = TakeUpTo(has_newline ? end : filled_, "\r\n");
    next_line_ += 1 + std::count(row.begin(), row.end(), '\n');
    if (has_newline) ++begin_;
    if (!row.empty()) return row;
  }
}

}  // namespace llmdyno
