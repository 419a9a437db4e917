#include "llmdyno/metrics/sweep_metrics_builder.h"

#include <map>
#include <optional>
#include <utility>

#include "llmdyno/metrics/run_metrics_builder.h"
#include "metrics/sweep_checks.h"
#include "metrics/sweep_request_figures.h"
#include "metrics/sweep_run_tally.h"

namespace llmdyno {

struct SweepMetricsBuilder::State {
  explicit State(SweepMetricsConfig given) : config(std::move(given)) {}

  // Settles what is known only when a run is over.
  void EndRun(std::map<int64_t, SweepRunTally>& of_runs, std::optional<SteadyState>& last_run) const;
  void AddSuccess(const RequestRecord& record);
  std::map<std::string, AdapterFigures> Adapters() const;

  SweepMetricsConfig config;
  SweepLevelMetrics so_far;  // counts and distributions; Build adds what follows from them
  RunMetricsBuilder all;
  UsageExtrasTally extras;
  std::map<int64_t, SweepRunTally> runs;
  std::optional<int64_t> run_at_hand;
  SteadyStateMeter steady;  // of the run at hand
  OutputLengthCheck output_lengths;
  std::map<std::string, AdapterFigures> models;  // as they were asked for: "" for the endpoint's own
};

SweepMetricsBuilder::SweepMetricsBuilder(SweepMetricsConfig config)
    : state_(std::make_unique<State>(std::move(config))) {}
SweepMetricsBuilder::~SweepMetricsBuilder() = default;
SweepMetricsBuilder::SweepMetricsBuilder(SweepMetricsBuilder&&) noexcept = default;
SweepMetricsBuilder& SweepMetricsBuilder::operator=(SweepMetricsBuilder&&) noexcept = default;

void SweepMetricsBuilder::OnRecord(const RequestRecord& record) {
  State& state = *state_;
  if (record.phase == RunPhase::kWarmUp) return;
  state.all.OnRecord(record);
  if (state.run_at_hand != record.run) EndRun();
  state.run_at_hand = record.run;
  state.runs[record.run].Add(record);
  state.steady.OnRecord(record);
  ++state.so_far.requests;
  state.so_far.attempts += record.attempts;
  ++state.models[record.model].requests;
  state.so_far.images += record.images;
  if (record.outcome.ok()) {
    state.AddSuccess(record);
  } else {
    ++state.so_far.failed;
  }
}

void SweepMetricsBuilder::EndRun() {
  State& state = *state_;
  state.EndRun(state.runs, state.so_far.last_run);
  state.run_at_hand.reset();
  state.steady = SteadyStateMeter(state.config.steady);
}

void SweepMetricsBuilder::State::EndRun(std::map<int64_t, SweepRunTally>& of_runs,
                                        std::optional<SteadyState>& last_run) const {
  if (!run_at_hand) return;
  std::optional<SteadyState> found = steady.Build();
  of_runs[*run_at_hand].SetSteadyState(found);
  if (found) last_run = std::move(found);
}

void SweepMetricsBuilder::State::AddSuccess(const RequestRecord& record) {
  ++so_far.successful;
  const RequestValues values = ValuesOf(record, config.num_completions);
  AddTo(values, so_far.request);
  runs[record.run].AddSuccess(record, values);
  extras.Add(record);
  Count(record, so_far.input_lengths);
  Count(record, config.num_completions, output_lengths);
  AdapterFigures& model = models[record.model];
  ++model.successful;
  model.output_tokens += record.output_tokens.tokens;
  AddTo(values, model);
}

std::map<std::string, AdapterFigures> SweepMetricsBuilder::State::Adapters() const {
  const bool any = models.size() > 1 || (models.size() == 1 && !models.begin()->first.empty());
  if (!any) return {};
  std::map<std::string, AdapterFigures> adapters;
  for (const auto& [model, figures] : models) {
    AdapterFigures& adapter = adapters[model.empty() ? config.base_model : model];
    adapter = figures;
    Sort(adapter);
  }
  return adapters;
}

SweepLevelMetrics SweepMetricsBuilder::Build() const {
  const State& state = *state_;
  SweepLevelMetrics metrics = state.so_far;
  std::map<int64_t, SweepRunTally> runs = state.runs;
  state.EndRun(runs, metrics.last_run);
  for (const auto& [run, tally] : runs) tally.AddTo(metrics.run);
  metrics.runs = static_cast<int64_t>(runs.size());
  if (metrics.requests > 0) {
    metrics.success_rate_percent =
        100 * static_cast<double>(metrics.successful) / static_cast<double>(metrics.requests);
  }
  metrics.all = state.all.Build();
  metrics.extras = state.extras.Build();
  metrics.adapters = state.Adapters();
  if (state.config.expects_exact_output) metrics.output_lengths = state.output_lengths;
  Sort(metrics.request);
  Sort(metrics.run);
  metrics.input_lengths.deviation_percent.Sort();
  return metrics;
}

}  // namespace llmdyno
