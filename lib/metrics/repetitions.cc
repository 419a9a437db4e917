#include "llmdyno/metrics/repetitions.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace llmdyno {
namespace {

// What one run has of a figure: many samples, or one value, or nothing.
template <typename Runs, typename SamplesOf>
void Add(std::vector<FigureSpread>& spreads, const Runs& runs, std::string_view name, std::string_view title,
         std::string_view unit, const SamplesOf& samples_of) {
  std::vector<std::vector<double>> samples;
  for (const auto& run : runs) samples.push_back(samples_of(run));
  const auto spread = SpreadOverRuns(samples);
  if (spread) spreads.push_back({name, title, unit, *spread});
}

std::vector<double> All(const Distribution& values) {
  return {values.samples().begin(), values.samples().end()};
}

std::vector<double> One(const std::optional<double>& value) {
  return value ? std::vector<double>{*value} : std::vector<double>();
}

std::vector<double> MeanMs(const GapHistogram& gaps) {
  const auto mean = gaps.Mean();
  return mean ? std::vector<double>{ToMilliseconds(*mean)} : std::vector<double>();
}

std::vector<double> InMs(std::vector<double> seconds) {
  for (double& value : seconds) value *= 1e3;
  return seconds;
}

// What was said of another repetition than the one shown, and not of one before it.
void AddOf(size_t repetition, const std::vector<ValidityReason>& reasons, std::vector<ValidityReason>& all) {
  for (ValidityReason reason : reasons) {
    const bool is_known = std::any_of(all.begin(), all.end(),
                                      [&](const ValidityReason& known) { return known.code == reason.code; });
    if (is_known) continue;
    reason.sentence = "repetition " + std::to_string(repetition + 1) + ": " + reason.sentence;
    all.push_back(std::move(reason));
  }
}

}  // namespace

std::vector<FigureSpread> SpreadOfRuns(std::span<const RunMetrics* const> runs) {
  using Run = const RunMetrics* const&;
  std::vector<FigureSpread> spreads;
  Add(spreads, runs, "output_tokens_per_s", "Throughput", "tokens/s",
      [](Run run) { return One(run->output_tokens_per_second); });
  Add(spreads, runs, "requests_per_s", "Requests", "per second",
      [](Run run) { return One(run->requests_per_second); });
  Add(spreads, runs, "ttft_ms", "TTFT", "ms", [](Run run) { return All(run->ttft); });
  Add(spreads, runs, "ttft_p50_ms", "TTFT p50", "ms", [](Run run) { return One(run->ttft.Quantile(0.5)); });
  Add(spreads, runs, "ttft_p99_ms", "TTFT p99", "ms", [](Run run) { return One(run->ttft.Quantile(0.99)); });
  Add(spreads, runs, "tpot_ms", "TPOT", "ms", [](Run run) { return All(run->tpot); });
  Add(spreads, runs, "itl_ms", "ITL", "ms", [](Run run) { return MeanMs(run->itl); });
  Add(spreads, runs, "e2e_ms", "E2E", "ms", [](Run run) { return All(run->e2e); });
  return spreads;
}

std::vector<FigureSpread> SpreadOfSweepRuns(std::span<const SweepLevelMetrics> runs) {
  using Run = const SweepLevelMetrics&;
  std::vector<FigureSpread> spreads;
  Add(spreads, runs, "output_tokens_per_s", "Throughput", "tokens/s",
      [](Run run) { return All(run.run.tokens_per_second); });
  Add(spreads, runs, "items_per_s", "Items", "per second",
      [](Run run) { return All(run.run.items_per_second); });
  Add(spreads, runs, "requests_per_s", "Requests", "per second",
      [](Run run) { return All(run.run.requests_per_second); });
  Add(spreads, runs, "ttft_ms", "TTFT", "ms", [](Run run) { return InMs(All(run.request.ttft_s)); });
  Add(spreads, runs, "ttft_p50_ms", "TTFT p50", "ms",
      [](Run run) { return InMs(One(run.request.ttft_s.Quantile(0.5))); });
  Add(spreads, runs, "ttft_p99_ms", "TTFT p99", "ms",
      [](Run run) { return InMs(One(run.request.ttft_s.Quantile(0.99))); });
  Add(spreads, runs, "tpot_ms", "TPOT", "ms", [](Run run) { return InMs(All(run.request.tpot_s)); });
  Add(spreads, runs, "itl_ms", "ITL", "ms", [](Run run) { return MeanMs(run.all.itl); });
  Add(spreads, runs, "e2e_ms", "E2E", "ms", [](Run run) { return InMs(All(run.request.e2e_s)); });
  return spreads;
}

bool IsCompleteRun(std::string_view stop_reason) {
  constexpr std::array<std::string_view, 6> kIncomplete = {"",        "interrupted",          "plugin_fault",
                                                           "refused", "consecutive_failures", "max_duration"};
  return std::find(kIncomplete.begin(), kIncomplete.end(), stop_reason) == kIncomplete.end();
}

size_t RepetitionToShow(std::span<const RepetitionOutcome> repetitions) {
  assert(!repetitions.empty());
  std::vector<size_t> complete;
  for (size_t i = 0; i < repetitions.size(); ++i) {
    if (IsCompleteRun(repetitions[i].stop_reason)) complete.push_back(i);
  }
  if (complete.empty()) return 0;
  // An empty optional is less than every value.
  std::stable_sort(complete.begin(), complete.end(),
                   [&](size_t a, size_t b) { return repetitions[a].rate < repetitions[b].rate; });
  return complete[(complete.size() - 1) / 2];
}

Validity ValidityOfAll(std::span<const Validity> repetitions, size_t shown) {
  assert(shown < repetitions.size());
  Validity all = repetitions[shown];
  for (size_t i = 0; i < repetitions.size(); ++i) {
    if (i == shown) continue;
    const Validity& other = repetitions[i];
    all.valid = all.valid && other.valid;
    AddOf(i, other.reasons, all.reasons);
    AddOf(i, other.caveats, all.caveats);
    for (const std::string& what : other.unknown) {
      if (std::find(all.unknown.begin(), all.unknown.end(), what) == all.unknown.end()) {
        all.unknown.push_back(what);
      }
    }
  }
  return all;
}

}  // namespace llmdyno
