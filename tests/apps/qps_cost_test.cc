// Tokens and what they cost: F17 to F22, prices per token, and the plan for production.
#include <cmath>

#include "apps/qps_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

Arguments Quick(const Arguments& more = {}) {
  Arguments flags = {"--ttft", "2ms", "--itl", "1ms", "--output-tokens", "20"};
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

}  // namespace

// F17, F20
TEST_CASE("GPUs are priced by the hour, over the tokens that usage reports", "[apps]") {
  const Scratch scratch;
  SimProcess sim(Quick());
  const QpsRun run =
      RunQps(scratch, sim, {"--qps", "20", "--duration", "1", "--gpu-rate", "2.30", "--num-gpus", "4"});
  INFO(run.Said());
  const Json& level = run.files.levels[0];
  const Json& cost = level["cost_analysis"];
  double input = 0;
  for (const Json& request : sim.StopAndReadLog()) {
    CHECK(BodyOf(request)["stream_options"]["include_usage"] == true);
    input += request["prompt_tokens"].get<double>();
  }
  CHECK(cost["total_input_tokens"] == input);
  CHECK(cost["total_output_tokens"] == 400);
  CHECK(cost["total_tokens"] == input + 400);
  const double seconds = level["actual_duration"];
  const double dollars = 4 * 2.30 * seconds / 3600;
  CHECK(cost["gpu_cost"].get<double>() == Approx(dollars).epsilon(1e-9));
  CHECK(cost["cost_per_million_tokens"].get<double>() == Approx(dollars * 1e6 / (input + 400)).epsilon(1e-9));
  CHECK(cost["sustained_tokens_per_sec"].get<double>() == Approx(400 / seconds).epsilon(1e-9));
  CHECK(cost["cost_per_request"].get<double>() == Approx(dollars / 20).epsilon(1e-9));
  CHECK(cost["below_95_percent"] == false);
  CHECK(Contains(run.out, "$/M Tokens"));
  CHECK(run.files.metadata["gpu_rate"] == 2.3);
  CHECK(run.files.metadata["num_gpus"] == 4);
}

// F19
TEST_CASE("Throughput is told without a price, and cost is not", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(Quick());
  const QpsRun run = RunQps(scratch, sim, {"--qps", "20", "--duration", "0.5"});
  INFO(run.Said());
  const Json& level = run.files.levels[0];
  CHECK(level["cost_analysis"].is_null());
  CHECK(level["output_tokens_per_s"].get<double>() ==
        Approx(200 / level["duration"].get<double>()).epsilon(1e-9));
  CHECK(level["total_tokens_per_s"].get<double>() > level["output_tokens_per_s"].get<double>());
  CHECK_FALSE(Contains(run.out, "$/M Tokens"));
  CHECK(Contains(run.out, "Out tok/s"));
}

// F18, F22
TEST_CASE("Without usage tokens are counted, labelled and not priced", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(Quick({"--no-usage", "1"}));
  const QpsRun run =
      RunQps(scratch, sim, {"--qps", "20", "--duration", "0.5", "--gpu-rate", "2.30", "--num-gpus", "1"});
  INFO(run.Said());
  CHECK(run.exit == 0);
  const Json& level = run.files.levels[0];
  CHECK(level["tokens_per_sec"]["p50"].get<double>() > 0);
  CHECK(level["output_tokens"] == 200);
  CHECK(level["token_counts"]["output"][0]["source"] != "usage");
  CHECK(level["without_usage"] == 10);
  CHECK(level["without_usage_share"] == 1.0);
  CHECK(level["cost_analysis"]["total_tokens"] == 0);
  CHECK(level["cost_analysis"]["cost_per_million_tokens"].is_null());
  CHECK(Contains(run.out, "N/A"));
  CHECK(Contains(Unwrapped(run.out), "100.0 % of the requests came without usage"));
}

// F22
TEST_CASE("Where some answers come without usage their share is told", "[apps]") {
  const Scratch scratch;
  SimProcess sim(Quick({"--no-usage", "0.4"}));
  const QpsRun run =
      RunQps(scratch, sim, {"--qps", "50", "--duration", "1", "--gpu-rate", "2.30", "--num-gpus", "1"});
  INFO(run.Said());
  const Json& level = run.files.levels[0];
  const double without = level["without_usage"];
  CHECK(without == sim.Stats()["faults"]["no_usage"].get<double>());
  CHECK(without > 0);
  CHECK(level["cost_analysis"]["without_usage_share"].get<double>() == Approx(without / 50).epsilon(1e-9));
  CHECK(level["cost_analysis"]["total_output_tokens"] == 20 * (50 - without));
}

