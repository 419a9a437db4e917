// Two results compared: what is planted is found, what is chance is not, and what cannot be compared is
// refused.
#include <cmath>
#include <filesystem>
#include <random>

#include "apps/app_runs.h"
#include "apps/qps_runs.h"
#include "apps/sweep_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

// A race that was made up: a request every 20 ms, latencies that are alike for some ten requests, all times
// `factor` times as long. The engine of the standard library is the same everywhere, its distributions are
// not, so chance is made of sums.
struct MadeRace {
  double factor = 1;
  uint64_t seed = 1;
  int requests = 1500;
  int64_t first_failed = -1;  // the first of fifty requests that fail one after the other
  Json configuration = {
      {"model", "m"}, {"users", 8}, {"engine", "e"}, {"seed", 0}, {"base_url", "http://h/v1"}};
};

class Chance {
 public:
  explicit Chance(uint64_t seed) : engine_(seed) {}
  // Nearly normal: mean 0, standard deviation 1.
  double Next() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(engine_() >> 11) * 0x1.0p-53;
    return sum;
  }

 private:
  std::mt19937_64 engine_;
};

Json Record(int64_t id, int64_t sent, int64_t first, int64_t gap, int tokens, bool failed) {
  const int64_t last = first + gap * (tokens - 1);
  Json gaps = Json::array();
  if (!failed) {
    gaps.push_back(first);
    for (int i = 1; i < tokens; ++i) gaps.push_back(gap);
  }
  const auto unless_failed = [&](int64_t at) { return failed ? Json(nullptr) : Json(at); };
  return {{"type", "record"},
          {"request_id", id},
          {"user_id", id % 8},
          {"user_request", id / 8 + 1},
          {"phase", "measured"},
          {"attempts", 1},
          {"outcome",
           {{"class", failed ? "overload" : "ok"},
            {"http_status", failed ? 503 : 200},
            {"retry_after_ns", nullptr},
            {"message", ""}}},
          {"scheduled_ns", sent},
          {"started_ns", sent},
          {"connected_ns", nullptr},
          {"sent_ns", sent},
          {"first_byte_ns", first},
          {"first_event_ns", unless_failed(first)},
          {"first_text_ns", unless_failed(first)},
          {"first_content_ns", unless_failed(first)},
          {"last_text_ns", unless_failed(last)},
          {"ended_ns", failed ? first : last},
          {"connection_reused", true},
          {"dns_time_ns", nullptr},
          {"connect_time_ns", nullptr},
          {"tls_time_ns", nullptr},
          {"http_version", 11},
          {"input_tokens", {{"tokens", 20}, {"source", "usage"}}},
          {"output_tokens", {{"tokens", failed ? 0 : tokens}, {"source", "usage"}}},
          {"cached_input_tokens", nullptr},
          {"reasoning_tokens", nullptr},
          {"requested_output_tokens", nullptr},
          {"sent_bytes", 1},
          {"received_bytes", 1},
          {"streamed", true},
          {"finish_reason", "stop"},
          {"arrival_clock", "kernel"},
          {"arrival_gaps_ns", gaps}};
}

std::string LogOf(const MadeRace& race) {
  Chance chance(race.seed);
  std::string log = Json({{"type", "header"},
                          {"format", "llmdyno-records"},
                          {"version", 1},
                          {"monotonic_origin_ns", 1'000'000},
                          {"wall_origin_unix_ns", 1'700'000'000'000'000'000},
                          {"configuration", race.configuration}})
                        .dump() +
                    "\n";
  double queue = 0;
  int64_t last = 0;
  const auto ns = [&](double ms) { return std::llround(ms * 1e6 * race.factor); };
  for (int i = 0; i < race.requests; ++i) {
    queue = 0.8 * queue + 0.6 * chance.Next();
    const int64_t sent = ns(20.0 * i);
    const int64_t first = sent + ns(100 * std::exp(0.15 * queue + 0.05 * chance.Next()));
    const bool failed = race.first_failed >= 0 && i >= race.first_failed && i < race.first_failed + 50;
    const Json record = Record(i, sent, first, ns(5 * std::exp(0.05 * queue)), 10, failed);
    last = std::max(last, record["ended_ns"].get<int64_t>());
    log += record.dump() + "\n";
  }
  return log + Json({{"type", "finish_line"}, {"at_ns", last + 1}, {"reason", "target_requests"}}).dump() +
         "\n";
}

