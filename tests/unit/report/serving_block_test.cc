#include "llmdyno/report/serving_block.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "documented_keys.h"
#include "made_serving.h"
#include "support/catch.h"
#include "support/written_files.h"

using namespace llmdyno;
using Json = nlohmann::ordered_json;

namespace {

constexpr double kAtOnce = std::numeric_limits<double>::infinity();

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

ServingBlockConfig MadeConfig() {
  ServingBlockConfig config;
  config.num_prompts = 100;
  config.request_rate = 10;
  config.date = "20250131-120000";
  return config;
}

ServingReport MadeRun(const MadeLevelConfig& config = {.keep_details = true}) {
  return MadeServingReport({MadeLevel(config)});
}

Json Parsed(const ServingReport& report, const ServingBlockConfig& config) {
  const std::string text = ServingJson(report, config);
  KeepWrittenText("serving.json", text);
  return Json::parse(text);
}

}  // namespace

TEST_CASE("The serving block has vLLM's labels, widths and order", "[report][serving_block]") {
  // 100 requests at 10/s, 10 tokens in, 20 out, the first after 100 ms, then one every 20 ms; 10.38 s in all.
  // The busiest second has 10 requests' worth of tokens; five are in flight at a time.
  ServingReport report = MadeRun();
  report.levels[0].metrics.peak_output_tokens_per_second = 200;
  report.levels[0].metrics.peak_in_flight = 5;
  CHECK(FormatServingBlock(report, MadeConfig()) ==
        "============ Serving Benchmark Result ============\n"
        "Successful requests:                     100       \n"
        "Failed requests:                         0         \n"
        "Request rate configured (RPS):           10.00     \n"
        "Benchmark duration (s):                  10.38     \n"
        "Total input tokens:                      1000      \n"
        "Total generated tokens:                  2000      \n"
        "Request throughput (req/s):              9.63      \n"
        "Input token throughput (tok/s):          96.34     \n"
        "Output token throughput (tok/s):         192.68    \n"
        "Peak output token throughput (tok/s):    200.00    \n"
        "Peak concurrent requests:                5.00      \n"
        "Total token throughput (tok/s):          289.02    \n"
        "---------------Time to First Token----------------\n"
        "Mean TTFT (ms):                          100.00    \n"
        "Median TTFT (ms):                        100.00    \n"
        "P99 TTFT (ms):                           100.00    \n"
        "-----Time per Output Token (excl. 1st token)------\n"
        "Mean TPOT (ms):                          20.00     \n"
        "Median TPOT (ms):                        20.00     \n"
        "P99 TPOT (ms):                           20.00     \n"
        "---------------Inter-token Latency----------------\n"
        "Mean ITL (ms):                           20.00     \n"
        "Median ITL (ms):                         20.00     \n"
        "P99 ITL (ms):                            20.00     \n"
        "==================================================\n"
        "Verdict: VALID: nothing shows that the client held the measurement back\n");
}

TEST_CASE("The serving block shows limit, goodput, metrics and percentiles as asked for",
          "[report][serving_block]") {
  ServingBlockConfig config = MadeConfig();
  config.request_rate = kAtOnce;
  config.max_concurrency = 32;
  config.percentile_metrics = {"e2el", "client_queue_time"};
  config.percentiles = {50, 99.9};
  ServingReport report = MadeServingReport({MadeLevel({}, Goodput{.ttft = 1s})});
  const std::string block = FormatServingBlock(report, config);
  CHECK_FALSE(Has(block, "Request rate configured"));
  CHECK(Has(block, "Maximum request concurrency:             32        \n"));
  CHECK(Has(block, "Request goodput (req/s):                 9.63      \n"));
  CHECK(Has(
      block,
      "----------------End-to-end Latency----------------\nMean E2EL (ms):                          480.00"));
  CHECK(Has(block, "P99.9 E2EL (ms):                         480.00    \n"));
  CHECK(Has(
      block,
      "---------------Client-side Queueing---------------\nMean Client Queue Time (ms):             0.00"));
  CHECK_FALSE(Has(block, "TTFT"));
}

