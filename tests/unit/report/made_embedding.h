// A small embedding benchmark, made by hand, for tests of what is written about it.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "made_sweep.h"

namespace llmdyno {

struct MadeEmbeddingLevel {
  std::string load = "batch_8";
  int64_t in_flight = 8;
  std::string length = "short";
  int64_t runs = 3;
  int64_t failed = 0;  // of the requests, with HTTP 503
  int64_t items_per_request = 1;
  int64_t tokens_per_request = 12;  // 0: nobody counted them
};

// As if each request took a millisecond longer than the one before.
inline SweepLevelReport MadeEmbeddingLevelReport(const MadeEmbeddingLevel& made) {
  SweepLevelReport level;
  level.key = made.load + "_seq_" + made.length;
  level.in_flight = made.in_flight;
  level.sequence_length = made.length;
  level.stop_reason = "target_requests";
  level.started_at = WallTime(std::chrono::seconds(1738324800));
  SweepLevelMetrics& metrics = level.metrics;
  metrics.runs = made.runs;
  metrics.requests = made.runs * made.in_flight;
  metrics.failed = made.failed;
  metrics.successful = metrics.requests - made.failed;
  metrics.success_rate_percent =
      100 * static_cast<double>(metrics.successful) / static_cast<double>(metrics.requests);
  const auto items = static_cast<double>(made.items_per_request);
  const auto tokens = static_cast<double>(made.tokens_per_request);
  for (int64_t i = 0; i < metrics.successful; ++i) {
    const double e2e = 0.010 + 0.001 * static_cast<double>(i % made.in_flight);
    metrics.request.e2e_s.Add(e2e);
    metrics.request.items_per_second.Add(items / e2e);
    if (made.tokens_per_request == 0) continue;
    metrics.request.input_tokens.Add(tokens);
    metrics.request.input_tokens_per_second.Add(tokens / e2e);
  }
  const double per_run = static_cast<double>(metrics.successful) / static_cast<double>(made.runs);
  for (int64_t run = 0; run < made.runs && metrics.successful > 0; ++run) {
    RunFigures& figures = metrics.run;
    const double total =
        0.010 + 0.001 * static_cast<double>(made.in_flight) + 0.0002 * static_cast<double>(run);
    figures.batch_total_s.Add(total);
    figures.fastest_s.Add(0.010);
    figures.slowest_s.Add(total);
    figures.spread_s.Add(total - 0.010);
    figures.send_spread_s.Add(0.0003);
    figures.tokens_per_second.Add(0);
    figures.total_tokens_per_second.Add(per_run * tokens / total);
    if (made.tokens_per_request > 0) figures.input_tokens.Add(per_run * tokens);
    figures.requests_per_second.Add(per_run / total);
    figures.items.Add(per_run * items);
    figures.items_per_second.Add(per_run * items / total);
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
  if (metrics.successful > 0 && made.tokens_per_request > 0) {
    all.input_token_sources = {
        {TokenCountSource::kUsage, metrics.successful, metrics.successful * made.tokens_per_request}};
  }
  level.health.send_lag_p99 = std::chrono::microseconds(200);
  return level;
}

inline SweepReport MadeEmbedding(std::vector<SweepLevelReport> levels, std::vector<int64_t> batch_sizes,
                                 std::vector<std::string> lengths) {
  SweepReport report;
  report.title = "Embedding benchmark";
  report.kind = SweepKind::kEmbedding;
  report.run_id = "20250131-120000-0000002a";
  report.model = "some/model";
  report.api_base = "http://localhost:8000/v1";
  report.endpoint = "http://localhost:8000/v1/embeddings";
  report.seed = 42;
  report.prompt_source = "synthetic";
  report.description = "Some GPU";
  report.stream = false;
  report.warmup_runs = 2;
  report.configuration_json = R"({"encoding_format":"float","dimensions":null,"arrival":"poisson"})";
  report.provenance = {
      .version = "0.1.0", .compiler = "GCC", .started_at = WallTime(std::chrono::seconds(1738324800))};
  report.sweep_values = std::move(batch_sizes);
  report.sequence_lengths = std::move(lengths);
  report.levels = std::move(levels);
  return report;
}

// Every combination, loads outside.
inline SweepReport MadeEmbeddingOf(const std::vector<int64_t>& batch_sizes,
                                   const std::vector<std::string>& lengths) {
  std::vector<SweepLevelReport> levels;
  for (const int64_t size : batch_sizes) {
    for (size_t i = 0; i < lengths.size(); ++i) {
      levels.push_back(MadeEmbeddingLevelReport({.load = "batch_" + std::to_string(size),
                                                 .in_flight = size,
                                                 .length = lengths[i],
                                                 .tokens_per_request = 12 * (1 + static_cast<int64_t>(i))}));
    }
  }
  return MadeEmbedding(std::move(levels), batch_sizes, lengths);
}

// An open loop; rates are written as in their keys.
inline SweepReport MadeEmbeddingRates(const std::vector<std::string>& rates,
                                      const std::vector<std::string>& lengths) {
  std::vector<SweepLevelReport> levels;
  std::string written;
  for (const std::string& rate : rates) {
    written += (written.empty() ? "" : ",") + rate;
    for (const std::string& length : lengths) {
      levels.push_back(
          MadeEmbeddingLevelReport({.load = "rate_" + rate, .in_flight = 100, .length = length}));
    }
  }
  SweepReport report = MadeEmbedding(std::move(levels), {}, lengths);
  for (const std::string& rate : rates) report.sweep_values.push_back(std::lround(std::stod(rate)));
  report.request_rate = written;
  return report;
}

}  // namespace llmdyno
