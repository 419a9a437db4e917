#include "llmdyno/report/result_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace llmdyno {
namespace {

absl::Status WriteFailed(const std::string& path) {
  return absl::UnavailableError("cannot write '" + path + "': " + std::strerror(errno));
}

absl::Status WriteAll(const std::string& path, std::string_view text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return WriteFailed(path);
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      absl::Status status = WriteFailed(path);
      ::close(fd);
      return status;
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  // No fsync: on a busy disk it can take ten seconds, and what it protects from is a power cut right now.
  return ::close(fd) == 0 ? absl::OkStatus() : WriteFailed(path);
}

}  // namespace

absl::Status WriteResultFile(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".tmp";
  if (absl::Status status = WriteAll(temporary, text); !status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return WriteFailed(path);
  return absl::OkStatus();
}

}  // namespace llmdyno
