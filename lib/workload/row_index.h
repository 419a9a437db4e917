// Where the rows of a file are, so that each can be read again when it is needed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "workload/row_file.h"

namespace llmdyno {

// Takes 16 bytes of memory a row, and the longest row read. Not thread-safe.
class RowIndex {
 public:
  RowIndex() = default;
  ~RowIndex();
  RowIndex(const RowIndex&) = delete;
  RowIndex& operator=(const RowIndex&) = delete;

  // Keeps hold of the file, so that a file which is replaced under the same name goes on being read. Fails
  // for what is no regular file, since that cannot be read twice.
  absl::Status Open(const std::string& path, const RowFile& file);
  // The row that `file` returned last.
  void Add(const RowFile& file, std::string_view row);

  int64_t size() const { return static_cast<int64_t>(places_.size()); }
  int64_t row_number(int64_t index) const { return places_[static_cast<size_t>(index)].row_number; }

  // Valid until the next call; the bytes behind the row are readable as far as simdjson wants them to be.
  absl::StatusOr<std::string_view> Read(int64_t index);
  // Asks the kernel to fetch the row; with `sequential` also those behind it, and not once a row.
  void WillRead(int64_t index, bool sequential);

  absl::Status Changed() const;  // what to say of a file that is no longer what it was

 private:
  struct Place {
    int64_t offset = 0;
    uint32_t length = 0;
    uint32_t row_number = 0;
  };

  std::string path_;
  int fd_ = -1;
  std::vector<Place> places_;
  std::string buffer_;
  int64_t fetched_from_ = 0;  // what the last sequential WillRead asked for
  int64_t fetched_to_ = 0;
};

}  // namespace llmdyno
