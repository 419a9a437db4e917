// What it costs to prepare prompts before the clock starts.
#include <cstdio>
#include <cstdlib>

#include "llmdyno/workload/scenario_preparer.h"
#include "measurement_setup.h"
#include "measurements.h"

namespace llmdyno {
namespace {

constexpr int64_t kTokens = 1000;
constexpr int kRounds = 40;
constexpr int64_t kPromptsInRound = 2000;

// Whole requests as a sweep prepares them: the shape drawn, opening, rows, and every length brought to 1000
// by the rule of thumb, which reads each prompt more than once. The pool is counted before. Returns prompts
// per processor second.
double PreparePrompts(const std::shared_ptr<const TextPool>& pool, TokenCounter& counter) {
  const ScenarioPreparerConfig config{.scenario = *Scenario::Parse("D(1000,100)")};
  const auto preparer = *MakeScenarioPreparer(config, pool, counter);
  Rng seeds(1);
  const double before = OwnCpuSeconds();
  for (int round = 0; round < kRounds; ++round) {
    const auto requests = preparer->Prepare(kPromptsInRound, Rng(seeds.Next()));
    if (!requests.ok() || requests->back().prompt_tokens != kTokens) {
      std::fprintf(stderr, "a prompt of 1000 tokens was not prepared\n");
      std::exit(1);
    }
  }
  return static_cast<double>(kRounds * kPromptsInRound) / (OwnCpuSeconds() - before);
}

Measurement Prompts(const std::string& work, const std::shared_ptr<const TextPool>& pool,
                    TokenCounter& counter) {
  std::vector<double> rates;
  for (int run = 0; run < 5; ++run) rates.push_back(PreparePrompts(pool, counter) / 1000);
  const double rate = Median(rates);
  return {work, ">= 100 k prompts per CPU-second",
          Text("%.0f k", rate) + " (5 runs: " + Range(rates, "%.0f") + ")", rate >= 100};
}

}  // namespace

std::vector<Measurement> MeasurePrompts() {
  PinTo(kClientCpu);
  const auto counter = MakeEstimatingTokenCounter();
  std::vector<std::string> lines;
  for (int i = 0; i < 20; ++i) lines.push_back("This is line " + std::to_string(i) + " of twenty.");
  return {Prompts("prompts of 1000 tokens from synthetic prose, no two beginning alike",
                  *MakeSyntheticTextPool(*counter, Rng(1)), *counter),
          Prompts("the same from a dataset of 20 short lines", *MakeTextPool(lines, *counter), *counter)};
}

}  // namespace llmdyno
