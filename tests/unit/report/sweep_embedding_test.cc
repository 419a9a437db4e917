#include "report/sweep_embedding.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "documented_keys.h"
#include "llmdyno/report/sweep_json.h"
#include "llmdyno/report/sweep_resume.h"
#include "made_embedding.h"
#include "report/sweep_embedding_table.h"
#include "support/catch.h"
#include "support/written_files.h"
#include "temporary_folder.h"

using namespace llmdyno;

namespace {

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

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

void CheckBegins(const Json& json, const std::vector<std::string>& expected) {
  std::vector<std::string> keys = Keys(json);
  REQUIRE(keys.size() >= expected.size());
  keys.resize(expected.size());
  CHECK(keys == expected);
}

SweepReport WithFailures() {
  SweepReport report = MadeEmbeddingOf({1, 8}, {"short", "200"});
  report.levels[2] = MadeEmbeddingLevelReport({.load = "batch_8", .failed = 24});
  report.levels[3] = MadeEmbeddingLevelReport({.load = "batch_8", .length = "200", .failed = 3});
  return report;
}

}  // namespace

TEST_CASE("Keys of an embedding benchmark are read back, whatever the load and the length",
          "[report][sweep_embedding]") {
  const auto batch = ParseEmbeddingKey("batch_8_seq_short");
  REQUIRE(batch);
  CHECK(batch->load == EmbeddingLoad::kBatch);
  CHECK(batch->value == 8);
  CHECK(batch->length == "short");
  CHECK(ParseEmbeddingKey("concurrency_64_seq_E(128)")->length == "E(128)");
  CHECK(ParseEmbeddingKey("concurrency_64_seq_E(128)")->load == EmbeddingLoad::kConcurrency);
  const auto rate = ParseEmbeddingKey("rate_2.5_seq_R(128,16)");
  REQUIRE(rate);
  CHECK(rate->load == EmbeddingLoad::kRate);
  CHECK(rate->value == 2.5);
  CHECK(rate->value_text == "2.5");
  CHECK(rate->length == "R(128,16)");
  for (const char* other : {"8", "batch_8", "batch_8_seq_", "batch__seq_short", "batch_2k_seq_short",
                            "batch_2.5_seq_short", "batch_-1_seq_short", "in_128_out_32_batch_8", ""}) {
    CAPTURE(other);
    CHECK_FALSE(ParseEmbeddingKey(other));
  }
}

// D07, D08
TEST_CASE("An embedding benchmark's file has the names and the nesting of the older schema",
          "[report][sweep_embedding]") {
  const Json json = Results(MadeEmbeddingOf({1, 8}, {"short", "mixed", "200", "E(128)"}));
  CheckBegins(json["metadata"], {"timestamp", "model", "api_base", "batch_sizes", "sequence_lengths",
                                 "num_runs", "warmup_runs", "concurrent_requests", "seed", "description"});
  const Json& metadata = json["metadata"];
  CHECK(metadata["timestamp"].is_string());
  CHECK(metadata["batch_sizes"] == Json({1, 8}));
  CHECK(metadata["sequence_lengths"] == Json({"short", "mixed", 200, "E(128)"}));
  CHECK(metadata["concurrent_requests"] == true);
  CHECK(metadata["kind"] == "embedding");
  CHECK(metadata["request_kind"] == "embedding");
  CHECK(metadata["execution_mode"] == "burst");
  CHECK(Keys(json["results"]) == std::vector<std::string>{"batch_1_seq_short", "batch_1_seq_mixed",
                                                          "batch_1_seq_200", "batch_1_seq_E(128)",
                                                          "batch_8_seq_short", "batch_8_seq_mixed",
                                                          "batch_8_seq_200", "batch_8_seq_E(128)"});
  const Json& entry = json["results"]["batch_8_seq_200"];
  CheckBegins(entry, {"tokens", "timings", "throughput"});
  CheckBegins(entry["tokens"], {"total_per_batch", "embeddings_per_batch"});
  CHECK(Keys(entry["timings"]) == std::vector<std::string>{"batch_total_seconds", "fastest_seconds",
                                                           "slowest_seconds", "spread_seconds"});
  CheckBegins(entry["throughput"], {"batch_embeddings_per_second", "batch_tokens_per_second",
                                    "request_embeddings_per_second", "request_tokens_per_second"});
  CHECK(Keys(entry["latency"]["request_seconds"]) ==
        std::vector<std::string>{"mean", "std", "n", "p50", "p90", "p95", "p99", "min", "max", "mean_ci95",
                                 "p50_ci95", "p90_ci95", "p95_ci95", "p99_ci95"});
  CHECK(entry["latency"]["request_seconds"]["n"] == 24);
  CHECK(entry["sequence_length"] == 200);
  CHECK(json["results"]["batch_8_seq_E(128)"]["sequence_length"] == "E(128)");
}

