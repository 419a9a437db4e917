// Record logs, damaged in any way: reading one ends in records or in a sentence, and every record that is
// read can be written again.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "llmdyno/core/record_log.h"

using namespace llmdyno;

namespace {

constexpr std::string_view kHeader =
    "{\"format\":\"llmdyno-records\",\"version\":1,\"monotonic_origin_ns\":0,\"wall_origin_unix_ns\":0,"
    "\"configuration\":{}}\n";

// One file for all inputs, removed at the end of the program.
class ScratchFile {
 public:
  ScratchFile() {
    path_ = (std::filesystem::temp_directory_path() / "llmdyno-record-log-fuzz-XXXXXX").string();
    const int fd = ::mkstemp(path_.data());
    if (fd < 0) std::abort();
    ::close(fd);
  }
  ~ScratchFile() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }
  void Write(std::string_view header, const uint8_t* data, size_t size) const {
    std::FILE* file = std::fopen(path_.c_str(), "wb");
    if (file == nullptr) std::abort();
    std::fwrite(header.data(), 1, header.size(), file);
    std::fwrite(data, 1, size, file);
    std::fclose(file);
  }

 private:
  std::string path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const ScratchFile file;
  // Few inputs would ever guess a header.
  const bool has_own_header = size > 0 && data[0] == '{';
  file.Write(has_own_header ? "" : kHeader, data, size);
  int64_t records = 0;
  const auto contents = ReadRecordLog(file.path(), [&](const RequestRecord& record) {
    ++records;
    int64_t tokens = 0;
    for (const Arrival& arrival : record.arrivals) tokens += arrival.tokens;
    if (tokens != record.arrivals.total_tokens()) std::abort();
    std::string line;
    AppendRecordJson(record, TimePoint(), line);
    if (line.empty() || line.find('\n') != std::string::npos) std::abort();
  });
  if (contents.ok() && contents->records != records) std::abort();
  if (!contents.ok() && contents.status().message().empty()) std::abort();
  return 0;
}
