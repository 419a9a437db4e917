// Appends to a file without waiting for the disk: a thread of its own writes what has been queued, at least
// twice a second, so that a killed program loses little. Used by the record log and the CSV.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace llmdyno {

// Append and Close from one thread. What cannot be written is reported by Close, which the destructor calls
// too.
class BackgroundWriter {
 public:
  // Creates and truncates the file and writes `header` at once. `kind` names the file in messages: "CSV".
  // FailedPrecondition when it cannot be created or the header cannot be written.
  static absl::StatusOr<std::unique_ptr<BackgroundWriter>> Open(const std::string& path,
                                                                std::string_view kind,
                                                                std::string_view header);
  ~BackgroundWriter();
  BackgroundWriter(const BackgroundWriter&) = delete;
  BackgroundWriter& operator=(const BackgroundWriter&) = delete;

  // Queues the text and returns; the memory of what is queued has no limit. Not after Close.
  void Append(std::string_view text);
  // Writes what is queued, waits for the disk and closes the file. DataLoss when anything could not be
  // written, naming the file; calling it again gives the same answer.
  absl::Status Close();

 private:
  BackgroundWriter(std::string name, int fd);
  void WriteLoop();

  const std::string name_;
  const int fd_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string pending_;   // guarded by mutex_
  bool closing_ = false;  // guarded by mutex_
  absl::Status status_;   // the writing thread's until it is joined
  std::thread thread_;
};

}  // namespace llmdyno
