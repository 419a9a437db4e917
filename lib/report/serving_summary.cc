#include "report/serving_summary.h"

#include <cmath>
#include <utility>

namespace llmdyno {
namespace {

constexpr double kSecondsToMs = 1e3;

struct Names {
  const char* name;
  const char* label;
  const char* title;
};

std::optional<double> PopulationStd(const Distribution& values) {
  if (values.n() == 1) return 0;
  const auto sample = values.StandardDeviation();
  if (!sample) return std::nullopt;
  const auto n = static_cast<double>(values.n());
  return *sample * std::sqrt((n - 1) / n);
}

ServingSummary Summarize(const Names& names, Distribution values, const std::vector<double>& percentiles) {
  values.Sort();
  ServingSummary summary{names.name,           names.label,           names.title, values.Mean(),
                         values.Quantile(0.5), PopulationStd(values), {}};
  for (const double p : percentiles) summary.percentiles.push_back(values.Quantile(p / 100));
  return summary;
}

std::optional<double> Ms(std::optional<Duration> duration) {
  return duration ? std::optional(ToMilliseconds(*duration)) : std::nullopt;
}

// From the histogram when the gaps themselves were not kept: quantiles within 0.8 %, no deviation.
ServingSummary Summarize(const Names& names, const GapHistogram& gaps,
                         const std::vector<double>& percentiles) {
  ServingSummary summary{names.name, names.label, names.title, Ms(gaps.Mean()), Ms(gaps.Quantile(0.5)),
                         {},         {}};
  for (const double p : percentiles) summary.percentiles.push_back(Ms(gaps.Quantile(p / 100)));
  return summary;
}

// The waits of successes before their send; without details, of all requests.
Distribution QueueTimes(const ServingMetrics& metrics) {
  if (metrics.details.empty()) return metrics.all.send_lag;
  Distribution values;
  for (const RequestDetail& detail : metrics.details) {
    if (detail.error.empty()) values.Add(detail.queue_s * kSecondsToMs);
  }
  return values;
}

Distribution LatenciesWithQueue(const ServingMetrics& metrics) {
  if (metrics.details.empty()) return metrics.e2e_from_schedule;
  Distribution values;
  for (const RequestDetail& detail : metrics.details) {
    if (detail.error.empty()) values.Add((detail.latency_s + detail.queue_s) * kSecondsToMs);
  }
  return values;
}

ServingSummary Gaps(const ServingMetrics& metrics, const std::vector<double>& percentiles) {
  constexpr Names kNames = {"itl", "ITL", "Inter-token Latency"};
  if (metrics.details.empty()) return Summarize(kNames, metrics.event_gaps, percentiles);
  Distribution values;
  for (const RequestDetail& detail : metrics.details) {
    if (!detail.error.empty()) continue;
    for (const double gap : detail.itls_s) values.Add(gap * kSecondsToMs);
  }
  return Summarize(kNames, std::move(values), percentiles);
}

}  // namespace

std::vector<ServingSummary> SummarizeServing(const ServingMetrics& metrics,
                                             const std::vector<double>& percentiles) {
  const auto of = [&](const Names& names, const Distribution& values) {
    return Summarize(names, values, percentiles);
  };
  return {of({"ttft", "TTFT", "Time to First Token"}, metrics.all.ttft),
          of({"tpot", "TPOT", "Time per Output Token (excl. 1st token)"}, metrics.tpot_from_first_token),
          Gaps(metrics, percentiles),
          of({"e2el", "E2EL", "End-to-end Latency"}, metrics.last_text_latency),
          of({"client_queue_time", "Client Queue Time", "Client-side Queueing"}, QueueTimes(metrics)),
          of({"e2el_including_client_queue", "E2EL incl. Client Queue", "Queue-inclusive End-to-end Latency"},
             LatenciesWithQueue(metrics))};
}

}  // namespace llmdyno
