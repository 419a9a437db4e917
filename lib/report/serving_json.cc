// The half of serving_block.h that goes to a file.
#include <cassert>
#include <cmath>

#include "llmdyno/metrics/percentile_text.h"
#include "llmdyno/report/serving_block.h"
#include "report/level_json.h"
#include "report/report_json.h"
#include "report/serving_summary.h"

namespace llmdyno {
namespace {

Json RateJson(double rate) { return std::isfinite(rate) ? Json(rate) : Json("inf"); }

const std::string& LabelOf(const ServingBlockConfig& config) {
  return config.label.empty() ? config.backend : config.label;
}

Json Identity(const ServingReport& report, const ServingBlockConfig& config) {
  Json json = {{"date", config.date},
               {"endpoint_type", config.backend},
               {"backend", config.backend},
               {"label", LabelOf(config)},
               {"model_id", report.model},
               {"tokenizer_id", config.tokenizer.empty() ? report.model : config.tokenizer},
               {"num_prompts", config.num_prompts}};
  for (const auto& [key, value] : config.metadata) json[key] = value;
  json["request_rate"] = RateJson(config.request_rate);
  json["burstiness"] = config.burstiness;
  json["max_concurrency"] = ValueOrNull(config.max_concurrency);
  return json;
}

void AddTotals(Json& json, const ServingMetrics& metrics) {
  const RunMetrics& all = metrics.all;
  const double seconds = ToSeconds(all.elapsed);
  json["duration"] = seconds;
  json["completed"] = all.successful;
  json["failed"] = all.failed;
  json["total_input_tokens"] = all.input_tokens;
  json["total_output_tokens"] = all.output_tokens;
  json["request_throughput"] = ValueOrNull(all.requests_per_second);
  json["request_goodput"] = metrics.good ? ValueOrNull(metrics.good_per_second) : Json(nullptr);
  json["input_throughput"] =
      seconds > 0 ? Json(static_cast<double>(all.input_tokens) / seconds) : Json(nullptr);
  json["output_throughput"] = ValueOrNull(all.output_tokens_per_second);
  json["total_token_throughput"] = ValueOrNull(all.total_tokens_per_second);
  json["max_output_tokens_per_s"] = ValueOrNull(metrics.peak_output_tokens_per_second);
  json["max_concurrent_requests"] = metrics.peak_in_flight;
  json["rtfx"] = nullptr;  // of speech recognition
}

void AddSummaries(Json& json, const ServingMetrics& metrics, const std::vector<double>& percentiles) {
  for (const ServingSummary& summary : SummarizeServing(metrics, percentiles)) {
    const std::string end = "_" + summary.name + "_ms";
    json["mean" + end] = ValueOrNull(summary.mean);
    json["median" + end] = ValueOrNull(summary.median);
    json["std" + end] = ValueOrNull(summary.population_std);
    for (size_t i = 0; i < percentiles.size(); ++i) {
      json["p" + PercentileText(percentiles[i]) + end] = ValueOrNull(summary.percentiles[i]);
    }
  }
}

// One element per request, failed ones included. Readers put these into arrays of numbers, so a TTFT that
// does not exist is 0 there, as in vLLM's files; `errors` tells which requests failed.
void AddArrays(Json& json, const std::vector<RequestDetail>& details, bool save_detailed) {
  Json input_lens = Json::array(), output_lens = Json::array(), ttfts = Json::array(), itls = Json::array();
  Json latencies = Json::array(), start_times = Json::array(), queue_times = Json::array();
  Json texts = Json::array(), errors = Json::array();
  for (const RequestDetail& detail : details) {
    latencies.push_back(detail.latency_s);
    queue_times.push_back(detail.queue_s);
    if (!save_detailed) continue;
    input_lens.push_back(detail.input_tokens);
    output_lens.push_back(detail.output_tokens);
    ttfts.push_back(detail.ttft_s.value_or(0));
    itls.push_back(detail.itls_s);
    start_times.push_back(detail.start_s);
    texts.push_back(detail.output_text);
    errors.push_back(detail.error);
  }
  if (save_detailed) {
    json["input_lens"] = std::move(input_lens);
    json["output_lens"] = std::move(output_lens);
    json["ttfts"] = std::move(ttfts);
    json["itls"] = std::move(itls);
  }
  json["latencies"] = std::move(latencies);
  if (save_detailed) json["start_times"] = std::move(start_times);
  json["queue_times"] = std::move(queue_times);
  if (save_detailed) {
    json["generated_texts"] = std::move(texts);
    json["errors"] = std::move(errors);
  }
}

// What vLLM's files do not say. In an object of its own, so that it meets no --metadata key.
Json OwnKeys(const ServingReport& report, const LevelReport& level) {
  const ServingMetrics& metrics = level.metrics;
  Json error_counts = Json::object();
  for (const auto& [label, count] : metrics.errors) error_counts[label] = count;
  Json json = {{"llmdyno_version", TextOrNull(report.provenance.version)},
               {"simulated", report.is_simulated},
               {"seed", report.seed},
               {"endpoint", TextOrNull(report.endpoint)},
               {"dataset", TextOrNull(report.dataset)},
               {"goodput", TextOrNull(report.goodput)},
               {"stop_reason", TextOrNull(level.stop_reason)},
               {"offered_qps", ValueOrNull(metrics.offered_per_second)},
               {"sent_qps", ValueOrNull(metrics.sent_per_second)},
               {"send_lag_p99_ms", ValueOrNull(metrics.all.send_lag.Quantile(0.99))},
               {"error_counts", error_counts},
               {"failures", FailuresJson(metrics.all)},
               {"token_counts", TokenCountsJson(metrics.all)},
               {"without_usage_share", ValueOrNull(metrics.without_usage_share)},
               {"arrivals", ArrivalsJson(metrics.all.arrivals)},
               {"verdict", VerdictJson(level.validity, level.health)},
               {"notes", report.notes},
               {"configuration", ConfigurationJson(report.configuration_json)}};
  AddTrustKeys(json, level);
  return json;
}

// Parts of a file name stay in their folder.
std::string FileNamePart(std::string text) {
  for (char& c : text) {
    if (c == '/' || static_cast<unsigned char>(c) < 0x20) c = '_';
  }
  return text;
}

}  // namespace

std::string ServingJson(const ServingReport& report, const ServingBlockConfig& config) {
  assert(report.levels.size() == 1);  // vLLM's benchmark holds one load
  const LevelReport& level = report.levels.front();
  Json json = Identity(report, config);
  AddTotals(json, level.metrics);
  AddSummaries(json, level.metrics, config.percentiles);
  AddArrays(json, level.metrics.details, config.save_detailed);
  json["first_token"] = ToString(report.first_token);
  json["llmdyno"] = OwnKeys(report, level);
  // On one line: with details a file holds a number per token.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ServingFileName(const ServingReport& report, const ServingBlockConfig& config) {
  // The shortest text with a decimal point, "1.0", as Python writes a float.
  const std::string rate =
      std::isfinite(config.request_rate) ? Json(config.request_rate).dump() : std::string("inf");
  const std::string concurrency =
      config.max_concurrency ? "-concurrency" + std::to_string(*config.max_concurrency) : "";
  const std::string model = report.model.substr(report.model.rfind('/') + 1);
  return FileNamePart(LabelOf(config) + "-" + rate + "qps" + concurrency + "-" + model + "-" + config.date) +
         ".json";
}

}  // namespace llmdyno
