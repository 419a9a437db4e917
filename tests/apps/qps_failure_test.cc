// Failures of a level: F11 to F13, F23, F27, F36.
#include <cmath>

#include "apps/qps_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

Arguments Quick(const Arguments& more) {
  Arguments flags = {"--ttft", "2ms", "--itl", "1ms", "--output-tokens", "10", "--retry-after", "0"};
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

int64_t Sum(const Json& counts) {
  int64_t sum = 0;
  for (const auto& [key, count] : counts.items()) sum += count.get<int64_t>();
  return sum;
}

}  // namespace

// F11
TEST_CASE("Requests that never end are timeouts, and the level ends with them", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(Quick({"--stall", "1"}));
  const QpsRun run = RunQps(scratch, sim, {"--qps", "10", "--duration", "1", "--timeout", "500ms"});
  INFO(run.Said());
  CHECK(run.exit == 3);
  const Json& level = run.files.levels[0];
  CHECK(level["total_requests"] == 10);
  CHECK(level["failed_requests"] == 10);
  CHECK(level["errors"] == Json{{"Timeout", 10}});
  CHECK(level["status_codes"] == Json::object());
  CHECK(level["duration"].get<double>() == Approx(1.4).margin(0.5));  // the last is sent at 0.9 s
  CHECK(level["actual_qps"].get<double>() == Approx(10).epsilon(0.1));
}

// F11
TEST_CASE("What is left at the end of the drain is cancelled and failed", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(Quick({"--stall-mid", "1"}));
  const QpsRun run = RunQps(scratch, sim, {"--qps", "10,20", "--duration", "1", "--drain-timeout", "300ms"});
  INFO(run.Said());
  REQUIRE(run.files.levels.size() == 1);  // nothing succeeded: the second level is skipped
  const Json& level = run.files.levels[0];
  CHECK(level["failed_requests"] == 10);
  CHECK(level["errors"] == Json{{"Cancelled at the end of the drain", 10}});
  CHECK(level["duration"].get<double>() < 3);
}

// F12, F13, F27
TEST_CASE("Failures are counted per class as the simulator made them, the most frequent first", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(
      Quick({"--fail", "503:0.2", "--http-500", "0.1", "--drop", "0.08", "--stall", "0.05"}));
  const QpsRun run =
      RunQps(scratch, sim, {"--qps", "100", "--duration", "1.5", "--timeout", "700ms", "--stop-below", "0"});
  INFO(run.Said());
  CHECK(run.exit == 0);
  const Json& level = run.files.levels[0];
  const Json faults = sim.Stats()["faults"];
  INFO(faults.dump());
  CHECK(level["errors"].value("HTTP 503", 0) == faults["http_503"]);
  CHECK(level["errors"].value("HTTP 500", 0) == faults["http_500"]);
  CHECK(level["errors"].value("Timeout", 0) == faults["stall"]);
  CHECK(level["http_503"] == faults["http_503"]);
  CHECK(Sum(level["errors"]) == level["failed_requests"]);
  const int64_t failed = Sum(faults);
  CHECK(level["failed_requests"] == failed);
  CHECK(level["total_requests"] == 150);
  CHECK(level["successful_requests"] == 150 - failed);
  CHECK(level["success_rate"].get<double>() ==
        Approx(100 * static_cast<double>(150 - failed) / 150).epsilon(1e-9));
  // Only those that got a status line have a status.
  CHECK(level["status_codes"]["200"] == 150 - failed);
  CHECK(level["status_codes"]["503"] == faults["http_503"]);
  CHECK(Sum(level["status_codes"]) == 150 - faults["drop"].get<int64_t>() - faults["stall"].get<int64_t>());

  // "  - HTTP 503: 28 occurrences", and counts that never rise.
  double last = 1e9;
  int listed = 0;
  for (const std::string& line : LinesWith(run.out, " occurrence")) {
    const double count = std::strtod(line.substr(line.rfind(": ") + 2).c_str(), nullptr);
    CHECK(count <= last);
    last = count;
    ++listed;
  }
  CHECK(listed == static_cast<int>(level["errors"].size()));
  CHECK(Contains(run.out, "- HTTP 503: " + std::to_string(faults["http_503"].get<int>()) + " occurrences"));
}

// F36
TEST_CASE("An empty stream and an error inside a 200 are failures", "[apps]") {
  struct Case {
    std::string fault;
    std::string label;
  };
  const std::vector<Case> cases = {{"--empty", "Empty response"},
                                   {"--sse-error", "Error in the response"},
                                   {"--bad-json", "Malformed response"},
                                   {"--cut", "Response cut off"}};
  for (const Case& each : cases) {
    const Scratch scratch;
    const SimProcess sim(Quick({each.fault}));
    const QpsRun run = RunQps(scratch, sim, {"--qps", "20", "--duration", "0.2"});
    INFO(each.fault << run.Said());
    CHECK(run.exit == 3);
    CHECK(Contains(run.err, "not one request succeeded"));
    const Json& level = run.files.levels[0];
    CHECK(level["successful_requests"] == 0);
    CHECK(level["errors"] == Json{{each.label, 4}});
    CHECK(level["status_codes"] == Json{{"200", 4}});
    CHECK(level["ttft"]["p50"].is_null());
    CHECK(level["e2e_latency"]["p99"].is_null());
  }
}

TEST_CASE("A stream without its last mark is a success all the same", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(Quick({"--no-done"}));
  const QpsRun run = RunQps(scratch, sim, {"--qps", "20", "--duration", "0.2"});
  INFO(run.Said());
  CHECK(run.files.levels[0]["successful_requests"] == 4);
}

// F23
TEST_CASE("After a level below 50 % success the others are skipped, and the files say so", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(Quick({"--fail", "503:0.8"}));
  const QpsRun run = RunQps(scratch, sim, {"--qps", "50,60,70", "--duration", "1"});
  INFO(run.Said());
  CHECK(run.exit == 0);
  REQUIRE(run.files.levels.size() == 1);
  CHECK(run.files.levels[0]["success_rate"].get<double>() < 50);
  CHECK(run.files.metadata["qps_levels"] == Json({50.0, 60.0, 70.0}));
  CHECK(run.files.metadata["levels_run"] == 1);
  CHECK(run.files.metadata["skipped_levels"] == Json({60.0, 70.0}));
  CHECK(Contains(run.files.metadata["skip_reason"].get<std::string>(), "50"));
  CHECK(LinesWith(run.out, "SKIPPED").size() == 2);
}

TEST_CASE("Where the limit of success is lowered, every level is run", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(Quick({"--fail", "503:0.8"}));
  const QpsRun run = RunQps(scratch, sim, {"--qps", "50,60", "--duration", "0.4", "--stop-below", "0"});
  INFO(run.Said());
  CHECK(run.files.levels.size() == 2);
  CHECK(run.files.metadata["skipped_levels"] == Json::array());
}

}  // namespace llmdyno
