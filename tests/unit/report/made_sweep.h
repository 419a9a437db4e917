// A small sweep, made by hand, for tests of what is written about it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/report/sweep_report.h"

namespace llmdyno {

inline Distribution Of(std::initializer_list<double> values) {
  Distribution distribution;
  for (const double value : values) distribution.Add(value);
  return distribution;
}

struct MadeSweepLevel {
  int64_t in_flight = 8;
  int64_t runs = 3;
  int64_t failed = 0;  // of the requests, with HTTP 503
  double ttft_s = 0.04;
  double tpot_s = 0.0085;
  int64_t input_tokens = 200;
  int64_t output_tokens = 50;
  bool is_streamed = true;
};

// As if all requests of a run had been sent at once; each a little later than the one before.
inline SweepLevelReport MadeSweepLevelReport(const MadeSweepLevel& made) {
  SweepLevelReport level;
  level.key = std::to_string(made.in_flight);
  level.in_flight = made.in_flight;
  level.stop_reason = "target_requests";
  level.started_at = WallTime(std::chrono::seconds(1738324800));
  SweepLevelMetrics& metrics = level.metrics;
  metrics.runs = made.runs;
  metrics.requests = made.runs * made.in_flight;
  metrics.failed = made.failed;
  metrics.successful = metrics.requests - made.failed;
  metrics.success_rate_percent =
      100 * static_cast<double>(metrics.successful) / static_cast<double>(metrics.requests);
  const double out = static_cast<double>(made.output_tokens);
  for (int64_t i = 0; i < metrics.successful; ++i) {
    const double ttft = made.ttft_s * (1 + 0.02 * static_cast<double>(i % made.in_flight));
    const double decode = made.tpot_s * (out - 1) * (1 + 0.01 * static_cast<double>(i % 3));
    RequestFigures& request = metrics.request;
    request.input_tokens.Add(static_cast<double>(made.input_tokens));
    request.output_tokens.Add(out);
    request.e2e_s.Add(ttft + decode);
    request.request_tokens_per_second.Add(out / (ttft + decode));
    if (made.is_streamed) {
      request.ttft_s.Add(ttft);
      request.ttfo_s.Add(ttft);
      request.input_throughput.Add(static_cast<double>(made.input_tokens) / ttft);
    }
    const double decode_time = made.is_streamed ? decode : ttft + decode;
    request.decode_time_s.Add(decode_time);
    request.tpot_s.Add(decode_time / (out - 1));
    request.output_throughput.Add((out - 1) / decode_time);
  }
  const double per_run =
      static_cast<double>(metrics.successful) / static_cast<double>(std::max<int64_t>(made.runs, 1));
  for (int64_t run = 0; run < made.runs && metrics.successful > 0; ++run) {
    RunFigures& figures = metrics.run;
    const double total = made.ttft_s * (1 + 0.02 * static_cast<double>(made.in_flight)) + made.tpot_s * out +
                         0.001 * static_cast<double>(run);
    figures.batch_total_s.Add(total);
    figures.fastest_s.Add(0.9 * total);
    figures.slowest_s.Add(total);
    figures.spread_s.Add(0.1 * total);
    figures.send_spread_s.Add(0.0012);
    figures.combined_throughput.Add(per_run / made.tpot_s);
    figures.tokens_per_second.Add(per_run * out / total);
    figures.total_tokens_per_second.Add(per_run * (out + static_cast<double>(made.input_tokens)) / total);
    figures.requests_per_second.Add(per_run / total);
    if (made.is_streamed) {
      figures.steady_tokens_per_second.Add(0.97 * per_run / made.tpot_s);
      figures.steady_median_tokens_per_second.Add(0.98 * per_run / made.tpot_s);
    }
  }
  RunMetrics& all = metrics.all;
  all.requests = metrics.requests;
  all.successful = metrics.successful;
  all.failed = metrics.failed;
  if (made.failed > 0) {
    all.failures = {{OutcomeClass::kOverload, made.failed, "HTTP 503: busy"}};
    all.http_503 = made.failed;
    level.last_failure = "HTTP 503: busy";
  }
  if (metrics.successful > 0) {
    all.output_token_sources = {
        {TokenCountSource::kUsage, metrics.successful, metrics.successful * made.output_tokens}};
    all.input_token_sources = {
        {TokenCountSource::kUsage, metrics.successful, metrics.successful * made.input_tokens}};
    all.arrivals = {.events = metrics.successful * made.output_tokens,
                    .kernel = metrics.successful * made.output_tokens};
    InputLengthCheck& lengths = metrics.input_lengths;
    lengths.requests = metrics.successful;
    lengths.target_tokens = lengths.actual_tokens = metrics.successful * made.input_tokens;
    lengths.deviation_percent = Of({0, 0, 0});
    lengths.mean_extra = 0;
    // 50 ms buckets: a ramp, some at full speed, one stall.
    SteadyState steady{.bucket = std::chrono::milliseconds(50)};
    const auto active = static_cast<double>(made.in_flight);
    for (int bucket = 0; bucket < 12; ++bucket) {
      const bool is_empty = bucket == 0 || bucket == 6;
      steady.tokens.push_back(is_empty ? 0 : active * 0.05 / made.tpot_s);
      steady.active.push_back(made.is_streamed && bucket > 0 ? active : 0);
    }
    steady.peak_active = made.is_streamed ? active : 0;
    steady.whole_tokens_per_second = 10 * active / made.tpot_s / 12;
    if (made.is_streamed) {
      steady.first_bucket = 1;
      steady.last_bucket = 11;
      steady.window_start = std::chrono::milliseconds(50);
      steady.window = std::chrono::milliseconds(550);
      steady.window_tokens_per_second = 10 * active / made.tpot_s / 11;
      steady.median_bucket_tokens_per_second = active / made.tpot_s;
    }
    metrics.last_run = steady;
  }
  level.health.send_lag_p99 = std::chrono::microseconds(200);
  return level;
}

inline SweepReport MadeSweep(std::vector<SweepLevelReport> levels, SweepKind kind = SweepKind::kCompletion) {
  SweepReport report;
  report.title = "Sweep";
  report.kind = kind;
  report.run_id = "20250131-120000-0000002a";
  report.model = "some/model";
  report.api_base = "http://localhost:8000/v1";
  report.endpoint = "http://localhost:8000/v1/chat/completions";
  report.seed = 42;
  report.scenario = kind == SweepKind::kCompletion ? "N(100,50)/(50,0)" : "";
  report.prompt_source = kind == SweepKind::kShapes ? "grid" : "scenario";
  report.dataset_config_json = R"({"source":{"type":"aime"},"prompt_column":"Question"})";
  if (kind == SweepKind::kSimple) report.dataset_key = "aime";
  report.max_tokens = 4096;
  report.temperature = 0.7;
  report.description = "Some GPU";
  report.stream = kind != SweepKind::kSimple;
  report.configuration_json = R"({"num_runs":3,"shared_prefix":0})";
  report.provenance = {
      .version = "0.1.0", .compiler = "GCC", .started_at = WallTime(std::chrono::seconds(1738324800))};
  report.levels = std::move(levels);
  for (const SweepLevelReport& level : report.levels) report.sweep_values.push_back(level.in_flight);
  return report;
}

// Batch sizes 1, 2, 4, … with everything getting slower; `levels` of them.
inline SweepReport MadeSweepOf(int levels, SweepKind kind = SweepKind::kCompletion) {
  std::vector<SweepLevelReport> made;
  for (int i = 0; i < levels; ++i) {
    made.push_back(MadeSweepLevelReport({.in_flight = int64_t{1} << i,
                                         .ttft_s = 0.03 * std::pow(1.5, i),
                                         .tpot_s = 0.008 * std::pow(1.12, i),
                                         .is_streamed = kind != SweepKind::kSimple}));
  }
  return MadeSweep(std::move(made), kind);
}

inline SweepLevelReport MadeShape(const ShapeCell& cell) {
  const auto input = static_cast<double>(cell.input_tokens);
  const auto batch = static_cast<double>(cell.batch_size);
  SweepLevelReport level = MadeSweepLevelReport({.in_flight = cell.batch_size,
                                                 .ttft_s = 0.01 + 1e-4 * input * std::sqrt(batch),
                                                 .tpot_s = 0.008 * (1 + 0.01 * batch),
                                                 .input_tokens = cell.input_tokens,
                                                 .output_tokens = cell.output_tokens});
  level.key = ToString(cell);
  level.cell = cell;
  level.metrics.output_lengths = OutputLengthCheck{.requests = level.metrics.successful};
  return level;
}

// Every combination.
inline SweepReport MadeShapes(const std::vector<int64_t>& inputs, const std::vector<int64_t>& outputs,
                              const std::vector<int64_t>& batches) {
  std::vector<SweepLevelReport> levels;
  for (const int64_t batch : batches) {
    for (const int64_t input : inputs) {
      for (const int64_t output : outputs) levels.push_back(MadeShape({input, output, batch}));
    }
  }
  SweepReport report = MadeSweep(std::move(levels), SweepKind::kShapes);
  report.sweep_values = batches;
  report.ignore_eos = true;
  return report;
}

}  // namespace llmdyno