// A folder with the race's log and as much of a summary as is compared.
std::string Make(const Scratch& scratch, const std::string& name, const MadeRace& race,
                 bool with_log = true) {
  const std::string folder = scratch.path() + "/" + name;
  std::filesystem::create_directory(folder);
  if (with_log) scratch.Write(name + "/records.jsonl", LogOf(race));
  const Json latency = {{"n", race.requests},       {"mean", 100 * race.factor}, {"p50", 99 * race.factor},
                        {"p90", 120 * race.factor}, {"p95", 130 * race.factor},  {"p99", 150 * race.factor}};
  scratch.Write(name + "/summary.json", Json({{"format", "llmdyno-summary"},
                                              {"version", 1},
                                              {"engine", name},
                                              {"model", race.configuration["model"]},
                                              {"simulated", false},
                                              {"complete", true},
                                              {"stop_reason", "target_requests"},
                                              {"metrics",
                                               {{"requests", race.requests},
                                                {"successful", race.requests},
                                                {"failed", 0},
                                                {"output_tokens", 10},
                                                {"input_tokens", 10},
                                                {"elapsed_s", 30.0},
                                                {"output_tokens_per_s", 500 / race.factor}}},
                                              {"distributions", {{"ttft_ms", latency}}},
                                              {"verdict", {{"valid", true}}},
                                              {"files", {{"records", "somewhere/else/records.jsonl"}}},
                                              {"configuration", race.configuration}})
                                            .dump());
  return folder;
}

Finished Compare(Arguments arguments) {
  arguments.insert(arguments.begin(), "compare");
  return RunApp("llmdyno", arguments);
}

Json CompareAsJson(Arguments arguments) {
  arguments.insert(arguments.end(), {"--json", "-"});
  const Finished run = Compare(arguments);
  INFO(run.out << run.err);
  KeepWrittenText("comparison.json", run.out);
  return Json::parse(run.out);
}

}  // namespace

TEST_CASE("Compare finds a planted 5 % and ends with a status of its own", "[apps]") {
  const Scratch scratch;
  const std::string a = Make(scratch, "a", {.requests = 5000});
  const std::string b = Make(scratch, "b", {.factor = 1.05, .seed = 2, .requests = 5000});
  const Finished run = Compare({a, b, "--fail-if", "ttft_p50>+2%", "--fail-if", "throughput<-2%"});
  INFO(run.out << run.err);
  CHECK(run.exit == 7);
  CHECK(LinesWith(run.out, "FAILS").size() == 2);
  CHECK(Contains(run.out, "B is higher"));
  const Json json = CompareAsJson({a, b});
  const Json& ttft = json["levels"][0]["metrics"]["ttft_mean"];
  CHECK(ttft["p"].get<double>() < 0.05);
  CHECK(ttft["percent_ci95"][0].get<double>() < 5);
  CHECK(ttft["percent_ci95"][1].get<double>() > 5);
  CHECK(ttft["test"] == "paired t, blocks of time");
}

TEST_CASE("A limit beyond the difference holds, and a difference for the better is none", "[apps]") {
  const Scratch scratch;
  const std::string a = Make(scratch, "a", {});
  const std::string b = Make(scratch, "b", {.factor = 1.05, .seed = 2});
  CHECK(Compare({a, b, "--fail-if", "ttft_p50>+20%"}).exit == 0);
  CHECK(Compare({a, b, "--fail-if", "ttft_p50>+50ms", "--on-doubt", "fail"}).exit == 0);
  CHECK(Compare({b, a, "--fail-if", "ttft_p50>+0%"}).exit == 0);
}

