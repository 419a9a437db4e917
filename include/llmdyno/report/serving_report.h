// Everything that the outputs of a QPS benchmark or a serving run say, as values. Writers format them and add
// no numbers of their own. Plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/cost/serving_cost.h"
#include "llmdyno/metrics/backlog.h"
#include "llmdyno/metrics/capacity.h"
#include "llmdyno/metrics/recommendation.h"
#include "llmdyno/metrics/repetitions.h"
#include "llmdyno/metrics/serving_metrics.h"
#include "llmdyno/metrics/slo.h"
#include "llmdyno/metrics/steady_state.h"
#include "llmdyno/metrics/validity.h"
#include "llmdyno/report/measurement_error_note.h"
#include "llmdyno/report/report.h"

namespace llmdyno {

// What a level's target is.
enum class LoadKind {
  kRate,   // requests per second, open loop
  kUsers,  // requests in flight, closed loop
};

// One of several runs of the same level.
struct LevelRepetition {
  std::string stop_reason;
  ServingMetrics metrics;
  ClientHealth health;
  Validity validity;
};

// One load that was held for a while.
struct LevelReport {
  int64_t index = 0;  // from 0, in the order run
  double target = 0;  // requests per second (infinity: all at once) or users
  std::string
      stop_reason;  // why the level ended: "target_requests", "duration" (drain deadline), "interrupted"
  std::optional<WallTime> started_at;  // of several repetitions the first one
  ServingMetrics metrics;
  std::optional<BacklogTrend> backlog;  // of an open loop with enough requests
  std::optional<SteadyState> steady;
  ClientHealth health;
  Validity validity;
  std::optional<ServingCost> cost;
  std::optional<SloJudgement> slo;
  std::vector<MeasurementErrorNote> measurement_errors;  // of this machine, where a self-test tells
  // Of a level that was run several times: all figures above are those of one of these, the verdict is on
  // all.
  std::vector<LevelRepetition> repetitions;  // in the order run; empty: it was run once
  int64_t repetition = 0;                    // the one shown, from 0
  std::vector<FigureSpread> spread;          // over the complete ones
};
// What Recommend needs to know of it.
LevelSummary SummaryOf(const LevelReport& level);
// Did a queue grow? Says nothing (false, false) where the trend is not known.
BacklogJudgement QueueOf(const LevelReport& level);

// The whole benchmark.
struct ServingReport {
  std::string title;  // "QPS benchmark"
  LoadKind load_kind = LoadKind::kRate;
  std::string model;
  std::string endpoint;  // the full URL that requests go to
  std::string dataset;   // as given
  bool is_simulated = false;
  uint64_t seed = 0;
  FirstToken first_token = FirstToken::kAnyText;
  std::vector<double> percentiles = {50, 95, 99};  // for tables
  std::string configuration_json = "{}";           // all flags; holds no secret
  Provenance provenance;

  // As asked for; of a trace what it comes to: its mean rate and its time, both at the speed of the replay.
  std::vector<double> targets;
  double duration_s = 60;
  std::optional<int64_t> max_tokens;
  std::optional<double> temperature;
  bool show_tokens = false;
  std::optional<GpuPrice> gpu_price;
  std::optional<TokenPrices> token_prices;
  std::string slo;      // as written; empty for none
  std::string goodput;  // as written; empty for none

  // As it went.
  std::vector<LevelReport> levels;
  std::vector<double> skipped_targets;  // not run, and why:
  std::string skip_reason;              // "success 20.0 % at 5 requests/s is below 50 %", "interrupted"
  std::optional<Recommendation> recommendation;
  std::vector<CapacityTrial> capacity_trials;
  std::optional<CapacityAnswer> capacity;
  std::optional<ProductionPlan> plan;
  std::vector<std::string> notes;
  std::vector<ReportFile> files;
};

}  // namespace llmdyno
