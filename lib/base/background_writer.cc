#include "llmdyno/base/background_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

namespace llmdyno {
namespace {

constexpr auto kFlushInterval = std::chrono::milliseconds(500);
constexpr size_t kFlushBytes = size_t{256} * 1024;

absl::Status WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::DataLossError(std::strerror(errno));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<BackgroundWriter>> BackgroundWriter::Open(const std::string& path,
                                                                         std::string_view kind,
                                                                         std::string_view header) {
  const std::string name = std::string(kind) + " '" + path + "'";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0644);
  if (fd < 0) return absl::FailedPreconditionError("cannot create the " + name + ": " + std::strerror(errno));
  if (absl::Status status = WriteAll(fd, header); !status.ok()) {
    ::close(fd);
    return absl::FailedPreconditionError("cannot write the " + name + ": " + std::string(status.message()));
  }
  try {
    return std::unique_ptr<BackgroundWriter>(new BackgroundWriter(name, fd));
  } catch (const std::system_error& error) {
    ::close(fd);
    return absl::UnavailableError("this machine refuses a thread that writes the " + name + ": " +
                                  error.what());
  }
}

BackgroundWriter::BackgroundWriter(std::string name, int fd)
    : name_(std::move(name)), fd_(fd), thread_([this] { WriteLoop(); }) {}

BackgroundWriter::~BackgroundWriter() { (void)Close(); }

void BackgroundWriter::Append(std::string_view text) {
  std::lock_guard lock(mutex_);
  pending_ += text;
  if (pending_.size() >= kFlushBytes) wake_.notify_one();
}

absl::Status BackgroundWriter::Close() {
  if (!thread_.joinable()) return status_;
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
  if (::close(fd_) != 0 && status_.ok()) status_ = absl::DataLossError(std::strerror(errno));
  if (!status_.ok()) {
    status_ = absl::DataLossError(name_ + " is incomplete: " + std::string(status_.message()));
  }
  return status_;
}

void BackgroundWriter::WriteLoop() {
  std::string batch;
  for (bool closing = false; !closing;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kFlushInterval, [this] { return closing_ || pending_.size() >= kFlushBytes; });
      closing = closing_;
      batch.swap(pending_);
    }
    if (status_.ok()) status_ = WriteAll(fd_, batch);
    batch.clear();
  }
}

}  // namespace llmdyno