TEST_CASE("Compare does not find a difference between two runs of the same thing", "[apps]") {
  const Scratch scratch;
  const std::string a = Make(scratch, "a", {});
  int called = 0;
  int tested = 0;
  for (uint64_t seed = 10; seed < 20; ++seed) {
    const std::string b = Make(scratch, "b" + std::to_string(seed), {.seed = seed});
    const Finished run = Compare({a, b, "--fail-if", "ttft_mean>+0%", "--fail-if", "tpot_p50>+0%",
                                  "--fail-if", "e2e_p90>+0%", "--fail-if", "throughput<-0%"});
    INFO(run.out << run.err);
    CHECK((run.exit == 0 || run.exit == 7));
    called += run.exit == 7 ? 1 : 0;
    ++tested;
  }
  // At a level of 5 % for all four conditions together: three of ten would be seen once in ninety.
  CHECK(called <= 2);
  CHECK(tested == 10);
  const Finished one = Compare({a, Make(scratch, "b", {.seed = 30})});
  CHECK(Contains(one.out, "none shown"));
  CHECK(Contains(one.out, "no difference that this sample could show"));
}

TEST_CASE("Results that were asked for different things are refused by name, unless forced", "[apps]") {
  const Scratch scratch;
  MadeRace other;
  other.configuration["users"] = 16;
  other.configuration["base_url"] = "http://elsewhere/v1";
  const std::string a = Make(scratch, "a", {});
  const std::string b = Make(scratch, "b", other);
  const Finished refused = Compare({a, b});
  INFO(refused.out << refused.err);
  CHECK(refused.exit == 2);
  CHECK(Contains(refused.err, "users 8 and 16"));
  CHECK_FALSE(Contains(refused.err, "base_url"));  // that is what is compared
  const Finished forced = Compare({a, b, "--force"});
  CHECK(forced.exit == 0);
  CHECK(Contains(forced.out, "! users: 8 | 16"));
  CHECK(Contains(forced.out, "base_url"));
}

TEST_CASE("Without a record log differences stand without a p-value, and it is said", "[apps]") {
  const Scratch scratch;
  const std::string a = Make(scratch, "a", {}, false);
  const std::string b = Make(scratch, "b", {.factor = 1.5}, false);
  const Finished run = Compare({a, b, "--fail-if", "ttft_p50>+5%"});
  INFO(run.out << run.err);
  CHECK(run.exit == 0);
  CHECK(Contains(run.out, "no record log"));
  CHECK(Contains(run.out, "+50.0 %"));
  CHECK(Contains(run.out, "in doubt"));
  CHECK(Compare({a, b, "--fail-if", "ttft_p50>+5%", "--on-doubt", "fail"}).exit == 7);
  CHECK(CompareAsJson({a, b})["levels"][0]["metrics"]["ttft_p50"]["p"].is_null());
}

TEST_CASE("A burst of failures in one run shows in the error share", "[apps]") {
  const Scratch scratch;
  const Json json =
      CompareAsJson({Make(scratch, "a", {}), Make(scratch, "b", {.seed = 2, .first_failed = 700})});
  const Json& share = json["levels"][0]["metrics"]["error_share"];
  CHECK(share["b"].get<double>() == Approx(50.0 / 1500));
  CHECK(share["test"] == "Fisher's exact test");
  CHECK(share["effective_n_b"].get<double>() < 700);  // fifty in a row are not fifty
}

