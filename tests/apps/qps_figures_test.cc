// The numbers of a level against the simulator's log and against arithmetic of our own: F14, F15, F24, F25,
// F33.
#include <cmath>

#include "apps/qps_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

// Answers of three tokens; of the requests of each level the last so many of them are refused. Levels are
// told apart by their sizes.
class ScriptedServer {
 public:
  struct Level {
    int requests = 0;
    int refused = 0;
  };
  explicit ScriptedServer(std::vector<Level> levels)
      : levels_(std::move(levels)), server_([this](const std::string& request) { return Answer(request); }) {}
  std::string url() const { return server_.url(); }

 private:
  std::string Answer(const std::string& request) {
    if (!Contains(request, "/chat/completions")) return HttpReply(404, "text/plain", "no such route");
    if (level_ < levels_.size() && answered_ == levels_[level_].requests) {
      ++level_;
      answered_ = 0;
    }
    const Level level = level_ < levels_.size() ? levels_[level_] : Level{};
    const bool is_refused = answered_++ >= level.requests - level.refused;
    if (is_refused) return HttpReply(503, "text/plain", "too much");
    return HttpReply(200, "text/event-stream",
                     "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"
                     "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                     "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3,"
                     "\"total_tokens\":8}}\n\ndata: [DONE]\n\n");
  }
  const std::vector<Level> levels_;
  size_t level_ = 0;
  int answered_ = 0;
  OddServer server_;
};

QpsRun RunScripted(const Scratch& scratch, const ScriptedServer& server, const Arguments& more) {
  return FinishQps(*StartQps(scratch, QpsFlags(scratch, server.url(), more)), scratch);
}

}  // namespace

// F14
TEST_CASE("Latencies are those of the records, and as long as the simulator made them", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "40ms", "--itl", "4ms", "--output-tokens", "5-30"});
  const QpsRun run = RunQps(scratch, sim, {"--qps", "60", "--duration", "1"});
  INFO(run.Said());
  const Json& level = run.files.levels[0];
  const std::vector<Json> records = run.files.Records(0);
  const std::vector<double> e2e = SecondsBetween(records, "started_ns", "ended_ns");
  const std::vector<double> ttft = SecondsBetween(records, "started_ns", "first_text_ns");
  std::vector<double> speed;
  for (size_t i = 0; i < records.size(); ++i) {
    speed.push_back(records[i]["output_tokens"]["tokens"].get<double>() / e2e[i]);
  }
  for (const int p : {50, 90, 95, 99}) {
    const std::string key = "p" + std::to_string(p);
    CHECK(level["e2e_latency"][key].get<double>() == Approx(Percentile(e2e, p)).epsilon(1e-9));
    CHECK(level["ttft"][key].get<double>() == Approx(Percentile(ttft, p)).epsilon(1e-9));
    CHECK(level["tokens_per_sec"][key].get<double>() == Approx(Percentile(speed, p)).epsilon(1e-9));
  }
  // The simulator's account: from the arrival of a request to the write of its tokens. Its arrival comes
  // after our send and our stamp after its write, so ours are longer, by little at the median.
  const std::vector<Json> log = sim.StopAndReadLog();
  REQUIRE(log.size() == 60);
  std::vector<double> true_ttft;
  std::vector<double> true_e2e;
  double tokens = 0;
  for (const Json& request : log) {
    const auto arrival = request["arrival_ns"].get<int64_t>();
    const Json& sent = request["token_sent_ns"];
    true_ttft.push_back(static_cast<double>(sent.front().get<int64_t>() - arrival) * 1e-9);
    true_e2e.push_back(static_cast<double>(sent.back().get<int64_t>() - arrival) * 1e-9);
    tokens += request["tokens"].get<double>();
  }
  CHECK(Percentile(ttft, 50) >= Percentile(true_ttft, 50));
  CHECK(Percentile(ttft, 50) == Approx(Percentile(true_ttft, 50)).margin(0.02));
  CHECK(Percentile(e2e, 50) == Approx(Percentile(true_e2e, 50)).margin(0.02));
  CHECK(level["output_tokens"] == tokens);
  CHECK(level["output_tokens_per_s"].get<double>() ==
        Approx(tokens / level["duration"].get<double>()).epsilon(1e-9));
}