// D10
TEST_CASE("Embeddings and tokens of a batch are those of its answers, over its time",
          "[report][sweep_embedding]") {
  const Json entry = Results(MadeEmbeddingOf({8}, {"short"}))["results"]["batch_8_seq_short"];
  CHECK(entry["tokens"]["embeddings_per_batch"]["mean"] == 8.0);
  CHECK(entry["tokens"]["total_per_batch"]["mean"] == 96.0);  // 8 requests of 12 tokens
  // The first of three runs took 18 ms.
  CHECK(entry["throughput"]["batch_embeddings_per_second"]["max"].get<double>() == Approx(8 / 0.018));
  CHECK(entry["throughput"]["batch_tokens_per_second"]["max"].get<double>() == Approx(96 / 0.018));
  CHECK(entry["throughput"]["request_tokens_per_second"]["max"].get<double>() == Approx(12 / 0.010));
  CHECK(entry["token_count_sources"]["input"][0]["source"] == "usage");
}

TEST_CASE("Where nobody counted tokens their rates are absent, not zero", "[report][sweep_embedding]") {
  const SweepReport report =
      MadeEmbedding({MadeEmbeddingLevelReport({.tokens_per_request = 0})}, {8}, {"short"});
  const Json entry = Results(report)["results"]["batch_8_seq_short"];
  for (const char* key : {"batch_tokens_per_second", "request_tokens_per_second"}) {
    CHECK(entry["throughput"][key]["mean"].is_null());
    CHECK(entry["throughput"][key]["n"] == 0);
  }
  CHECK(entry["tokens"]["total_per_batch"]["mean"].is_null());
  CHECK(entry["throughput"]["batch_embeddings_per_second"]["mean"].is_number());
  CHECK(Has(EmbeddingLevelText(report, report.levels[0].metrics), "nobody counted the tokens"));
}

// D09
TEST_CASE("A configuration of which everything failed has nulls and its failures",
          "[report][sweep_embedding]") {
  const Json json = Results(WithFailures());
  CheckNoNumberIsOdd(json);
  const Json& failed = json["results"]["batch_8_seq_short"];
  for (const char* block : {"tokens", "timings", "throughput", "latency"}) {
    for (const Json& leaf : failed[block]) {
      CHECK(leaf["mean"].is_null());
      CHECK(leaf["min"].is_null());
      CHECK(leaf["n"] == 0);
    }
  }
  CHECK(failed["reliability"]["failed_requests"] == 24);
  CHECK(failed["errors"] == Json({{"HTTP 503", 24}}));
  const Json& some = json["results"]["batch_8_seq_200"];
  CHECK(some["reliability"]["success_rate"] == 87.5);
  CHECK(some["latency"]["request_seconds"]["n"] == 21);
  CHECK(some["timings"]["fastest_seconds"]["min"].get<double>() > 0);
}

TEST_CASE("The file of an embedding benchmark that is not over names whole rows only",
          "[report][sweep_embedding]") {
  SweepReport report = MadeEmbeddingOf({1, 8}, {"short", "200"});
  report.levels.pop_back();
  Json metadata = Results(report)["metadata"];
  CHECK(metadata["batch_sizes"] == Json({1}));
  CHECK(metadata["sequence_lengths"] == Json({"short", 200}));
  CHECK(metadata["requested_levels"] == Json({1, 8}));
  report.levels.resize(1);
  metadata = Results(report)["metadata"];
  CHECK(metadata["batch_sizes"] == Json({1}));
  CHECK(metadata["sequence_lengths"] == Json({"short"}));
  CHECK(metadata["requested_lengths"] == Json({"short", 200}));
  report.levels.clear();
  CHECK(Results(report)["metadata"]["sequence_lengths"] == Json::array());
}

TEST_CASE("Rates are in the file as they were asked for, and in-flight is unknown then",
          "[report][sweep_embedding]") {
  const Json json = Results(MadeEmbeddingRates({"10", "0.4", "0.3"}, {"short", "200"}));
  CHECK(Keys(json["results"]) == std::vector<std::string>{"rate_0.3_seq_short", "rate_0.3_seq_200",
                                                          "rate_0.4_seq_short", "rate_0.4_seq_200",
                                                          "rate_10_seq_short", "rate_10_seq_200"});
  CHECK(json["metadata"]["execution_mode"] == "open_loop");
  CHECK(json["metadata"]["batch_sizes"] == Json::array());
  CHECK(json["metadata"]["request_rate"] == "10,0.4,0.3");
  CHECK(json["metadata"]["request_rates"] == Json({0.3, 0.4, 10.0}));
  CHECK(json["metadata"]["requested_levels"].is_null());
  CHECK(json["results"]["rate_0.4_seq_200"]["request_rate"] == 0.4);
  CHECK(json["results"]["rate_0.4_seq_200"]["in_flight"].is_null());
  CHECK(Results(MadeEmbeddingOf({1}, {"short"}))["metadata"]["request_rates"].is_null());
}