TEST_CASE("A condition that cannot be read is bad input and its character is named", "[apps]") {
  const Scratch scratch;
  const std::string a = Make(scratch, "a", {.requests = 30});
  const auto problem = [&](const std::string& condition) {
    const Finished run = Compare({a, a, "--fail-if", condition});
    CHECK(run.exit == 2);
    CHECK(run.out.empty());
    return run.err;
  };
  CHECK(Contains(problem("ttft_p9>+5%"), "character 1: unknown metric 'ttft_p9'; did you mean ttft_p90?"));
  CHECK(Contains(problem("ttft_p99>5%"), "character 10: expected + and a limit"));
  CHECK(Contains(problem("ttft_p99>+x"), "character 11: expected a number"));
  CHECK(Contains(problem("ttft_p99>+5 stones"), "character 13: unknown unit 'stones'"));
  CHECK(Contains(problem("items_per_s<-5%"), "no level of both results has items_per_s"));
}

TEST_CASE("Levels that only one QPS benchmark has are named, and real runs are compared", "[apps]") {
  const SimProcess fast({"--ttft", "2ms", "--itl", "1ms"});
  const SimProcess slow({"--ttft", "250ms", "--itl", "1ms"});
  const Scratch scratch_a;
  const Scratch scratch_b;
  const Arguments common = {"--duration", "1s", "--max-tokens", "5", "--seed", "3"};
  const auto with = [&](Arguments levels) {
    levels.insert(levels.end(), common.begin(), common.end());
    return levels;
  };
  const QpsRun a = RunQps(scratch_a, fast, with({"--qps", "30,40"}));
  const QpsRun b = RunQps(scratch_b, slow, with({"--qps", "30"}));
  REQUIRE(a.exit == 0);
  REQUIRE(b.exit == 0);
  const Finished refused = Compare({a.files.folder, b.files.folder});
  CHECK(refused.exit == 2);
  CHECK(Contains(refused.err, "qps"));
  // A machine that stalls for a while leaves thirty requests in doubt; that the limit holds it cannot bring
  // about.
  const Finished run = Compare(
      {a.files.folder, b.files.folder, "--force", "--fail-if", "ttft_p50>+100ms", "--on-doubt", "fail"});
  INFO(run.out << run.err);
  CHECK(run.exit == 7);
  CHECK(Contains(run.out, "Level 30"));
  CHECK(Contains(run.out, "Levels of A only: 40"));
}

TEST_CASE("Sweeps with several runs are compared between runs", "[every_kind][apps]") {
  const SimProcess sim({"--ttft", "5ms", "--itl", "1ms"});
  const Scratch scratch_a;
  const Scratch scratch_b;
  const Arguments flags = {"--scenario", "D(20,10)", "--batch-sizes", "2,4", "--num-runs", "3"};
  const SweepRun a = RunSweep(scratch_a, sim, flags);
  const SweepRun b = RunSweep(scratch_b, sim, flags);
  REQUIRE(a.exit == 0);
  REQUIRE(b.exit == 0);
  const Json json = CompareAsJson({scratch_a.path() + "/out.json", scratch_b.path() + "/out.json"});
  REQUIRE(json["levels"].size() == 2);
  CHECK(json["levels"][0]["runs_a"] == 3);
  CHECK(json["levels"][0]["metrics"]["output_tokens_per_s"]["test"] == "Welch's t between runs");
  CHECK(json["levels"][0]["metrics"]["ttft_mean"]["n_a"] == 3);
}

TEST_CASE("A race and a sweep cannot be compared", "[apps]") {
  const Scratch scratch;
  const std::string race = Make(scratch, "a", {.requests = 30});
  const std::string sweep = scratch.Write("sweep.json", R"({"metadata": {}, "results": {"1": {}}})");
  const Finished run = Compare({race, sweep});
  CHECK(run.exit == 2);
  CHECK(Contains(run.err, "the result of a race"));
  const std::string odd = scratch.Write("odd.json", R"({"some": "thing"})");
  CHECK(Contains(Compare({race, odd}).err, "no result that can be compared"));
}

}  // namespace llmdyno
