// A small QPS benchmark, from records, for tests of what is written about it.
#pragma once

#include <string>
#include <vector>

#include "llmdyno/metrics/serving_metrics_builder.h"
#include "llmdyno/report/serving_report.h"
#include "unit/metrics/made_record.h"

namespace llmdyno {

struct MadeLevelConfig {
  double target = 10;  // requests per second, evenly spaced
  int requests = 100;
  int failed = 0;       // of them, with HTTP 503, spread evenly
  int64_t tokens = 20;  // of each answer
  Duration first_token = 100ms;
  Duration slower{};    // what each further request of a hundred adds to it
  Duration gap = 20ms;  // between tokens
  Duration late{};      // scheduled -> sent
  bool has_usage = true;
  bool keep_details = false;
};

inline RequestRecord MadeServingRecord(const MadeLevelConfig& config, int i) {
  const Duration due = FromSeconds(i / config.target);
  const Duration sent = due + config.late;
  const bool fails =
      config.failed > 0 && (i + 1) * config.failed / config.requests > i * config.failed / config.requests;
  RequestRecord record;
  if (fails) {
    record =
        Make({.sent = sent, .ended = sent + 5ms, .outcome = Failed(OutcomeClass::kOverload, 503, "busy")});
  } else {
    record = Make({.sent = sent, .ended = sent});
    const TimePoint first = kStart + sent + config.first_token + i % 100 * config.slower;
    for (int64_t token = 0; token < config.tokens; ++token)
      record.arrivals.Append({.at = first + token * config.gap});
    record.first_event_at = record.first_text_at = record.first_content_at = first;
    record.last_text_at = record.ended_at = record.arrivals.last_at();
    const auto source = config.has_usage ? TokenCountSource::kUsage : TokenCountSource::kEvents;
    record.output_tokens = {config.tokens, source};
    record.input_tokens.source = source;
  }
  record.request_id = i;
  record.scheduled_at = kStart + due;
  return record;
}

inline LevelReport MadeLevel(const MadeLevelConfig& config, const std::optional<Goodput>& goodput = {}) {
  ServingMetricsBuilder builder({.goodput = goodput, .keep_details = config.keep_details});
  SteadyStateMeter steady;
  for (int i = 0; i < config.requests; ++i) {
    builder.OnRecord(MadeServingRecord(config, i));
    steady.OnRecord(MadeServingRecord(config, i));
  }
  LevelReport level;
  level.target = config.target;
  level.stop_reason = "target_requests";
  level.started_at = WallTime(1738324800s);
  level.metrics = builder.Build();
  level.steady = steady.Build();
  level.health = ClientHealthFromRecords(level.metrics.all);
  level.health.loop_cpu_share = 0.25;
  level.health.read_lag_p99 = 1ms;
  level.validity = JudgeValidity(level.health);
  return level;
}

// As if answers had come later and later while it was offered.
inline LevelReport WithGrowingQueue(LevelReport level) {
  level.backlog = BacklogTrend{.window = 60s, .median_latency = 1s, .latency_growth = 0.31};
  return level;
}

inline LevelReport TooShort(LevelReport level) {
  level.backlog = BacklogTrend{.window = 3s, .median_latency = 7s};
  return level;
}

inline ServingReport MadeServingReport(std::vector<LevelReport> levels) {
  ServingReport report;
  report.title = "QPS benchmark";
  report.model = "some/model";
  report.endpoint = "http://localhost:8000/v1/chat/completions";
  report.dataset = "conversations.json";
  report.seed = 42;
  report.configuration_json = R"({"duration":"60s"})";
  report.provenance = {.version = "0.1.0", .compiler = "GCC", .started_at = WallTime(1738324800s)};
  report.max_tokens = 512;
  report.temperature = 0.7;
  report.levels = std::move(levels);
  std::vector<LevelSummary> summaries;
  for (size_t i = 0; i < report.levels.size(); ++i) {
    report.levels[i].index = static_cast<int64_t>(i);
    report.targets.push_back(report.levels[i].target);
    summaries.push_back(SummaryOf(report.levels[i]));
  }
  report.recommendation = Recommend(summaries);
  return report;
}

// Prices every level at two GPUs of 2.30 dollars an hour.
inline void AddGpuCost(ServingReport& report) {
  report.gpu_price = GpuPrice{2.30, 2};
  for (LevelReport& level : report.levels) level.cost = CostOfGpus(*report.gpu_price, level.metrics);
}

}  // namespace llmdyno
