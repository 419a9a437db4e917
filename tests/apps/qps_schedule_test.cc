// When llmdyno-qps sends what, by the simulator's own log: F01, F06 to F10, F34, and traces.
#include <algorithm>
#include <cmath>

#include "apps/qps_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const Arguments kQuick = {"--ttft", "2ms", "--itl", "1ms", "--output-tokens", "3"};

// Seconds from the first to the last arrival of the requests [first, last) of a log.
double SpanOf(const std::vector<Json>& log, size_t first, size_t last) {
  return static_cast<double>(log.at(last - 1)["arrival_ns"].get<int64_t>() -
                             log.at(first)["arrival_ns"].get<int64_t>()) *
         1e-9;
}

}  // namespace

// F01, F06, F07, F08
TEST_CASE("Each level sends rate times duration requests, evenly and in file order", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const std::string three = scratch.Write("three.json", Conversations(3));
  const QpsRun run = RunQps(scratch, sim, {"--qps", "5,10", "--duration", "2", "--dataset", three});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> log = sim.StopAndReadLog();
  REQUIRE(log.size() == 30);  // 5 * 2 + 10 * 2
  for (size_t i = 0; i < 30; ++i) {
    const size_t of_level = i < 10 ? i : i - 10;  // each level begins with the first row
    CHECK(QuestionOf(log[i]) == "question " + std::to_string(of_level % 3));
  }
  // 10 requests at 5/s span 9 gaps of 0.2 s, 20 at 10/s span 19 of 0.1 s; a busy machine may blur both ends.
  CHECK(SpanOf(log, 0, 10) == Approx(1.8).margin(0.15));
  CHECK(SpanOf(log, 10, 30) == Approx(1.9).margin(0.15));

  REQUIRE(run.files.levels.size() == 2);
  for (const int level : {0, 1}) {
    const Json& result = run.files.levels[static_cast<size_t>(level)];
    const double rate = level == 0 ? 5 : 10;
    CHECK(result["qps_target"] == rate);
    CHECK(result["offered_qps"].get<double>() == Approx(rate).epsilon(1e-6));
    CHECK(result["actual_qps"].get<double>() == Approx(rate).epsilon(0.05));
    CHECK(result["total_requests"] == 2 * rate);
    CHECK(result["send_error_us"]["n"] == 2 * rate);
    // Multiples of one interval since the level's first: what is sent late moves no later one.
    const std::vector<Json> records = run.files.Records(level);
    REQUIRE(static_cast<double>(records.size()) == 2 * rate);
    const int64_t first = records[0]["scheduled_ns"];
    for (size_t i = 0; i < records.size(); ++i) {
      CHECK(static_cast<double>(records[i]["scheduled_ns"].get<int64_t>() - first) * 1e-9 ==
            Approx(static_cast<double>(i) / rate).margin(1e-6));
    }
  }
}

// F08
TEST_CASE("A duration that is no multiple of the interval is rounded to whole requests", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const QpsRun run = RunQps(scratch, sim, {"--qps", "2.6,3.4", "--duration", "1"});
  INFO(run.Said());
  CHECK(run.files.levels[0]["total_requests"] == 3);  // round(2.6)
  CHECK(run.files.levels[1]["total_requests"] == 3);  // round(3.4)
  CHECK(sim.StopAndReadLog().size() == 6);
}

