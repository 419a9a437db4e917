#include "llmdyno/report/qps_json.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "documented_keys.h"
#include "made_serving.h"
#include "support/catch.h"
#include "support/written_files.h"

using namespace llmdyno;
using Json = nlohmann::ordered_json;

namespace {

std::vector<std::string> Keys(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

// A report in which everything optional is there.
ServingReport FullReport() {
  ServingReport report = MadeServingReport(
      {MadeLevel({}, Goodput{.ttft = 1s}), MadeLevel({.target = 20, .failed = 40}, Goodput{.ttft = 1s})});
  AddGpuCost(report);
  report.levels[0] = TooShort(report.levels[0]);
  report.token_prices = TokenPrices{1, 2, 0.5};
  report.levels[1].slo = SloJudgement{.met = false, .misses = {{"success>=99%", 60.0, "success was 60 %"}}};
  LevelReport& repeated = report.levels[1];
  repeated.repetition = 1;
  repeated.repetitions = {{.stop_reason = "target_requests", .metrics = repeated.metrics},
                          {.stop_reason = "target_requests", .metrics = repeated.metrics}};
  const Spread spread = {.runs = 2, .samples = 120, .mean = 100, .mean_ci95 = {90, 110}};
  repeated.spread = {{.name = "ttft_ms", .title = "TTFT", .unit = "ms", .spread = spread}};
  repeated.measurement_errors = {{.quantity = MeasuredQuantity::kTtft,
                                  .figures = ErrorFigures{1000, 1, 2, 12.3, 90},
                                  .tested_concurrency = 1000,
                                  .tested_tokens_per_second = 1e6,
                                  .tested_valid = true,
                                  .date = "2025-01-31"},
                                 {.quantity = MeasuredQuantity::kE2e}};
  report.slo = "success>=99%";
  report.goodput = "ttft:1000";
  report.skipped_targets = {40};
  report.skip_reason = "interrupted";
  report.capacity = CapacityAnswer{.load = 10, .failed_at = 20, .trials_at_load = 3, .sentence = "10 holds"};
  report.capacity_trials = {{.load = 10, .sustained = true, .reason = "fine"}};
  report.plan = ProductionPlan{.tokens_per_day = 1e6, .machines = 1, .gpus = 2};
  report.notes = {"a note"};
  report.files = {{"records", "records.jsonl"}};
  return report;
}

Json Results(const ServingReport& report) {
  const std::string text = QpsResultsJson(report);
  KeepWrittenText("benchmark_qps_results.json", text);
  return Json::parse(text);
}
Json Metadata(const ServingReport& report) {
  const std::string text = QpsMetadataJson(report);
  KeepWrittenText("metadata.json", text);
  return Json::parse(text);
}

}  // namespace

TEST_CASE("The results begin with the keys of the reference systems", "[report][qps_json]") {
  const Json level = Results(FullReport())[0];
  const std::vector<std::string> expected = {
      "qps_target",          "actual_qps",      "duration",     "total_requests",
      "successful_requests", "failed_requests", "success_rate", "ttft",
      "e2e_latency",         "tokens_per_sec",  "errors",       "status_codes",
      "actual_duration",     "cost_analysis"};
  const auto keys = Keys(level);
  REQUIRE(keys.size() > expected.size());
  CHECK(std::vector<std::string>(keys.begin(), keys.begin() + static_cast<int>(expected.size())) == expected);
  const std::vector<std::string> percentiles = {"p50", "p90", "p95", "p99"};
  for (const char* block : {"ttft", "e2e_latency", "tokens_per_sec"})
    CHECK(Keys(level[block]) == percentiles);
  const auto cost = Keys(level["cost_analysis"]);
  CHECK(std::vector<std::string>(cost.begin(), cost.begin() + 6) ==
        std::vector<std::string>{"total_input_tokens", "total_output_tokens", "total_tokens",
                                 "sustained_tokens_per_sec", "gpu_cost", "cost_per_million_tokens"});
}

TEST_CASE("The results have the level's numbers in the reference's units", "[report][qps_json]") {
  const Json levels = Results(FullReport());
  REQUIRE(levels.size() == 2);
  CHECK(levels[0]["qps_target"] == 10.0);
  CHECK(levels[0]["actual_qps"].get<double>() == Approx(10));
  CHECK(levels[0]["duration"].get<double>() == Approx(10.38));  // 99 gaps of 100 ms, and 480 ms
  CHECK(levels[0]["completed_qps"].get<double>() == Approx(100 / 10.38));
  CHECK(levels[0]["send_window_s"].get<double>() == Approx(10));
  CHECK(levels[0]["ttft"]["p99"].get<double>() == Approx(0.1));
  CHECK(levels[0]["e2e_latency"]["p50"].get<double>() == Approx(0.48));
  CHECK(levels[0]["tokens_per_sec"]["p50"].get<double>() == Approx(20 / 0.48));
  CHECK(levels[0]["output_tokens_per_s"].get<double>() == Approx(2000 / 10.38));
  CHECK(levels[0]["cost_analysis"]["total_tokens"] == 3000);
  // 2 GPUs * $2.30 * 10.38 s / 3600.
  CHECK(levels[0]["cost_analysis"]["gpu_cost"].get<double>() == Approx(4.6 * 10.38 / 3600).epsilon(1e-12));
  CHECK(levels[0]["cost_analysis"]["cost_per_million_tokens"].get<double>() ==
        Approx(4.6 * 10.38 / 3600 * 1e6 / 3000).epsilon(1e-12));
  CHECK(levels[0]["distributions"]["tpot_ms"]["mean"].get<double>() == Approx(20));
  CHECK(levels[0]["goodput_per_s"].get<double>() == Approx(100 / 10.38));
  CHECK(levels[1]["errors"] == Json({{"HTTP 503", 40}}));
  CHECK(levels[1]["status_codes"] == Json({{"200", 60}, {"503", 40}}));
  CHECK(levels[1]["failures"][0]["sample_message"] == "busy");
  CHECK(levels[1]["slo"]["met"] == false);
  CHECK(levels[1]["verdict"]["valid"] == true);
}

TEST_CASE("The results have each latency twice when requests were sent late", "[report][qps_json]") {
  const Json level = Results(MadeServingReport({MadeLevel({.late = 50ms})}))[0];
  CHECK(level["ttft"]["p50"].get<double>() == Approx(0.1));
  CHECK(level["ttft_from_schedule"]["p50"].get<double>() == Approx(0.15));
  CHECK(level["e2e_latency_from_schedule"]["p99"].get<double>() == Approx(0.53));
  CHECK(level["send_error_us"]["p50"].get<double>() == Approx(50'000));
  CHECK(level["send_error_us"]["max"].get<double>() == Approx(50'000));
}

TEST_CASE("The results mark percentiles of few samples and give intervals where there are enough",
          "[report][qps_json]") {
  const Json few = Results(MadeServingReport({MadeLevel({.requests = 10})}))[0]["distributions"]["ttft_ms"];
  CHECK(few["n"] == 10);
  CHECK(few["thin"] == Json({"p95", "p99"}));
  CHECK(few["ci95"]["p99"].is_null());
  const Json many = Results(
      MadeServingReport({MadeLevel({.requests = 1000, .slower = 1ms})}))[0]["distributions"]["ttft_ms"];
  CHECK(many["thin"].empty());
  REQUIRE(many["ci95"]["p50"].size() == 2);
  CHECK(many["ci95"]["p50"][0] < many["p50"]);
}

TEST_CASE("The results say whether a queue grew, and by what", "[report][qps_json]") {
  const Json levels =
      Results(MadeServingReport({WithGrowingQueue(MadeLevel({})), TooShort(MadeLevel({})), MadeLevel({})}));
  CHECK(levels[0]["backlog"]["queue_grew"] == true);
  CHECK(levels[0]["backlog"]["latency_growth_s_per_s"] == 0.31);
  CHECK(levels[0]["backlog"]["sentence"].get<std::string>().starts_with("a queue grew"));
  CHECK(levels[1]["backlog"]["queue_grew"] == false);
  CHECK(levels[1]["backlog"]["too_short"] == true);
  CHECK(levels[1]["backlog"]["median_latency_s"] == 7.0);
  CHECK(levels[2]["backlog"].is_null());
}

TEST_CASE("The results have the steady state beside the whole", "[report][qps_json]") {
  // A request every 100 ms, each active from 100 to 480 ms with 20 tokens: 3.8 at a time, 200 tokens/s.
  const Json steady = Results(MadeServingReport({MadeLevel({})}))[0]["steady_state"];
  CHECK(steady["whole_tokens_per_second"].get<double>() == Approx(2000 / 10.38));
  CHECK(steady["window_tokens_per_second"].get<double>() == Approx(200).epsilon(0.01));
  CHECK(steady["median_bucket_tokens_per_second"].get<double>() == Approx(200).epsilon(0.05));
  CHECK(steady["peak_active_requests"].get<double>() == Approx(4));
  CHECK(steady["window_start_s"].get<double>() == Approx(0.4).margin(0.051));
  CHECK(steady["window_s"].get<double>() == Approx(9.7).margin(0.3));
}

TEST_CASE("The steady state of answers that were not streamed has a whole and no window",
          "[report][qps_json]") {
  ServingReport report = MadeServingReport({MadeLevel({})});
  report.levels[0].steady = SteadyState{.whole_tokens_per_second = 80};
  const Json steady = Results(report)[0]["steady_state"];
  CHECK(steady["whole_tokens_per_second"] == 80.0);
  CHECK(steady["window_tokens_per_second"].is_null());
  CHECK(steady["window_s"].is_null());
}

TEST_CASE("What a level did not have is null in the results, and no number is odd", "[report][qps_json]") {
  const Json level = Results(MadeServingReport({MadeLevel({.failed = 100})}))[0];
  CHECK(level["success_rate"] == 0.0);
  CHECK(level["ttft"]["p50"].is_null());
  CHECK(level["tokens_per_sec"]["p99"].is_null());
  CHECK(level["cost_analysis"].is_null());
  CHECK(level["steady_state"].is_null());
  CHECK(level["slo"].is_null());
  CHECK(level["good_requests"].is_null());
  CHECK(level["distributions"]["itl_ms"]["mean"].is_null());
  const Json nothing = Results(MadeServingReport({LevelReport()}))[0];
  CHECK(nothing["duration"].is_null());
  CHECK(nothing["success_rate"].is_null());
  CheckNoNumberIsOdd(level);
  CheckNoNumberIsOdd(nothing);
  CheckNoNumberIsOdd(Results(FullReport()));
  CHECK(Results(MadeServingReport({})) == Json::array());
}

TEST_CASE("A load without a rate is written as inf, and users have a key of their own",
          "[report][qps_json]") {
  ServingReport report = MadeServingReport({MadeLevel({})});
  report.levels[0].target = report.targets[0] = std::numeric_limits<double>::infinity();
  CHECK(Results(report)[0]["qps_target"] == "inf");
  CHECK(Metadata(report)["qps_levels"] == Json({"inf"}));
  report.load_kind = LoadKind::kUsers;
  report.levels[0].target = 80;
  CHECK(Results(report)[0]["qps_target"].is_null());
  CHECK(Results(report)[0]["users"] == 80);
}

TEST_CASE("Prices of a hosted API are no GPU cost", "[report][qps_json]") {
  ServingReport report = MadeServingReport({MadeLevel({})});
  report.token_prices = TokenPrices{1, 2, {}};
  report.levels[0].cost = CostOfTokens(*report.token_prices, report.levels[0].metrics);
  const Json cost = Results(report)[0]["cost_analysis"];
  CHECK(cost["gpu_cost"].is_null());
  CHECK(cost["token_cost"].get<double>() == Approx(0.005));  // 1000 in at $1, 2000 out at $2 per million
  CHECK(Metadata(report)["price_output"] == 2.0);
  CHECK(Metadata(report)["price_cached"].is_null());
}

TEST_CASE("The metadata begin with the keys of the reference systems", "[report][qps_json]") {
  const Json json = Metadata(FullReport());
  const auto keys = Keys(json);
  const std::vector<std::string> expected = {
      "timestamp",  "endpoint",    "model",       "dataset",     "qps_levels",     "duration",
      "max_tokens", "temperature", "percentiles", "show_tokens", "token_counting", "cost_calculation"};
  CHECK(std::vector<std::string>(keys.begin(), keys.begin() + static_cast<int>(expected.size())) == expected);
  CHECK(json["timestamp"].get<std::string>().size() == std::string("2024-11-14T10:30:45.123456").size());
  CHECK(json["qps_levels"] == Json({10.0, 20.0}));
  CHECK(json["duration"].dump() == "60");
  CHECK(json["percentiles"].dump() == "[50,95,99]");
  CHECK(json["gpu_rate"] == 2.3);
  CHECK(json["num_gpus"] == 2);
  CHECK(json["seed"] == 42);
  CHECK(json["skipped_levels"] == Json({40.0}));
  CHECK(json["skip_reason"] == "interrupted");
  CHECK(json["recommendation"]["highest_99"] == 10.0);
  CHECK(json["recommendation"]["saturation_reached"] == true);
  CHECK(json["capacity"]["trials"][0]["purpose"] == "bracket");
  CHECK(json["configuration"]["duration"] == "60s");
  CheckNoNumberIsOdd(json);
}

TEST_CASE("Texts of others cannot break the QPS files", "[report][qps_json]") {
  ServingReport report = MadeServingReport({MadeLevel({.failed = 100})});
  report.levels[0].metrics.all.failures[0].sample_message = "bad \xff byte";
  report.configuration_json = "not json";
  CHECK(Results(report)[0]["failures"].size() == 1);
  CHECK(Metadata(report)["configuration"].is_null());
}

TEST_CASE("Every key of the QPS files is documented", "[report][qps_json]") {
  // The keys of these two are words that were counted.
  CheckKeysAreDocumented(Results(FullReport()), {"errors", "status_codes"});
  CheckKeysAreDocumented(Metadata(FullReport()), {});
}
