// The block and the JSON of the serving benchmark: G06 to G10.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>

#include "apps/qps_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

Arguments Random(const Arguments& more) {
  Arguments flags = {"--dataset-name", "random", "--random-input-len", "10", "--random-output-len", "16"};
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

// The only .json below the folder.
std::string ResultPath(const Scratch& scratch) {
  std::string path;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
    if (entry.path().extension() == ".json") path = entry.path().string();
  }
  return path;
}

struct Served : Finished {
  std::string path;
  Json result;
};

Served Serve(const Scratch& scratch, const SimProcess& sim, const Arguments& more) {
  Arguments flags = Random(more);
  flags.insert(flags.end(), {"--save-result"});
  Served served;
  static_cast<Finished&>(served) = RunServe(scratch, ServeFlags(sim, flags));
  served.path = ResultPath(scratch);
  INFO(served.out << served.err);
  REQUIRE_FALSE(served.path.empty());
  served.result = Json::parse(ReadFile(served.path));
  return served;
}

}  // namespace

// G06
TEST_CASE("The block has vLLM's labels in their order and its widths", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "5ms", "--itl", "1ms"});
  const Served run = Serve(scratch, sim,
                           {"--num-prompts", "20", "--request-rate", "100", "--max-concurrency", "15",
                            "--goodput", "ttft:60000", "tpot:60000"});
  CHECK(run.exit == 0);
  const std::vector<std::string> labels = {"Successful requests:",
                                           "Failed requests:",
                                           "Maximum request concurrency:",
                                           "Request rate configured (RPS):",
                                           "Benchmark duration (s):",
                                           "Total input tokens:",
                                           "Total generated tokens:",
                                           "Request throughput (req/s):",
                                           "Request goodput (req/s):",
                                           "Output token throughput (tok/s):",
                                           "Peak output token throughput (tok/s):",
                                           "Peak concurrent requests:",
                                           "Total token throughput (tok/s):",
                                           "Mean TTFT (ms):",
                                           "Median TTFT (ms):",
                                           "P99 TTFT (ms):",
                                           "Mean TPOT (ms):",
                                           "Median TPOT (ms):",
                                           "P99 TPOT (ms):",
                                           "Mean ITL (ms):",
                                           "Median ITL (ms):",
                                           "P99 ITL (ms):"};
  size_t at = 0;
  for (const std::string& label : labels) {
    INFO(label);
    const size_t found = run.out.find("\n" + label, at);
    REQUIRE(found != std::string::npos);
    at = found;
    const std::string line = LinesWith(run.out, label).at(0);
    CHECK(line.find_first_not_of(' ', label.size()) == 41);  // {:<40} {:<10}
    CHECK(line.size() >= 51);
  }
  for (const std::string title : {"============ Serving Benchmark Result ============",
                                  "---------------Time to First Token----------------",
                                  "-----Time per Output Token (excl. 1st token)------",
                                  "---------------Inter-token Latency----------------",
                                  "=================================================="}) {
    INFO(title);
    CHECK(Contains(run.out, title + "\n"));
  }
  CHECK(PrintedNumber(run.out, "Successful requests") == 20);
  CHECK(PrintedNumber(run.out, "Total generated tokens") == run.result["total_output_tokens"]);
}

