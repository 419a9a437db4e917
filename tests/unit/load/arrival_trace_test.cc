#include "llmdyno/load/arrival_trace.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

// A file with this content that is gone when the test ends.
class TraceFile {
 public:
  explicit TraceFile(const std::string& content) {
    path_ = (std::filesystem::temp_directory_path() / "llmdyno-trace-XXXXXX").string();
    const int fd = ::mkstemp(path_.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TraceFile() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string ProblemOf(const std::string& content) {
  const TraceFile file(content);
  const auto trace = ReadArrivalTrace(file.path());
  REQUIRE_FALSE(trace.ok());
  std::string text(trace.status().message());
  if (const size_t at = text.find(file.path()); at != std::string::npos) {
    text.replace(at, file.path().size(), "FILE");
  }
  return text;
}

TEST_CASE("A trace gives the timestamps of its lines and looks at nothing else", "[load][arrivals]") {
  const TraceFile file(
      "{\"timestamp\": 27482, \"input_length\": 6955, \"hash_ids\": [46, 47, {\"timestamp\": 1}]}\r\n"
      "\n"
      "{\"output_length\": 3, \"timestamp\": 30535.25}\n"
      "{\"timestamp\":0}");
  CHECK(ReadArrivalTrace(file.path()).value() == std::vector<Duration>{27'482ms, 30'535'250us, 0ms});
}

TEST_CASE("Milliseconds since 1970 keep their distances", "[load][arrivals]") {
  const TraceFile file("{\"timestamp\": 1700000000000}\n{\"timestamp\": 1700000000250}\n");
  const auto trace = ReadArrivalTrace(file.path()).value();
  CHECK(std::abs((trace[1] - trace[0] - 250ms).count()) < 1000);
}

TEST_CASE("A line of a trace that is of no use is named", "[load][arrivals]") {
  const std::string good = "{\"timestamp\": 1}\n";
  CHECK(ProblemOf(good + "{\"time\": 2}\n") ==
        "trace 'FILE', line 2: no field 'timestamp'; expected one JSON object per line with a number "
        "'timestamp' in "
        "milliseconds");
  CHECK(ProblemOf(good + "\n{\"timestamp\": \"2\"}\n") ==
        "trace 'FILE', line 3: expected a number of milliseconds as 'timestamp'");
  CHECK(ProblemOf("{\"timestamp\": 1e300}\n") ==
        "trace 'FILE', line 1: expected a number of milliseconds as 'timestamp'");
  CHECK(
      ProblemOf("[1, 2]\n") ==
      "trace 'FILE', line 1: no JSON object; expected one JSON object per line with a number 'timestamp' in "
      "milliseconds");
  CHECK(ProblemOf(good + "{\"timestamp\": 12").find("trace 'FILE', line 2: not valid JSON") == 0);
}

TEST_CASE("A trace without a file or without lines is refused", "[load][arrivals]") {
  CHECK(ProblemOf("\n \n") == "the trace 'FILE' has no requests");
  CHECK(ReadArrivalTrace("/no/such/trace.jsonl").status().message() ==
        "cannot open the trace '/no/such/trace.jsonl'");
  CHECK(ReadArrivalTrace("").status().message() == "no trace file is named: expected path=FILE");
  CHECK_FALSE(ReadArrivalTrace(std::filesystem::temp_directory_path().string()).ok());
}

}  // namespace
}  // namespace llmdyno