TEST_CASE("A serving run in which all failed prints zeros, says why, and has no odd number",
          "[report][serving_block]") {
  const ServingReport report = MadeRun({.failed = 100, .keep_details = true});
  const std::string block = FormatServingBlock(report, MadeConfig());
  CHECK(Has(
      block,
      "Successful requests:                     0         \nFailed requests:                         100"));
  CHECK(Has(block, "Mean TTFT (ms):                          0.00      \n"));
  CHECK(Has(block, "P99 ITL (ms):                            0.00      \n"));
  CHECK(Has(block,
            "Failed requests by cause:\n  - HTTP 503: 100 occurrences\n  for example (overload): busy\n"));
  CHECK_FALSE(Has(block, "nan"));
  const Json json = Parsed(report, MadeConfig());
  CHECK(json["completed"] == 0);
  CHECK(json["failed"] == 100);
  CHECK(json["mean_ttft_ms"].is_null());
  CHECK(json["p99_tpot_ms"].is_null());
  CheckNoNumberIsOdd(json);
}

TEST_CASE("Below the block stands what vLLM does not say, above it that nothing real was measured",
          "[report][serving_block]") {
  ServingReport report = MadeRun();
  report.is_simulated = true;
  report.levels[0].health.loop_cpu_share = 0.99;
  report.levels[0].validity = JudgeValidity(report.levels[0].health);
  const std::string block = FormatServingBlock(report, MadeConfig());
  CHECK(block.starts_with("SIMULATED: "));
  CHECK(block.find("Verdict: SUSPECT") > block.find(std::string(50, '=') + "\n"));
  CHECK(Parsed(report, MadeConfig())["llmdyno"]["simulated"] == true);
}

TEST_CASE("The serving JSON has vLLM's keys in their order", "[report][serving_block]") {
  ServingBlockConfig config = MadeConfig();
  config.metadata = {{"gpu", "h100"}, {"note", "b=c"}};
  config.save_detailed = true;
  std::vector<std::string> keys;
  const Json json = Parsed(MadeRun(), config);
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  std::vector<std::string> expected = {"date",
                                       "endpoint_type",
                                       "backend",
                                       "label",
                                       "model_id",
                                       "tokenizer_id",
                                       "num_prompts",
                                       "gpu",
                                       "note",
                                       "request_rate",
                                       "burstiness",
                                       "max_concurrency",
                                       "duration",
                                       "completed",
                                       "failed",
                                       "total_input_tokens",
                                       "total_output_tokens",
                                       "request_throughput",
                                       "request_goodput",
                                       "input_throughput",
                                       "output_throughput",
                                       "total_token_throughput",
                                       "max_output_tokens_per_s",
                                       "max_concurrent_requests",
                                       "rtfx"};
  for (const char* name :
       {"ttft", "tpot", "itl", "e2el", "client_queue_time", "e2el_including_client_queue"}) {
    for (const char* statistic : {"mean", "median", "std", "p99"}) {
      expected.push_back(std::string(statistic) + "_" + name + "_ms");
    }
  }
  for (const char* key : {"input_lens", "output_lens", "ttfts", "itls", "latencies", "start_times",
                          "queue_times", "generated_texts", "errors", "first_token", "llmdyno"}) {
    expected.emplace_back(key);
  }
  CHECK(keys == expected);
  CHECK(json["note"] == "b=c");
  CHECK(json["label"] == "openai");
  CHECK(json["tokenizer_id"] == "some/model");
  CHECK(json["first_token"] == "any-text");
  CHECK(json["request_goodput"].is_null());
}

