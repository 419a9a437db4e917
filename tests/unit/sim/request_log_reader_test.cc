#include "llmdyno/sim/request_log_reader.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "sim/request_log.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

// A file of its own, gone afterwards.
class LogFile {
 public:
  explicit LogFile(const std::string& text) {
    const int fd = ::mkstemp(path_.data());
    if (fd < 0) throw std::runtime_error("cannot make " + path_);
    ::close(fd);
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~LogFile() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/llmdyno-sim-test-XXXXXX";
};

RequestLogRecord Logged(const std::string& id) {
  RequestLogRecord record;
  record.x_request_id = id;
  record.arrival_ns = 1000;
  record.end_ns = 4000;
  record.token_sent_ns = {2000, 3000};
  return record;
}

TimePoint At(int64_t nanoseconds) { return TimePoint(Duration(nanoseconds)); }

}  // namespace

TEST_CASE("What the simulated endpoint logs is read back as the truth", "[sim][log]") {
  RequestLogRecord broken_off = Logged("llmdyno-8");
  broken_off.end = "disconnected";
  const LogFile file(ToJson(Logged(XRequestId(7))) + "\n" + ToJson(broken_off) + "\n");
  const auto truths = ReadRequestTruths(file.path());
  REQUIRE(truths.ok());
  REQUIRE(truths->size() == 2);
  const RequestTruth& truth = truths->at("llmdyno-7");
  CHECK(truth.read_at == At(1000));
  CHECK(truth.tokens_sent_at == std::vector{At(2000), At(3000)});
  CHECK(truth.ended_at == At(4000));
  CHECK_FALSE(truths->at("llmdyno-8").ended_at.has_value());
}

TEST_CASE("A log that was cut in its last line is read up to there, a broken one is refused", "[sim][log]") {
  const std::string whole = ToJson(Logged("a")) + "\n";
  const LogFile cut(whole + whole.substr(0, 40));
  const auto truths = ReadRequestTruths(cut.path());
  REQUIRE(truths.ok());
  CHECK(truths->size() == 1);
  const LogFile broken(whole + "{\"x_request_id\":\"b\"}\n" + whole);
  const auto refused = ReadRequestTruths(broken.path());
  CHECK(refused.status().code() == absl::StatusCode::kDataLoss);
  CHECK(std::string(refused.status().message()).ends_with("is broken in line 2"));
  CHECK(ReadRequestTruths("/nowhere/at/all").status().code() == absl::StatusCode::kNotFound);
}

}  // namespace llmdyno