// F09
TEST_CASE("Poisson arrivals vary as their process should, and repeat with their seed", "[apps]") {
  const Scratch scratches[4];
  const SimProcess sim(kQuick);
  const std::vector<Arguments> kinds = {{"--arrival", "poisson"},
                                        {"--arrival", "poisson"},
                                        {"--arrival", "poisson", "--seed", "1"},
                                        {"--arrival", "gamma", "--burstiness", "0.25"}};
  std::vector<std::unique_ptr<ChildProcess>> processes;
  for (size_t i = 0; i < kinds.size(); ++i) {
    Arguments more = {"--qps", "200", "--duration", "1.5"};
    more.insert(more.end(), kinds[i].begin(), kinds[i].end());
    processes.push_back(StartQps(scratches[i], QpsFlags(scratches[i], sim.url(), more)));
  }
  std::vector<std::vector<double>> gaps;
  for (size_t i = 0; i < kinds.size(); ++i) {
    const QpsRun run = FinishQps(*processes[i], scratches[i]);
    INFO(run.Said());
    REQUIRE(run.exit == 0);
    CHECK(run.files.levels[0]["total_requests"] == 300);
    gaps.push_back(GapsOf(run.files.Records(0), "scheduled_ns"));
  }
  // Of 299 exponential gaps the coefficient of variation is 1 +- 0.06 (one sigma); with shape 1/4 it is 2.
  CHECK(VariationOf(gaps[0]) == Approx(1).margin(0.2));
  CHECK(VariationOf(gaps[3]) == Approx(2).margin(0.6));
  double largest_difference = 0;
  for (size_t i = 0; i < gaps[0].size(); ++i) {
    largest_difference = std::max(largest_difference, std::abs(gaps[0][i] - gaps[1][i]));
  }
  CHECK(largest_difference < 1e-7);
  CHECK(gaps[0] != gaps[2]);
}

// F09, as the endpoint saw it
TEST_CASE("Poisson arrivals come to the endpoint with exponential gaps", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const QpsRun run = RunQps(scratch, sim, {"--qps", "100", "--duration", "2", "--arrival", "poisson"});
  INFO(run.Said());
  const std::vector<double> gaps = GapsOf(sim.StopAndReadLog(), "arrival_ns");
  REQUIRE(gaps.size() == 199);
  CHECK(VariationOf(gaps) == Approx(1).margin(0.3));
  CHECK(run.files.levels[0]["offered_qps"].get<double>() == Approx(100).epsilon(0.25));
}

// F10
TEST_CASE("A slow endpoint does not slow the sending", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "2.5s", "--output-tokens", "2"});
  const QpsRun run = RunQps(scratch, sim, {"--qps", "80", "--duration", "1.5"});
  INFO(run.Said());
  CHECK(run.exit == 0);
  const Json& level = run.files.levels[0];
  CHECK(level["total_requests"] == 120);
  CHECK(level["successful_requests"] == 120);
  CHECK(level["peak_in_flight"].get<int>() > 100);
  CHECK(level["sent_qps"].get<double>() == Approx(80).epsilon(0.1));
  // The drain is in the time of the level but not in the rate that was offered: 120 / (1.5 + 2.5).
  CHECK(level["actual_qps"].get<double>() == Approx(80).epsilon(0.1));
  CHECK(level["completed_qps"].get<double>() == Approx(30).epsilon(0.2));
  const std::vector<Json> log = sim.StopAndReadLog();
  REQUIRE(log.size() == 120);
  CHECK(log.back()["arrival_ns"].get<int64_t>() < log.front()["token_sent_ns"][0].get<int64_t>());
}

// F34
TEST_CASE("A pause of the endpoint changes nothing about the sending and shows from the schedule", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const auto process = StartQps(scratch, QpsFlags(scratch, sim.url(), {"--qps", "50", "--duration", "2.5"}));
  REQUIRE(Eventually([&] { return sim.Stats()["generations"].get<int>() >= 40; }));
  sim.Freeze();
  std::this_thread::sleep_for(std::chrono::milliseconds(800));
  sim.Thaw();
  const QpsRun run = FinishQps(*process, scratch);
  INFO(run.Said());
  const Json& level = run.files.levels[0];
  CHECK(level["successful_requests"] == 125);
  CHECK(level["sent_qps"].get<double>() == Approx(50).epsilon(0.1));
  // Of 125 requests 40 fall into the pause: p50 knows nothing of it, p95 and p99 do.
  CHECK(level["e2e_latency_from_schedule"]["p50"].get<double>() < 0.4);
  CHECK(level["e2e_latency_from_schedule"]["p99"].get<double>() > 0.6);
  CHECK(level["ttft_from_schedule"]["p99"].get<double>() > 0.6);
  CHECK(level["peak_in_flight"].get<int>() >= 30);
}

