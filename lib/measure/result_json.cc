#include "llmdyno/measure/result_json.h"

#include <limits>
#include <utility>
#include <variant>

#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/catalog/run_spec_json.h"
#include "llmdyno/cost/price.h"
#include "llmdyno/cost/serving_cost.h"
#include "llmdyno/report/qps_json.h"
#include "llmdyno/report/summary_json.h"

namespace llmdyno {
namespace {

bool IsSimulated(const MeasurementResult& result) {
  return !result.run.shards.empty() && result.run.shards.front().transport.is_simulated;
}

Provenance ProvenanceOf(const MeasurementResult& result) {
  return {LLMDYNO_VERSION, __VERSION__, result.started_at};
}

std::string TitleOf(const StopCondition& stop) {
  if (stop.output_tokens) return "Race to " + WithThousands(*stop.output_tokens) + " output tokens";
  if (stop.requests) return "Batch of " + WithThousands(*stop.requests) + " requests";
  if (stop.duration) return "Race for " + ToString(*stop.duration);
  return "Race";
}

std::string RaceJson(const MeasurementResult& result) {
  const RunSpec& spec = result.spec;
  RaceReport report;
  report.title = TitleOf(spec.stop);
  report.model = spec.endpoint.model;
  report.endpoint = ToString(spec.endpoint.url);
  report.is_simulated = IsSimulated(result);
  report.users = std::get<ClosedLoopConfig>(spec.load).users;
  report.seed = spec.seed;
  report.configuration_json = ToJson(spec);
  report.provenance = ProvenanceOf(result);
  report.metrics = result.metrics;
  report.health = result.health;
  report.validity = result.validity;
  if (spec.price_per_hour) report.cost = CostOf(*spec.price_per_hour, result.metrics);
  return SummaryJson(report);
}

// A trace has no target but what it comes to.
double TargetOf(const MeasurementResult& result) {
  const auto& load = std::get<OpenLoopConfig>(result.spec.load);
  if (!load.arrivals.starts_with("trace")) return load.schedule.rate.final_per_second;
  return result.serving->offered_per_second.value_or(std::numeric_limits<double>::infinity());
}

LevelReport LevelOf(const MeasurementResult& result) {
  LevelReport level;
  level.index = result.spec.level;
  level.target = TargetOf(result);
  level.stop_reason = std::string(ToString(result.run.stop_reason));
  level.started_at = result.started_at;
  level.metrics = *result.serving;
  level.backlog = result.backlog;
  level.steady = result.steady;
  level.health = result.health;
  level.validity = result.validity;
  return level;
}

std::string LevelJson(const MeasurementResult& result) {
  const RunSpec& spec = result.spec;
  const bool is_chat = spec.dialect.route == OpenAiRoute::kChatCompletions;
  ServingReport report;
  report.title = "Open loop";
  report.model = spec.endpoint.model;
  report.endpoint = spec.dialect_name == "openai"
                        ? spec.endpoint.url.Route(is_chat ? "chat/completions" : "completions")
                        : ToString(spec.endpoint.url);
  report.dataset = spec.workload.name;
  report.is_simulated = IsSimulated(result);
  report.seed = spec.seed;
  report.configuration_json = ToJson(spec);
  report.provenance = ProvenanceOf(result);
  LevelReport level = LevelOf(result);
  if (spec.price_per_hour) {
    report.gpu_price = GpuPrice{spec.price_per_hour->Usd(), 1};
    level.cost = CostOfGpus(*report.gpu_price, *result.serving);
  }
  report.levels.push_back(std::move(level));
  return LevelResultJson(report);
}

}  // namespace

std::string ToJson(const MeasurementResult& result) {
  return result.serving ? LevelJson(result) : RaceJson(result);
}

}  // namespace llmdyno
