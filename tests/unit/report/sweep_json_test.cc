#include "llmdyno/report/sweep_json.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "documented_keys.h"
#include "made_sweep.h"
#include "support/catch.h"
#include "support/written_files.h"
#include "temporary_folder.h"

using namespace llmdyno;
using Json = nlohmann::ordered_json;

namespace {

Json Results(const SweepReport& report) {
  const std::string text = SweepResultsJson(report);
  KeepWrittenText("sweep.json", text);
  return Json::parse(text);
}

std::vector<std::string> Keys(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

// That an object begins with these keys.
void CheckBegins(const Json& json, const std::vector<std::string>& expected) {
  std::vector<std::string> keys = Keys(json);
  REQUIRE(keys.size() >= expected.size());
  keys.resize(expected.size());
  CHECK(keys == expected);
}

// Everything that can be in such a file.
SweepReport FullReport(SweepKind kind) {
  SweepReport report =
      kind == SweepKind::kShapes ? MadeShapes({128, 512}, {32}, {1, 4}) : MadeSweepOf(3, kind);
  report.lora = SweepReport::Lora{"uniform", {"one", "two"}, 0.25, 1};
  report.num_images = 2;
  report.image_size = "64x64";
  report.is_simulated = true;
  report.skipped = {"64"};
  report.skip_reason = "interrupted";
  report.notes = {"a note"};
  report.files = {{"results", "results.json"}, {"records", "results.records.jsonl"}};
  SweepLevelMetrics& metrics = report.levels[1].metrics;
  metrics.adapters["model:one"] = {3, 2, 100, Of({0.1}), Of({0.01}), Of({0.5}), Of({90})};
  metrics.extras.reasoning_tokens = UsageExtras::Sum{Of({10, 20}), 30};
  metrics.extras.cached_tokens = UsageExtras::Sum{Of({50, 50}), 100};
  metrics.extras.cache_hit_rate = 0.25;
  metrics.extras.cost = UsageExtras::Sum{Of({0.001, 0.002}), 0.003};
  metrics.extras.finish_reasons = {{"length", 6}};
  metrics.extras.providers = {{"Somebody", 6}};
  metrics.all.failures = {{OutcomeClass::kOverload, 3, "HTTP 503: busy"},
                          {OutcomeClass::kIdleTimeout, 1, "no byte for 60 s"},
                          {OutcomeClass::kTotalTimeout, 2, "not over after 600 s"}};
  metrics.all.http_503 = 2;
  metrics.all.http_429 = 1;
  metrics.output_lengths = OutputLengthCheck{.requests = 6, .shorter = 1, .not_reported = 1};
  report.levels[1].last_failure = "HTTP 503: busy";
  report.levels[1].validity = {
      false, {{.code = "busy_thread", .sentence = "the client was slow"}}, {"its share of a core"}};
  return report;
}

}  // namespace

// C28
TEST_CASE("A sweep's file has the names and the nesting of the older schema, ours behind them",
          "[report][sweep_json]") {
  const Json json = Results(MadeSweepOf(3));
  CHECK(Keys(json) == std::vector<std::string>{"metadata", "results"});
  CheckBegins(json["metadata"],
              {"timestamp", "model", "scenario", "dataset_config", "api_base", "batch_sizes", "num_runs",
               "warmup_runs", "temperature", "description", "seed", "lora_config"});
  CHECK(json["metadata"]["batch_sizes"] == Json({1, 2, 4}));
  CHECK(json["metadata"]["dataset_config"]["source"]["type"] == "aime");
  CHECK(Keys(json["results"]) == std::vector<std::string>{"1", "2", "4"});
  const Json& level = json["results"]["4"];
  CheckBegins(level,
              {"tokens", "timings", "prefill_metrics", "decode_metrics", "batch_metrics", "reliability"});
  CheckBegins(level["tokens"], {"input_per_request", "output_per_request"});
  CheckBegins(level["timings"],
              {"batch_total_seconds", "fastest_seconds", "slowest_seconds", "spread_seconds"});
  CheckBegins(level["prefill_metrics"], {"ttft", "input_throughput"});
  CheckBegins(level["decode_metrics"], {"output_throughput", "tpot", "decode_time"});
  CheckBegins(level["batch_metrics"], {"combined_throughput", "batch_duration"});
  CheckBegins(level["reliability"],
              {"total_requests", "successful_requests", "failed_requests", "success_rate", "failure_rate"});
  CheckBegins(level["prefill_metrics"]["ttft"], {"mean", "std", "n"});
}

// B08, C23, C24, C25, C27
TEST_CASE("Leaves are in seconds and carry mean, sample deviation, percentiles and n",
          "[report][sweep_json]") {
  SweepReport report = MadeSweepOf(1);
  report.levels[0].metrics.request.ttft_s = Of({0.1, 0.2, 0.6});
  report.levels[0].metrics.run.combined_throughput = Of({100, 110, 120});
  const Json level = Results(report)["results"]["1"];
  const Json& ttft = level["prefill_metrics"]["ttft"];
  CHECK(ttft["mean"].get<double>() == Approx(0.3).epsilon(1e-9));
  // Squares: 0.04 + 0.01 + 0.09 = 0.14; / 2; root.
  CHECK(ttft["std"].get<double>() == Approx(0.264575131106459).epsilon(1e-9));
  CHECK(ttft["n"] == 3);
  CHECK(ttft["p50"] == 0.2);
  CHECK(ttft["p90"].get<double>() == Approx(0.52));
  CHECK(ttft["min"] == 0.1);
  CHECK(ttft["max"] == 0.6);
  CHECK(level["batch_metrics"]["combined_throughput"]["mean"] == 110.0);
  CHECK(level["batch_metrics"]["batch_duration"] == level["timings"]["batch_total_seconds"]);
  CHECK(level["batch_metrics"]["e2e_tps"] == level["batch_metrics"]["tokens_per_second"]);
}

TEST_CASE("The deviation of one value is 0 for its readers, of none it is null", "[report][sweep_json]") {
  SweepReport report = MadeSweepOf(1);
  report.levels[0].metrics.request.ttft_s = Of({0.1});
  report.levels[0].metrics.request.tpot_s = {};
  const Json level = Results(report)["results"]["1"];
  CHECK(level["prefill_metrics"]["ttft"]["std"] == 0.0);
  CHECK(level["decode_metrics"]["tpot"]["std"].is_null());
  CHECK(level["decode_metrics"]["tpot"]["mean"].is_null());
  CHECK(level["decode_metrics"]["tpot"]["n"] == 0);
}

// C25, B.6
TEST_CASE("A level of which everything failed has its key, nulls, and its failures", "[report][sweep_json]") {
  for (const SweepKind kind : {SweepKind::kCompletion, SweepKind::kSimple}) {
    const Json json = Results(MadeSweep({MadeSweepLevelReport({.in_flight = 4, .failed = 12})}, kind));
    const Json& level = json["results"]["4"];
    CHECK(level["tokens"]["output_per_request"]["mean"].is_null());
    CHECK(level["timings"]["batch_total_seconds"]["mean"].is_null());
    CHECK(level["reliability"]["failed_requests"] == 12);
    CHECK(level["reliability"]["failure_rate"] == 100.0);
    CHECK(level["failures"][0]["class"] == "overload");
    CHECK(level["failures"][0]["sample_message"] == "HTTP 503: busy");
    CHECK(level["errors"]["HTTP 503"] == 12);
    CheckNoNumberIsOdd(json);
  }
}

// B07
TEST_CASE("The simple benchmark's file has its schema", "[report][sweep_json]") {
  const Json json = Results(MadeSweepOf(3, SweepKind::kSimple));
  CheckBegins(json["metadata"],
              {"timestamp", "model", "dataset_key", "api_base", "batch_sizes", "num_runs", "max_tokens",
               "temperature", "seed", "warmup_runs", "n_cores", "description"});
  CHECK(json["metadata"]["n_cores"] == 1);
  CHECK(json["metadata"]["dataset_key"] == "aime");
  const Json& level = json["results"]["2"];
  CheckBegins(level, {"tokens", "timings", "throughput"});
  CheckBegins(level["throughput"], {"batch_tokens_per_second", "request_tokens_per_second"});
  CHECK(level["throughput"]["batch_tokens_per_second"]["n"] == 3);
  CHECK(level["throughput"]["request_tokens_per_second"]["n"] == 6);
}

// C36
TEST_CASE("Rates of the window stand beside those of the whole, and empty buckets are kept",
          "[report][sweep_json]") {
  const Json level = Results(MadeSweepOf(1))["results"]["1"];
  const Json& steady = level["steady_state"];
  CHECK(steady["whole_tokens_per_second"] == level["batch_metrics"]["tokens_per_second"]);
  CHECK(steady["window_tokens_per_second"]["n"] == 3);
  CHECK(steady["median_bucket_tokens_per_second"]["n"] == 3);
  CHECK(steady["last_run"]["first_bucket"] == 1);
  CHECK(steady["last_run"]["window_seconds"] == 0.55);
  CHECK(steady["last_run"]["peak_active_requests"] == 1.0);
  const Json& series = level["time_series"];
  CHECK(series["bucket_size_seconds"] == 0.05);
  REQUIRE(series["output_tokens_per_bucket"].size() == 12);
  CHECK(series["output_tokens_per_bucket"][6] == 0.0);
  CHECK(series["active_requests_per_bucket"][6] == 1.0);
}

// C38, C39
TEST_CASE("What only some services report is there when they do, and adapters are told apart",
          "[report][sweep_json]") {
  const Json json = Results(FullReport(SweepKind::kCompletion));
  const Json& extras = json["results"]["2"]["usage_extras"];
  CHECK(extras["reasoning_tokens"]["mean"] == 15.0);
  CHECK(extras["reasoning_tokens"]["total"] == 30.0);
  CHECK(extras["cached_tokens"]["cache_hit_rate"] == 0.25);
  CHECK(extras["cost"]["total"] == 0.003);
  CHECK(extras["finish_reasons"]["length"] == 6);
  CHECK(extras["providers"]["Somebody"] == 6);
  CHECK(json["results"]["1"]["usage_extras"] == Json::object());
  CHECK(json["results"]["2"]["adapters"]["model:one"]["successful"] == 2);
  CHECK(json["results"]["1"]["adapters"].is_null());
  CHECK(json["metadata"]["lora_config"]["lora_names"] == Json({"one", "two"}));
  const Json& errors = json["results"]["2"]["errors"];
  CHECK(errors == Json({{"HTTP 429", 1}, {"HTTP 503", 2}, {"Timeout", 3}}));
}

TEST_CASE("A sustained sweep says its concurrencies and prompts", "[report][sweep_json]") {
  SweepReport report = MadeSweepOf(2);
  report.is_sustained = true;
  report.num_prompts = 64;
  const Json metadata = Results(report)["metadata"];
  CHECK(metadata["execution_mode"] == "sustained");
  CHECK(metadata["concurrency_levels"] == Json({1, 2}));
  CHECK(metadata["num_prompts"] == 64);
  CHECK(Results(MadeSweepOf(2))["metadata"]["execution_mode"] == "burst");
  CHECK(Results(MadeSweepOf(2))["metadata"]["concurrency_levels"].is_null());
}

// G15, G16
TEST_CASE("A grid of shapes has an entry per cell, a flag for wrong lengths, and matrices",
          "[report][sweep_json]") {
  SweepReport report = MadeShapes({128, 512}, {32}, {1, 4});
  report.levels[1].metrics.output_lengths->shorter = 2;  // in 512, out 32, batch 1
  report.levels[2].metrics.output_lengths.reset();
  const Json json = Results(report);
  CHECK(Keys(json["results"]) == std::vector<std::string>{"in_128_out_32_batch_1", "in_128_out_32_batch_4",
                                                          "in_512_out_32_batch_1", "in_512_out_32_batch_4"});
  const Json& cell = json["results"]["in_512_out_32_batch_1"];
  CheckBegins(cell, {"input_tokens", "output_tokens", "batch_size", "prefill_time_s", "tpot_s", "e2e_s",
                     "tokens_per_second"});
  CHECK(cell["input_tokens"] == 512);
  CHECK(cell["output_length_ok"] == false);
  CHECK(cell["output_length_flagged"] == 2);
  CHECK(cell["e2e_s"]["p99"].is_number());
  CHECK(json["results"]["in_512_out_32_batch_4"]["output_length_ok"] == true);
  CHECK(json["results"]["in_128_out_32_batch_4"]["output_length_ok"].is_null());
  CHECK(json["metadata"]["input_lengths"] == Json({128, 512}));
  CHECK(json["metadata"]["output_lengths"] == Json({32}));
  CHECK(json["metadata"]["batch_sizes"] == Json({1, 4}));
  REQUIRE(json["matrix"].size() == 2);
  CHECK(json["matrix"][0]["batch_size"] == 1);
  CHECK(json["matrix"][1]["tpot_s"][1][0] == json["results"]["in_512_out_32_batch_4"]["tpot_s"]["mean"]);
}

TEST_CASE("A cell that was not measured is null in the matrix", "[report][sweep_json]") {
  SweepReport report = MadeShapes({128, 512}, {32, 64}, {1});
  report.levels.pop_back();
  const Json matrix = Results(report)["matrix"][0];
  CHECK(matrix["e2e_s"][1][1].is_null());
  CHECK(matrix["e2e_s"][1][0].is_number());
}

// C41
TEST_CASE("A file that is saved between levels can be read like any other", "[report][sweep_json]") {
  SweepReport report = MadeSweepOf(4);
  report.levels.resize(1);
  const Json json = Results(report);
  CHECK(json["metadata"]["batch_sizes"] == Json({1}));
  CHECK(json["metadata"]["requested_levels"] == Json({1, 2, 4, 8}));
  report.levels.clear();
  CHECK(Results(report)["results"] == Json::object());
  CHECK(Results(report)["metadata"]["batch_sizes"] == Json::array());
}

TEST_CASE("Kept levels are written back as they were, each in its place", "[report][sweep_json]") {
  const SweepReport whole = MadeSweepOf(3);
  SweepReport report = whole;
  const Json before = Results(whole);
  report.levels = {whole.levels[2]};
  report.kept_levels = {{"2", before["results"]["2"].dump()}, {"1", before["results"]["1"].dump()}};
  CHECK(SweepResultsJson(report) == SweepResultsJson(whole));
  // Measured anew: the new one counts.
  report.kept_levels.push_back({"4", R"({"old":true})"});
  CHECK(SweepResultsJson(report) == SweepResultsJson(whole));
}

TEST_CASE("Texts of others cannot break a sweep's file", "[report][sweep_json]") {
  SweepReport report = MadeSweep({MadeSweepLevelReport({.in_flight = 1, .failed = 3})});
  report.levels[0].metrics.all.failures[0].sample_message = "bad \xff byte";
  report.dataset_config_json = "no json";
  report.configuration_json = "nor this";
  report.kept_levels = {{"2", "nor that"}};
  const std::string text = SweepResultsJson(report);
  CHECK(text.ends_with("}\n"));
  const Json json = Json::parse(text);
  CHECK(json["metadata"]["dataset_config"].is_null());
  CHECK(json["metadata"]["configuration"].is_null());
  CHECK(json["results"].size() == 1);
}

TEST_CASE("No number of a sweep's file is odd, and every key is documented", "[report][sweep_json]") {
  // Below these, keys are words that were counted, and what somebody else wrote.
  const std::set<std::string> free = {"results",        "errors",    "adapters",
                                      "finish_reasons", "providers", "dataset_config"};
  for (const SweepKind kind : {SweepKind::kCompletion, SweepKind::kSimple, SweepKind::kShapes}) {
    const Json json = Results(FullReport(kind));
    CheckNoNumberIsOdd(json);
    CheckKeysAreDocumented(json, free);
    for (const Json& level : json["results"]) CheckKeysAreDocumented(level, free);
    const Json& adapters = json["results"].items().begin().value()["adapters"];
    CHECK(adapters.is_null());
  }
  const Json adapter = Results(FullReport(SweepKind::kCompletion))["results"]["2"]["adapters"]["model:one"];
  CheckKeysAreDocumented(adapter, {});
}

TEST_CASE("Scripts that read the older tools' files read ours", "[report][sweep_json]") {
  if (std::system("command -v python3 >/dev/null 2>&1") != 0) {
    WARN("python3 is not installed: not tested");
    return;
  }
  TemporaryFolder folder;
  SweepReport partial = MadeSweepOf(6);
  partial.levels.resize(2);
  for (const SweepReport& report : {MadeSweepOf(6), MadeSweepOf(6, SweepKind::kSimple), partial}) {
    const std::string file = folder.Write("results.json", SweepResultsJson(report));
    const std::string out = folder.File("out.txt");
    const std::string command =
        "python3 " LLMDYNO_TEST_SCRIPTS "/read_sweep_result.py '" + file + "' > " + out + " 2>&1";
    const int status = std::system(command.c_str());
    INFO(ReadAll(out));
    CHECK(status == 0);
    CHECK(ReadAll(out).starts_with("1 "));
  }
}