// G07, G08
TEST_CASE("TTFT, TPOT and throughputs are as scripted and add up", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "50ms", "--itl", "10ms"});
  const Served run =
      Serve(scratch, sim, {"--num-prompts", "30", "--request-rate", "60", "--ignore-eos", "--save-detailed"});
  INFO(run.out << run.err);
  const Json& result = run.result;
  // The first token after 50 ms, fifteen more every 10 ms; a busy machine adds to each.
  CHECK(result["median_ttft_ms"].get<double>() == Approx(50).margin(20));
  CHECK(result["median_ttft_ms"].get<double>() >= 49.9);
  CHECK(result["median_tpot_ms"].get<double>() == Approx(10).margin(4));
  CHECK(result["median_e2el_ms"].get<double>() == Approx(200).margin(60));

  const double seconds = result["duration"];
  CHECK(result["completed"] == 30);
  CHECK(result["failed"] == 0);
  CHECK(result["total_output_tokens"] == 480);
  CHECK(result["request_throughput"].get<double>() == Approx(30 / seconds).epsilon(1e-6));
  CHECK(result["output_throughput"].get<double>() == Approx(480 / seconds).epsilon(1e-6));
  const double input = result["total_input_tokens"];
  CHECK(result["input_throughput"].get<double>() == Approx(input / seconds).epsilon(1e-6));
  CHECK(result["total_token_throughput"].get<double>() == Approx((480 + input) / seconds).epsilon(1e-6));

  // The summaries are those of the arrays, by numpy's rules.
  std::vector<double> ttfts;
  std::vector<double> tpots;
  for (size_t i = 0; i < 30; ++i) {
    const double ttft = result["ttfts"][i];
    ttfts.push_back(1e3 * ttft);
    tpots.push_back(1e3 * (result["latencies"][i].get<double>() - ttft) /
                    (result["output_lens"][i].get<double>() - 1));
    CHECK(result["itls"][i].size() == 15);
  }
  CHECK(result["mean_ttft_ms"].get<double>() == Approx(Mean(ttfts)).epsilon(1e-6));
  CHECK(result["median_ttft_ms"].get<double>() == Approx(Percentile(ttfts, 50)).epsilon(1e-6));
  CHECK(result["p99_ttft_ms"].get<double>() == Approx(Percentile(ttfts, 99)).epsilon(1e-6));
  CHECK(result["mean_tpot_ms"].get<double>() == Approx(Mean(tpots)).epsilon(1e-6));
  CHECK(result["p99_tpot_ms"].get<double>() == Approx(Percentile(tpots, 99)).epsilon(1e-6));

  double input_seen = 0;
  for (const Json& request : sim.StopAndReadLog()) input_seen += request["prompt_tokens"].get<double>();
  CHECK(input == input_seen);
}

// G09
TEST_CASE("The result has vLLM's file name and keys, and metadata may hold equals signs", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "2ms", "--itl", "1ms"});
  const Served run = Serve(scratch, sim,
                           {"--num-prompts", "5", "--max-concurrency", "3", "--metadata", "a=b=c", "gpu=H100",
                            "--metric-percentiles", "50,99.9"});
  CHECK(run.exit == 0);
  CHECK(std::regex_match(std::filesystem::path(run.path).filename().string(),
                         std::regex("openai-infqps-concurrency3-m-[0-9]{8}-[0-9]{6}\\.json")));
  const Json& result = run.result;
  CHECK(result["a"] == "b=c");
  CHECK(result["gpu"] == "H100");
  CHECK(result["request_rate"] == "inf");
  CHECK(result["max_concurrency"] == 3);
  CHECK(result["model_id"] == "m");
  CHECK(result["num_prompts"] == 5);
  CHECK(result["first_token"] == "any-chunk");
  CHECK(std::regex_match(result["date"].get<std::string>(), std::regex("[0-9]{8}-[0-9]{6}")));
  for (const std::string metric : {"ttft", "tpot", "itl", "e2el"}) {
    for (const std::string statistic : {"mean_", "median_", "std_", "p50_", "p99.9_"}) {
      INFO(statistic << metric);
      CHECK(result.contains(statistic + metric + "_ms"));
    }
  }
  CHECK_FALSE(result.contains("ttfts"));
  CHECK_FALSE(result.contains("generated_texts"));
  CHECK(result["latencies"].size() == 5);
}

