#include "llmdyno/report/qps_json.h"

#include <cassert>
#include <cmath>

#include "report/level_json.h"
#include "report/report_json.h"
#include "report/serving_text.h"

namespace llmdyno {
namespace {

// 60 rather than 60.0, as the reference's files have it.
Json WholeIfWhole(double value) {
  constexpr double kExactIntegers = 1e15;
  if (std::abs(value) < kExactIntegers && value == std::floor(value)) return std::llround(value);
  return value;
}

Json Loads(const std::vector<double>& loads) {
  Json json = Json::array();
  for (const double load : loads) json.push_back(LoadJson(load));
  return json;
}

Json PercentilesJson(const std::vector<double>& percentiles) {
  Json json = Json::array();
  for (const double p : percentiles) json.push_back(WholeIfWhole(p));
  return json;
}

Json ReferenceKeys(const ServingReport& report) {
  const auto& started = report.provenance.started_at;
  const bool has_price = report.gpu_price || report.token_prices;
  return {
      {"timestamp", started ? Json(IsoLocal(*started)) : Json(nullptr)},
      {"endpoint", TextOrNull(report.endpoint)},
      {"model", TextOrNull(report.model)},
      {"dataset", TextOrNull(report.dataset)},
      {"qps_levels", Loads(report.targets)},
      {"duration", WholeIfWhole(report.duration_s)},
      {"max_tokens", ValueOrNull(report.max_tokens)},
      {"temperature", ValueOrNull(report.temperature)},
      {"percentiles", PercentilesJson(report.percentiles)},
      {"show_tokens", report.show_tokens},
      {"token_counting",
       "the endpoint's usage where it sends one, else counted by the client; token_counts of each level says "
       "how many"},
      {"cost_calculation",
       !has_price ? "none: no price was given"
                  : (report.gpu_price
                         ? "gpus * rate per hour * duration / 3600, over input and output tokens that the "
                           "endpoint reported for successful requests"
                         : "prices per million tokens, times the tokens that the endpoint reported for "
                           "successful requests")}};
}

void AddPriceKeys(Json& json, const ServingReport& report) {
  const auto& gpu = report.gpu_price;
  const auto& tokens = report.token_prices;
  json["gpu_rate"] = gpu ? Json(gpu->usd_per_gpu_hour) : Json(nullptr);
  json["num_gpus"] = gpu ? Json(gpu->gpus) : Json(nullptr);
  json["price_input"] = tokens ? Json(tokens->usd_per_million_input) : Json(nullptr);
  json["price_output"] = tokens ? Json(tokens->usd_per_million_output) : Json(nullptr);
  json["price_cached"] = tokens ? ValueOrNull(tokens->usd_per_million_cached) : Json(nullptr);
}

Json RecommendationJson(const std::optional<Recommendation>& what) {
  if (!what) return nullptr;
  return {{"highest_99", ValueOrNull(what->highest_99)},
          {"highest_95", ValueOrNull(what->highest_95)},
          {"saturation_reached", what->saturation.has_value()},
          {"saturation", ValueOrNull(what->saturation)},
          {"saturation_reason", TextOrNull(what->saturation_reason)},
          {"unproven", ValueOrNull(what->unproven)},
          {"base", ValueOrNull(what->base)},
          {"at_70", ValueOrNull(what->at_70)},
          {"at_80", ValueOrNull(what->at_80)},
          {"at_90", ValueOrNull(what->at_90)},
          {"latency_knee", ValueOrNull(what->latency_knee)},
          {"reasons", what->reasons}};
}

Json CapacityJson(const ServingReport& report) {
  if (!report.capacity) return nullptr;
  const CapacityAnswer& answer = *report.capacity;
  Json trials = Json::array();
  for (const CapacityTrial& trial : report.capacity_trials) {
    trials.push_back({{"load", trial.load},
                      {"purpose", ToString(trial.purpose)},
                      {"sustained", trial.sustained},
                      {"reason", TextOrNull(trial.reason)}});
  }
  return {{"kind", ToString(answer.kind)},
          {"load", ValueOrNull(answer.load)},
          {"failed_at", ValueOrNull(answer.failed_at)},
          {"trials_at_load", answer.trials_at_load},
          {"sustain_probability_at_least", ValueOrNull(answer.sustain_probability_at_least)},
          {"sentence", TextOrNull(answer.sentence)},
          {"trials", trials}};
}

Json PlanJson(const std::optional<ProductionPlan>& plan) {
  if (!plan) return nullptr;
  return {{"tokens_per_day", plan->tokens_per_day},
          {"headroom", plan->headroom},
          {"tokens_per_second_needed", plan->tokens_per_second_needed},
          {"tokens_per_second_per_machine", plan->tokens_per_second_per_machine},
          {"machines", plan->machines},
          {"gpus", plan->gpus},
          {"usd_per_day", plan->usd_per_day},
          {"usd_per_million_tokens", plan->usd_per_million_tokens}};
}

const char* ToString(LoadKind kind) { return kind == LoadKind::kRate ? "rate" : "users"; }

// What the words of both files mean, for a reader who has nothing else.
Json Definitions(const ServingReport& report) {
  return {{"first_token", ToString(report.first_token)},
          {"latency_start", "send; keys with from_schedule: the instant at which the request was due"},
          {"request_end", "stream-end"},
          {"actual_qps", report.load_kind == LoadKind::kRate ? "requests sent / send_window_s"
                                                             : "requests ended / duration"},
          {"duration", "first send to last end, the drain included"},
          {"tokens_per_sec", "output tokens / e2e of each success; p99 is the fastest end"},
          {"tpot", "(last_text - first_text) / (output_tokens - 1)"},
          {"itl", "an arrival of k tokens counts as k equal gaps"},
          {"quantile", "linear"},
          {"standard_deviation", "sample"}};
}

}  // namespace

std::string QpsMetadataJson(const ServingReport& report) {
  Json json = ReferenceKeys(report);
  AddPriceKeys(json, report);
  json["title"] = TextOrNull(report.title);
  json["simulated"] = report.is_simulated;
  json["load_kind"] = ToString(report.load_kind);
  json["seed"] = report.seed;
  json["llmdyno_version"] = TextOrNull(report.provenance.version);
  json["compiler"] = TextOrNull(report.provenance.compiler);
  json["first_token"] = ToString(report.first_token);
  json["slo"] = TextOrNull(report.slo);
  json["goodput"] = TextOrNull(report.goodput);
  json["levels_run"] = report.levels.size();
  json["skipped_levels"] = Loads(report.skipped_targets);
  json["skip_reason"] = TextOrNull(report.skip_reason);
  json["recommendation"] = RecommendationJson(report.recommendation);
  json["capacity"] = CapacityJson(report);
  json["plan"] = PlanJson(report.plan);
  json["notes"] = report.notes;
  json["definitions"] = Definitions(report);
  json["files"] = FilesJson(report.files);
  json["configuration"] = ConfigurationJson(report.configuration_json);
  return JsonText(json);
}

std::string QpsResultsJson(const ServingReport& report) {
  Json levels = Json::array();
  for (const LevelReport& level : report.levels) levels.push_back(LevelJson(report, level));
  return JsonText(levels);
}

std::string LevelResultJson(const ServingReport& report) {
  assert(report.levels.size() == 1);
  return JsonText({{"format", "llmdyno-level"},
                   {"version", 1},
                   {"title", TextOrNull(report.title)},
                   {"simulated", report.is_simulated},
                   {"model", TextOrNull(report.model)},
                   {"endpoint", TextOrNull(report.endpoint)},
                   {"dataset", TextOrNull(report.dataset)},
                   {"load_kind", ToString(report.load_kind)},
                   {"seed", report.seed},
                   {"llmdyno_version", TextOrNull(report.provenance.version)},
                   {"compiler", TextOrNull(report.provenance.compiler)},
                   {"level", LevelJson(report, report.levels.front())},
                   {"notes", report.notes},
                   {"definitions", Definitions(report)},
                   {"files", FilesJson(report.files)},
                   {"configuration", ConfigurationJson(report.configuration_json)}});
}

}  // namespace llmdyno
