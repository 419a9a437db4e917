#include "workload/row_index.h"

#include <fcntl.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace llmdyno {
namespace {

// The kernel reads no more than a device's read-ahead (usually 128 KiB) at a request for what will be needed.
constexpr int64_t kFetchBytes = int64_t{128} * 1024;

}  // namespace

RowIndex::~RowIndex() {
  if (fd_ >= 0) ::close(fd_);
}

absl::Status RowIndex::Open(const std::string& path, const RowFile& file) {
  path_ = path;
  fd_ = file.DuplicateDescriptor();
  struct stat status {};
  if (fd_ < 0 || ::fstat(fd_, &status) != 0) {
    return absl::InvalidArgumentError("cannot read the dataset '" + path + "': " + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(
        "the dataset '" + path + "' is no regular file: expected one that can be " + "read more than once");
  }
  return absl::OkStatus();
}

void RowIndex::Add(const RowFile& file, std::string_view row) {
  places_.push_back(
      {file.row_offset(), static_cast<uint32_t>(row.size()), static_cast<uint32_t>(file.row_number())});
}

absl::StatusOr<std::string_view> RowIndex::Read(int64_t index) {
  const Place& place = places_[static_cast<size_t>(index)];
  if (buffer_.size() < place.length + simdjson::SIMDJSON_PADDING) {
    buffer_.resize(place.length + simdjson::SIMDJSON_PADDING);
  }
  for (size_t read = 0; read < place.length;) {
    const ssize_t count =
        ::pread(fd_, buffer_.data() + read, place.length - read, place.offset + static_cast<int64_t>(read));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return absl::UnavailableError("cannot read the dataset '" + path_ +
                                    "' any more: " + std::strerror(errno));
    }
    if (count == 0) return Changed();
    read += static_cast<size_t>(count);
  }
  return std::string_view(buffer_.data(), place.length);
}

void RowIndex::WillRead(int64_t index, bool sequential) {
  const Place& place = places_[static_cast<size_t>(index)];
  const int64_t end = place.offset + place.length;
  if (sequential && place.offset >= fetched_from_ && end <= fetched_to_) return;
  const int64_t wanted = sequential ? std::max<int64_t>(place.length, kFetchBytes) : place.length;
  // Only a hint: when it is not taken, the row is read a little later.
  ::posix_fadvise(fd_, place.offset, wanted, POSIX_FADV_WILLNEED);
  fetched_from_ = place.offset;
  fetched_to_ = place.offset + wanted;
}

absl::Status RowIndex::Changed() const {
  return absl::UnavailableError("the dataset '" + path_ + "' was changed after it had been loaded");
}

}  // namespace llmdyno