// G09: read with the keys that dashboards take from such files.
TEST_CASE("A script for vLLM's results reads the file", "[apps]") {
  if (std::system("command -v python3 >/dev/null 2>&1") != 0) {
    WARN("python3 is not installed: not tested");
    return;
  }
  const Scratch scratch;
  const SimProcess sim({"--ttft", "5ms", "--itl", "1ms", "--fail", "503:0.2"});
  const Served run = Serve(scratch, sim,
                           {"--num-prompts", "40", "--request-rate", "200", "--goodput", "ttft:60000",
                            "--save-detailed", "--ignore-eos"});
  const std::string out = scratch.path() + "/row.txt";
  const std::string command =
      "python3 " LLMDYNO_TEST_SCRIPTS "/read_serving_result.py '" + run.path + "' > " + out + " 2>&1";
  const int status = std::system(command.c_str());
  INFO(ReadFile(out));
  CHECK(status == 0);
  CHECK(Contains(ReadFile(out), "| m | 200.0 | "));
}

TEST_CASE("Results can be appended to a file, one per line", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "2ms", "--itl", "1ms"});
  for (const std::string prompts : {"3", "4"}) {
    const Finished run = RunServe(
        scratch, ServeFlags(sim, Random({"--num-prompts", prompts, "--save-result", "--append-result",
                                         "--result-filename", "all.jsonl", "--label", "run-" + prompts})));
    INFO(run.err);
    CHECK(run.exit == 0);
  }
  const std::vector<Json> results = JsonLines(ReadFile(scratch.path() + "/all.jsonl"));
  REQUIRE(results.size() == 2);
  CHECK(results[0]["completed"] == 3);
  CHECK(results[1]["completed"] == 4);
  CHECK(results[1]["label"] == "run-4");
}

TEST_CASE("Goodput takes several words and counts the requests that met them all", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "2ms", "--itl", "10ms"});
  // Of 2 to 30 tokens at 10 ms each, those above about 15 take longer than 150 ms.
  const Served run =
      Serve(scratch, sim,
            {"--random-range-ratio", "0.9", "--ignore-eos", "--num-prompts", "40", "--request-rate", "100",
             "--goodput", "ttft:60000", "tpot:60000", "e2el:150", "--save-detailed"});
  INFO(run.out << run.err);
  int good = 0;
  for (const Json& latency : run.result["latencies"]) good += latency.get<double>() <= 0.15 ? 1 : 0;
  CHECK(good > 0);
  CHECK(good < 40);
  const double told = run.result["request_goodput"].get<double>() * run.result["duration"].get<double>();
  CHECK(told == Approx(good).margin(1.5));  // E2EL there ends with the stream, here with the last text
  CHECK(PrintedNumber(run.out, "Request goodput (req/s)") ==
        Approx(run.result["request_goodput"].get<double>()).margin(0.01));
}

// G10
TEST_CASE("Failures are in the block, and a run of nothing else ends with status 3", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "2ms", "--fail", "500:1"});
  const Served run = Serve(scratch, sim, {"--num-prompts", "8"});
  INFO(run.out << run.err);
  CHECK(run.exit == 3);
  CHECK(PrintedNumber(run.out, "Successful requests") == 0);
  CHECK(PrintedNumber(run.out, "Failed requests") == 8);
  CHECK(PrintedNumber(run.out, "Mean TTFT (ms)") == 0);
  CHECK_FALSE(Contains(run.out, "nan"));
  CHECK(run.result["failed"] == 8);
  CHECK(run.result["completed"] == 0);
  CHECK(run.result["mean_ttft_ms"].is_null());
  CHECK(run.result["llmdyno"]["error_counts"]["HTTP 500"] == 8);
  CHECK(Contains(run.err, "500"));
}

TEST_CASE("The definition of the first token can be chosen and is named", "[apps]") {
  // The role comes at once, the first text after 80 ms.
  const SimProcess sim({"--ttft", "80ms", "--itl", "1ms", "--role-chunk"});
  const auto ttft = [&](const std::string& definition) {
    const Scratch scratch;
    const Served run =
        Serve(scratch, sim, {"--backend", "openai-chat", "--num-prompts", "3", "--first-token", definition});
    CHECK(run.result["first_token"] == definition);
    return run.result["median_ttft_ms"].get<double>();
  };
  CHECK(ttft("any-chunk") < 60);
  CHECK(ttft("any-text") >= 79);
  CHECK(ttft("content") >= 79);
}

}  // namespace llmdyno