TEST_CASE("The serving JSON has summaries in milliseconds and arrays in seconds", "[report][serving_block]") {
  ServingBlockConfig config = MadeConfig();
  config.save_detailed = true;
  // TTFT 100, 110, ... 1090 ms; 10 of 100 requests fail.
  const Json json =
      Parsed(MadeRun({.failed = 10, .slower = 10ms, .late = 5ms, .keep_details = true}), config);
  REQUIRE(json["ttfts"].size() == 100);
  CHECK(json["ttfts"][0].get<double>() == Approx(0.1));
  CHECK(json["ttfts"][9] == 0.0);
  CHECK(json["errors"][9] == "busy");
  CHECK(json["output_lens"][9] == 0);
  CHECK(json["itls"][0].size() == 19);
  CHECK(json["itls"][0][0].get<double>() == Approx(0.02));
  CHECK(json["latencies"][0].get<double>() == Approx(0.48));
  CHECK(json["queue_times"][0].get<double>() == Approx(0.005));
  CHECK(json["start_times"][1].get<double>() == Approx(0.1));
  CHECK(json["mean_client_queue_time_ms"].get<double>() == Approx(5));
  CHECK(json["mean_itl_ms"].get<double>() == Approx(20));
  CHECK(json["median_e2el_including_client_queue_ms"].get<double>() ==
        Approx(json["median_e2el_ms"].get<double>() + 5));
  CHECK(json["llmdyno"]["error_counts"] == Json({{"HTTP 503", 10}}));
}

TEST_CASE("The deviation in the serving JSON is that of the population, as numpy's",
          "[report][serving_block]") {
  // TTFT 100 and 110 ms: the mean is 105 and both are 5 away.
  const Json json = Parsed(MadeRun({.requests = 2, .slower = 10ms, .keep_details = true}), MadeConfig());
  CHECK(json["std_ttft_ms"].get<double>() == Approx(5));
  CHECK(Parsed(MadeRun({.requests = 1, .keep_details = true}), MadeConfig())["std_ttft_ms"] == 0.0);
}

TEST_CASE("Without --save-detailed the serving JSON keeps two arrays", "[report][serving_block]") {
  const Json json = Parsed(MadeRun(), MadeConfig());
  CHECK(json["latencies"].size() == 100);
  CHECK(json["queue_times"].size() == 100);
  for (const char* key :
       {"input_lens", "output_lens", "ttfts", "itls", "start_times", "generated_texts", "errors"}) {
    CHECK_FALSE(json.contains(key));
  }
}

TEST_CASE("An infinite rate is the word inf in the serving JSON and its name", "[report][serving_block]") {
  ServingBlockConfig config = MadeConfig();
  const ServingReport report = MadeRun();
  CHECK(ServingFileName(report, config) == "openai-10.0qps-model-20250131-120000.json");
  config.request_rate = kAtOnce;
  config.max_concurrency = 8;
  config.label = "a/b";
  CHECK(Parsed(report, config)["request_rate"] == "inf");
  CHECK(ServingFileName(report, config) == "a_b-infqps-concurrency8-model-20250131-120000.json");
}

TEST_CASE("Every key of the serving JSON is documented", "[report][serving_block]") {
  ServingBlockConfig config = MadeConfig();
  config.save_detailed = true;
  ServingReport report = MadeRun({.failed = 10, .keep_details = true});
  LevelReport& level = report.levels.front();
  level.repetitions = {{.stop_reason = "target_requests", .metrics = level.metrics},
                       {.stop_reason = "target_requests", .metrics = level.metrics}};
  const Spread spread = {.runs = 2, .samples = 180, .mean = 100, .mean_ci95 = {90, 110}};
  level.spread = {{.name = "ttft_ms", .title = "TTFT", .unit = "ms", .spread = spread}};
  level.measurement_errors = {{.quantity = MeasuredQuantity::kTtft}};
  Json json = Parsed(report, config);
  CHECK(json["llmdyno"]["repetitions"].size() == 2);
  // Documented as a scheme: {mean,median,std,pN}_{metric}_ms.
  for (auto it = json.begin(); it != json.end();)
    it = it.key().ends_with("_ms") ? json.erase(it) : std::next(it);
  CheckKeysAreDocumented(json, {"error_counts"});
}