// F15
TEST_CASE("Percentiles of one, two and ten requests are interpolated and marked as thin", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "5ms", "--itl", "1ms", "--output-tokens", "3-40"});
  const QpsRun run =
      RunQps(scratch, sim, {"--qps", "10,20,100", "--duration", "0.1", "--percentiles", "50,90,99"});
  INFO(run.Said());
  const std::vector<size_t> sizes = {1, 2, 10};
  REQUIRE(run.files.levels.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    const std::vector<double> e2e =
        SecondsBetween(run.files.Records(static_cast<int>(i)), "started_ns", "ended_ns");
    REQUIRE(e2e.size() == sizes[i]);
    const Json& level = run.files.levels[i];
    for (const int p : {50, 90, 95, 99}) {
      CHECK(level["e2e_latency"]["p" + std::to_string(p)].get<double>() ==
            Approx(Percentile(e2e, p)).epsilon(1e-9));
    }
    const Json& told = level["distributions"]["e2e_ms"];
    CHECK(told["n"] == sizes[i]);
    CHECK(Contains(told["thin"].dump(), "p99"));
    CHECK(Contains(told["thin"].dump(), "p50") == (sizes[i] < 2));
    CHECK(Contains(told["thin"].dump(), "p90") == (sizes[i] < 10));
    CHECK(told["ci95"]["p99"].is_null());
  }
  CHECK(Contains(run.out, "~ too few requests for this percentile"));
  CHECK(run.files.metadata["definitions"]["quantile"] == "linear");
}

// F24, F25, F33
TEST_CASE("The recommendation climbs to the last level that held, and names the one that broke", "[apps]") {
  const Scratch scratch;
  // 100 %, 99 %, 96 %, 88 % and 70 %.
  const ScriptedServer server({{20, 0}, {100, 1}, {125, 5}, {150, 18}, {200, 60}});
  const QpsRun run = RunScripted(scratch, server, {"--qps", "40,200,250,300,400", "--duration", "0.5"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  REQUIRE(run.files.levels.size() == 5);
  const Json& recommendation = run.files.metadata["recommendation"];
  CHECK(recommendation["highest_99"] == 200);
  CHECK(recommendation["highest_95"] == 250);
  CHECK(recommendation["base"] == 200);
  CHECK(recommendation["at_70"].get<double>() == Approx(140));
  CHECK(recommendation["at_80"].get<double>() == Approx(160));
  CHECK(recommendation["at_90"].get<double>() == Approx(180));
  CHECK(recommendation["saturation_reached"] == true);
  CHECK(recommendation["saturation"] == 300);
  CHECK(LinesWith(run.out, ": PASS - ").size() == 3);
  CHECK(LinesWith(run.out, "QPS 300.0: DEGRADED - 88.0% success").size() == 1);
  CHECK(LinesWith(run.out, "QPS 400.0: FAIL - 70.0% success").size() == 1);
  CHECK(Contains(run.out, "140.0 / 160.0 / 180.0"));
}

// F24
TEST_CASE("A level above one that failed counts for nothing", "[apps]") {
  const Scratch scratch;
  const ScriptedServer server({{20, 0}, {50, 10}, {100, 0}});
  const QpsRun run = RunScripted(scratch, server, {"--qps", "40,100,200", "--duration", "0.5"});
  INFO(run.Said());
  const Json& recommendation = run.files.metadata["recommendation"];
  CHECK(recommendation["highest_99"] == 40);
  CHECK(recommendation["highest_95"] == 40);
  CHECK(recommendation["saturation"] == 100);
}

// F24
TEST_CASE("Where nothing failed saturation was not reached", "[apps]") {
  const Scratch scratch;
  const ScriptedServer server({{20, 0}, {50, 0}});
  const QpsRun run = RunScripted(scratch, server, {"--qps", "100,40", "--duration", "0.5"});
  INFO(run.Said());
  const Json& recommendation = run.files.metadata["recommendation"];
  CHECK(recommendation["highest_99"] == 100);
  CHECK(recommendation["saturation_reached"] == false);
  CHECK(recommendation["saturation"].is_null());
  REQUIRE(LinesWith(run.out, "Saturation:").size() == 1);
  CHECK(Contains(LinesWith(run.out, "Saturation:")[0], "not reached"));
}

// F24
TEST_CASE("Where the lowest level failed nothing is recommended", "[apps]") {
  const Scratch scratch;
  const ScriptedServer server({{20, 4}});
  const QpsRun run = RunScripted(scratch, server, {"--qps", "40", "--duration", "0.5"});
  INFO(run.Said());
  CHECK(run.files.metadata["recommendation"]["base"].is_null());
  CHECK(Contains(run.out, "Recommended for production:             none of these levels"));
}

}  // namespace llmdyno
