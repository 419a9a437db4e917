// From the flags of llmdyno-qps to what is to be run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/flag_table.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/cost/serving_cost.h"
#include "llmdyno/experiment/capacity_search.h"
#include "llmdyno/experiment/sustained.h"
#include "llmdyno/metrics/serving_metrics_builder.h"
#include "llmdyno/report/serving_report.h"
#include "llmdyno/run/run_spec.h"
#include "qps/qps_options.h"

namespace llmdyno {

struct QpsSpec {
  RunSpec run;  // of every level, but for its load
  LoadKind load_kind = LoadKind::kRate;
  std::vector<double> targets;  // empty for a search; of a trace the one rate that it comes to
  bool replays_trace = false;   // one level at the trace's own times
  Duration level_time{};        // of each level; of a trace its own, at the speed of the replay
  CapacitySearchConfig search;
  SustainCriteria criteria;
  ServingMetricsConfig metrics;
  std::vector<double> percentiles;
  std::optional<GpuPrice> gpu_price;
  std::optional<TokenPrices> token_prices;
  int64_t most_in_flight = 1;  // how many requests a level could have in flight at worst
};

// Checks everything that can be known before a request is sent: InvalidArgument with a sentence that names
// the flag. `catalog` has the names that they may use. Fills in what follows from other flags and from the
// environment.
absl::StatusOr<QpsSpec> MakeQpsSpec(QpsOptions& options, const FlagTable& flags, const Catalog& catalog);

// The run of one level: its load, its stop condition, its place in the series. `rate_before` is where a ramp
// begins.
RunSpec LevelSpec(const QpsSpec& spec, const QpsOptions& options, int64_t level, double target, Duration time,
                  double rate_before);

}  // namespace llmdyno