TEST_CASE("Every key of an embedding benchmark's file is documented", "[report][sweep_embedding]") {
  SweepReport report = WithFailures();
  report.skipped = {"batch_64_seq_short"};
  report.skip_reason = "interrupted";
  report.files = {{"results", "results.json"}, {"records", "results.records.jsonl"}};
  const std::set<std::string> free = {"results", "errors", "adapters", "finish_reasons", "providers"};
  for (const SweepReport& any : {report, MadeEmbeddingRates({"2.5"}, {"R(128,16)"})}) {
    const Json json = Results(any);
    CheckKeysAreDocumented(json, free);
    for (const Json& level : json["results"]) CheckKeysAreDocumented(level, free);
  }
}

TEST_CASE("Scripts that read the older embedding files read ours", "[report][sweep_embedding]") {
  if (std::system("command -v python3 >/dev/null 2>&1") != 0) {
    WARN("python3 is not installed: not tested");
    return;
  }
  TemporaryFolder folder;
  SweepReport partial = MadeEmbeddingOf({1, 2, 4}, {"short", "200"});
  partial.levels.resize(3);
  for (const SweepReport& report :
       {MadeEmbeddingOf({1, 2, 4}, {"short", "long", "200"}), WithFailures(), partial}) {
    const std::string file = folder.Write("results.json", SweepResultsJson(report));
    const std::string out = folder.File("out.txt");
    const std::string command =
        "python3 " LLMDYNO_TEST_SCRIPTS "/read_embedding_result.py '" + file + "' > " + out + " 2>&1";
    const int status = std::system(command.c_str());
    INFO(ReadAll(out));
    CHECK(status == 0);
    CHECK(ReadAll(out).starts_with("1 short "));
  }
}

TEST_CASE("An embedding benchmark goes on where it was, with more loads and lengths",
          "[report][sweep_embedding]") {
  TemporaryFolder folder;
  const SweepReport whole = MadeEmbeddingOf({1, 8}, {"short", "200"});
  SweepReport old = whole;
  old.levels[3].stop_reason = "interrupted";
  const std::string file = folder.Write("results.json", SweepResultsJson(old));
  SweepReport wanted = whole;
  wanted.levels.clear();
  const auto kept = ReadKeptLevels(file, wanted);
  REQUIRE(kept.ok());
  REQUIRE(kept->levels.size() == 3);
  CHECK(kept->levels[2].key == "batch_8_seq_short");
  wanted.kept_levels = kept->levels;
  wanted.levels = {whole.levels[3]};
  CHECK(SweepResultsJson(wanted) == SweepResultsJson(whole));
  // Another length and another load, between and behind.
  SweepReport more = whole;
  more.levels = {MadeEmbeddingLevelReport({.load = "batch_4", .in_flight = 4, .length = "long"})};
  more.sweep_values = {1, 4};
  more.sequence_lengths = {"long", "short"};
  more.kept_levels = kept->levels;
  CHECK(Keys(Results(more)["results"]) == std::vector<std::string>{"batch_1_seq_short", "batch_1_seq_200",
                                                                   "batch_4_seq_long", "batch_8_seq_short"});
}

TEST_CASE("An embedding benchmark with another meaning is not mixed in", "[report][sweep_embedding]") {
  const SweepReport old = MadeEmbeddingOf({1}, {"short"});
  TemporaryFolder folder;
  const std::string file = folder.Write("results.json", SweepResultsJson(old));
  const auto problem = [&](auto change) {
    SweepReport wanted = old;
    wanted.levels.clear();
    change(wanted);
    return std::string(ReadKeptLevels(file, wanted).status().message());
  };
  CHECK(problem([](SweepReport&) {}).empty());
  CHECK(Has(problem([](SweepReport& r) { r.texts_per_request = 8; }),
            "texts per request was 1 there and is 8"));
  CHECK(Has(problem([](SweepReport& r) { r.sequence_lengths = {"R(128,16)"}; }), "the kind of request"));
  CHECK(Has(problem([](SweepReport& r) { r.is_sustained = true; }), "the way of loading"));
  CHECK(Has(problem([](SweepReport& r) { r.request_rate = "1,2"; }), "the way of loading"));
  CHECK(Has(problem([](SweepReport& r) { r.kind = SweepKind::kCompletion; }), "the kind of sweep"));
  CHECK(Has(problem([](SweepReport& r) { r.configuration_json = R"({"encoding_format":"base64"})"; }),
            "--encoding_format was \"float\""));
  CHECK(Has(problem([](SweepReport& r) { r.configuration_json = R"({"dimensions":256})"; }),
            "--dimensions was none there and is 256"));
  CHECK(problem([](SweepReport& r) { r.sequence_lengths = {"short", "long"}; }).empty());
}