// F21
TEST_CASE("A price at which requests failed is marked, and every file is there", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(Quick({"--fail", "503:0.2"}));
  const QpsRun run =
      RunQps(scratch, sim, {"--qps", "40,50", "--duration", "1", "--gpu-rate", "2.30", "--num-gpus", "1"});
  INFO(run.Said());
  CHECK(run.exit == 0);
  REQUIRE(run.files.levels.size() == 2);
  for (const Json& level : run.files.levels) {
    CHECK(level["success_rate"].get<double>() < 95);
    CHECK(level["cost_analysis"]["below_95_percent"] == true);
    CHECK(level["cost_analysis"]["cost_per_million_tokens"].get<double>() > 0);
  }
  CHECK(Contains(run.out, "95 %"));
}

TEST_CASE("Tokens of a hosted API are priced by their kind", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(Quick({"--extras"}));
  // The simulator calls a quarter of each prompt cached.
  const std::string path =
      scratch.Write("long.jsonl", R"({"prompt": "a prompt of some more words than one or two"})"
                                  "\n");
  const QpsRun run = RunQps(scratch, sim,
                            {"--dataset", path, "--qps", "20", "--duration", "0.5", "--price-input", "0.15",
                             "--price-output", "0.60", "--price-cached", "0.05", "--goodput", "e2el:60000"});
  INFO(run.Said());
  const Json& cost = run.files.levels[0]["cost_analysis"];
  const double input = cost["total_input_tokens"];
  const double cached = cost["cached_input_tokens"];
  CHECK(cached > 0);
  const double dollars = ((input - cached) * 0.15 + cached * 0.05 + 200 * 0.60) / 1e6;
  CHECK(cost["token_cost"].get<double>() == Approx(dollars).epsilon(1e-9));
  CHECK(cost["gpu_cost"].is_null());
  CHECK(cost["cost_per_good_request"].get<double>() == Approx(dollars / 10).epsilon(1e-9));
}

TEST_CASE("A good request costs what all cost, divided by those that met the goals", "[apps]") {
  const Scratch scratch;
  // Up to 60 tokens at 10 ms each: about half of the answers take longer than 300 ms.
  const SimProcess sim({"--ttft", "2ms", "--itl", "10ms", "--output-tokens", "1-60"});
  const QpsRun run = RunQps(scratch, sim,
                            {"--qps", "40", "--duration", "1", "--gpu-rate", "2", "--num-gpus", "1",
                             "--goodput", "ttft:60000,tpot:60000", "e2el:300"});
  INFO(run.Said());
  const Json& level = run.files.levels[0];
  int good = 0;
  for (const double seconds : SecondsBetween(run.files.Records(0), "started_ns", "ended_ns")) {
    if (seconds <= 0.3) ++good;
  }
  CHECK(good > 0);
  CHECK(good < 40);
  CHECK(level["good_requests"] == good);
  CHECK(level["cost_analysis"]["cost_per_good_request"].get<double>() ==
        Approx(level["cost_analysis"]["gpu_cost"].get<double>() / good).epsilon(1e-9));
  CHECK(run.files.metadata["goodput"] == "ttft:60000 tpot:60000 e2el:300");
}

TEST_CASE("A day's tokens are planned at 70 % of what the recommended level sustained", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(Quick());
  const QpsRun run = RunQps(scratch, sim,
                            {"--qps", "20", "--duration", "1", "--gpu-rate", "2.5", "--num-gpus", "2",
                             "--plan-tokens-per-day", "100M"});
  INFO(run.Said());
  const Json& plan = run.files.metadata["plan"];
  const double sustained = run.files.levels[0]["total_tokens_per_s"];
  CHECK(plan["tokens_per_day"] == 1e8);
  CHECK(plan["tokens_per_second_per_machine"].get<double>() == Approx(0.7 * sustained).epsilon(1e-9));
  const double machines = std::ceil(1e8 / 86'400 / (0.7 * sustained));
  CHECK(plan["machines"] == machines);
  CHECK(plan["gpus"] == 2 * machines);
  CHECK(plan["usd_per_day"].get<double>() == Approx(machines * 2 * 2.5 * 24).epsilon(1e-9));
}

}  // namespace llmdyno