// F34: where requests are held back, only the schedule knows.
TEST_CASE("With requests in flight limited, the wait before the send is in the schedule's latency",
          "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "50ms", "--itl", "1ms", "--output-tokens", "2"});
  const Finished run =
      RunServe(scratch, ServeFlags(sim, {"--dataset-name", "random", "--random-input-len", "5",
                                         "--num-prompts", "60", "--request-rate", "60", "--max-concurrency",
                                         "1", "--save-result", "--result-filename", "r.json"}));
  INFO(run.out << run.err);
  REQUIRE(run.exit == 0);
  const Json result = Json::parse(ReadFile(scratch.path() + "/r.json"));
  // One at a time takes 50 ms each: the last of 60 in one second has waited for about two.
  CHECK(result["p99_e2el_ms"].get<double>() < 600);
  CHECK(result["p99_client_queue_time_ms"].get<double>() > 1200);
  CHECK(result["p99_e2el_including_client_queue_ms"].get<double>() > 1200);
  CHECK(result["max_concurrent_requests"] == 1);
}

TEST_CASE("A trace is replayed at its own times, and faster with --speedup", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  std::string rows;
  const std::vector<int> at_ms = {0, 400, 400, 1000, 3000};
  for (const int ms : at_ms) {
    rows += Json{{"timestamp", ms}, {"input_length", 20 + ms / 100}, {"output_length", 7}}.dump() + "\n";
  }
  const std::string trace = scratch.Write("trace.jsonl", rows);
  const QpsRun run = RunQps(
      scratch, sim, {"--dataset", trace, "--arrival", "trace", "--speedup", "2", "--max-tokens", "50"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> records = run.files.Records(0);
  REQUIRE(records.size() == at_ms.size());
  for (size_t i = 0; i < records.size(); ++i) {
    const int64_t since_first =
        records[i]["scheduled_ns"].get<int64_t>() - records[0]["scheduled_ns"].get<int64_t>();
    CHECK(static_cast<double>(since_first) * 1e-6 == Approx(at_ms[i] / 2.0).margin(0.01));
  }
  const std::vector<Json> log = sim.StopAndReadLog();
  REQUIRE(log.size() == at_ms.size());
  CHECK(SpanOf(log, 0, 5) == Approx(1.5).margin(0.2));
  for (const Json& request : log) CHECK(BodyOf(request)["max_tokens"] == 7);
  REQUIRE(run.files.levels.size() == 1);
  CHECK(run.files.levels[0]["qps_target"] == run.files.levels[0]["offered_qps"]);
  CHECK(LinesWith(run.err, "trace.jsonl: 5 requests").size() == 1);  // said once
  // Five requests in 1.5 s: four gaps, and a fifth behind the last.
  CHECK(run.files.metadata["duration"].get<double>() == Approx(1.875));
  REQUIRE(run.files.metadata["qps_levels"].size() == 1);
  CHECK(run.files.metadata["qps_levels"][0].get<double>() == Approx(4 / 1.5));
}

TEST_CASE("A ramp rises from the rate before to the level's own", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const QpsRun run = RunQps(scratch, sim, {"--qps", "40", "--duration", "2", "--ramp-time", "1"});
  INFO(run.Said());
  // 1 s at 20/s on average, 1 s at 40/s.
  CHECK(run.files.levels[0]["total_requests"] == 60);
  const std::vector<double> gaps = GapsOf(run.files.Records(0), "scheduled_ns");
  CHECK(gaps.front() > 2 * gaps.back());
  CHECK(gaps.back() == Approx(1.0 / 40).epsilon(0.05));
}

TEST_CASE("Warm-up requests come first and are in no figure", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const QpsRun run =
      RunQps(scratch, sim, {"--qps", "10", "--duration", "1", "--warmup", "4", "--cooldown", "0.1"});
  INFO(run.Said());
  CHECK(run.files.levels[0]["total_requests"] == 10);
  int warm_ups = 0;
  for (const Json& line : run.files.log) warm_ups += line.value("phase", "") == "warm_up" ? 1 : 0;
  CHECK(warm_ups == 4);
  CHECK(sim.StopAndReadLog().size() == 14);
}

}  // namespace llmdyno
