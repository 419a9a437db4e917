#include "llmdyno/metrics/tool_summary.h"

#include <algorithm>
#include <cmath>

namespace llmdyno {
namespace {

std::optional<Duration> WeightedMean(const std::vector<ToolValue>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  double weight = 0;
  for (const ToolValue& one : values) {
    sum += static_cast<double>(one.value.count()) * static_cast<double>(one.weight);
    weight += static_cast<double>(one.weight);
  }
  return Duration(std::llround(sum / weight));
}

// Needs sorted values.
std::optional<Duration> WeightedStep(const std::vector<ToolValue>& values, double p) {
  if (values.empty()) return std::nullopt;
  double total = 0;
  for (const ToolValue& one : values) total += static_cast<double>(one.weight);
  double below = 0;
  for (const ToolValue& one : values) {
    below += static_cast<double>(one.weight);
    if (below >= p * total) return one.value;
  }
  return values.back().value;
}

// Needs sorted values.
std::optional<Duration> Linear(const std::vector<ToolValue>& values, double p) {
  if (values.empty()) return std::nullopt;
  std::vector<double> sorted;
  sorted.reserve(values.size());
  for (const ToolValue& one : values) sorted.push_back(static_cast<double>(one.value.count()));
  return Duration(std::llround(QuantileOfSorted(sorted, p)));
}

ToolSummary SummaryOf(const ToolMetric& metric, std::vector<ToolValue> values) {
  std::sort(values.begin(), values.end(),
            [](const ToolValue& a, const ToolValue& b) { return a.value < b.value; });
  const auto quantile = metric.percentile == ToolPercentile::kWeightedStep ? WeightedStep : Linear;
  return {&metric, static_cast<int64_t>(values.size()), WeightedMean(values), quantile(values, 0.5),
          quantile(values, 0.99)};
}

ToolSummary SummaryOf(const ToolMetric& metric, const GapHistogram& gaps) {
  return {&metric, gaps.n(), gaps.Mean(), gaps.Quantile(0.5), gaps.Quantile(0.99)};
}

// How many events without text there are whose instants the record has: one before the first text, one behind
// the last.
int64_t PlacedTextlessEvents(const RequestRecord& record) {
  if (!record.first_text_at) return record.first_event_at == record.last_event_at ? 1 : 2;
  return (record.first_event_at < record.first_text_at ? 1 : 0) +
         (record.last_event_at > record.last_text_at ? 1 : 0);
}

}  // namespace

ToolSummaryBuilder::ToolSummaryBuilder() : figures_(ToolMetricTable().size()) {}

void ToolSummaryBuilder::OnRecord(const RequestRecord& record) {
  if (record.phase == RunPhase::kWarmUp) {
    ++counts_.warm_up;
  } else if (!record.outcome.ok()) {
    ++counts_.failed;
  } else if (!record.streamed || record.items) {
    ++counts_.not_streamed;
  } else {
    Count(record);
    for (size_t i = 0; i < figures_.size(); ++i) {
      const ToolMetric& metric = ToolMetricTable()[i];
      for (const ToolValue& one : ToolValues(metric, record)) {
        if (metric.is_per_gap) {
          figures_[i].gaps.Add(one.value * one.weight, one.weight);
        } else {
          figures_[i].values.push_back(one);
        }
      }
    }
  }
}

void ToolSummaryBuilder::Count(const RequestRecord& record) {
  const bool has_latest = record.last_event_at || !record.first_event_at;
  ++counts_.requests;
  counts_.without_usage += record.output_tokens.source != TokenCountSource::kUsage;
  counts_.with_estimated_answer += AnswerTokensOf(record).is_estimated;
  counts_.with_unannounced_tokens += record.arrivals.total_tokens() != record.output_tokens.tokens;
  counts_.without_latest_instants += !has_latest;
  counts_.with_unplaced_events += has_latest && record.textless_events > PlacedTextlessEvents(record);
  counts_.with_shared_reads += record.arrivals.total_events() > static_cast<int64_t>(record.arrivals.size());
}

ToolSummaries ToolSummaryBuilder::Build() const {
  ToolSummaries summaries = counts_;
  for (size_t i = 0; i < figures_.size(); ++i) {
    const ToolMetric& metric = ToolMetricTable()[i];
    summaries.figures.push_back(metric.is_per_gap ? SummaryOf(metric, figures_[i].gaps)
                                                  : SummaryOf(metric, figures_[i].values));
  }
  return summaries;
}

}  // namespace llmdyno
