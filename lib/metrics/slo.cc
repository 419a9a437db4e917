#include "llmdyno/metrics/slo.h"

#include <algorithm>
#include <cstdio>

#include "llmdyno/base/number_text.h"
#include "metrics/short_number.h"
#include "metrics/slo_parser.h"

namespace llmdyno {
namespace {

using Value = std::optional<double>;

// "p99.9" -> 0.999. Needs a statistic that is a percentile.
double QuantileNumber(const std::string& statistic) {
  return ParseReal(std::string_view(statistic).substr(1)).value_or(0) / 100;
}

Value StatisticOf(const Distribution& values, const std::string& statistic) {
  if (statistic == "mean") return values.Mean();
  if (statistic == "min") return values.Min();
  if (statistic == "max") return values.Max();
  return values.Quantile(QuantileNumber(statistic));
}

Value StatisticOf(const GapHistogram& gaps, const std::string& statistic) {
  std::optional<Duration> value;
  if (statistic == "mean") {
    value = gaps.Mean();
  } else if (statistic == "min") {
    value = gaps.Min();
  } else if (statistic == "max") {
    value = gaps.Max();
  } else {
    value = gaps.Quantile(QuantileNumber(statistic));
  }
  return value ? Value(ToMilliseconds(*value)) : std::nullopt;
}

Value ActualOf(const SloTerm& term, const ServingMetrics& metrics) {
  if (term.metric == "success") return metrics.all.success_rate_percent;
  if (term.metric == "goodput") return metrics.good_per_second;
  if (term.metric == "throughput") return metrics.all.output_tokens_per_second;
  if (term.metric == "ttft") return StatisticOf(metrics.all.ttft, term.statistic);
  if (term.metric == "ttft_from_schedule") return StatisticOf(metrics.ttft_from_schedule, term.statistic);
  if (term.metric == "tpot") return StatisticOf(metrics.all.tpot, term.statistic);
  if (term.metric == "itl") return StatisticOf(metrics.all.itl, term.statistic);
  if (term.metric == "e2e") return StatisticOf(metrics.all.e2e, term.statistic);
  if (term.metric == "e2e_from_schedule") return StatisticOf(metrics.e2e_from_schedule, term.statistic);
  if (term.metric == "send_lag") return StatisticOf(metrics.all.send_lag, term.statistic);
  return std::nullopt;
}

bool Holds(double actual, const SloTerm& term) {
  switch (term.comparison) {
    case SloTerm::Comparison::kLess:
      return actual < term.limit;
    case SloTerm::Comparison::kLessOrEqual:
      return actual <= term.limit;
    case SloTerm::Comparison::kGreater:
      return actual > term.limit;
    case SloTerm::Comparison::kGreaterOrEqual:
      return actual >= term.limit;
  }
  return false;
}

std::string UnitOf(const SloTerm& term) {
  if (!term.statistic.empty()) return " ms";
  if (term.metric == "success") return " %";
  return term.metric == "goodput" ? " requests/s" : " tokens/s";
}

// Two decimals, or as many as it takes to tell a miss from the limit: 98.999 is not shown as 99.
std::string Shown(double value, double limit) {
  char text[64];
  std::optional<double> shown;
  for (int decimals = 2; decimals <= 9 && (!shown || (*shown == limit && value != limit)); ++decimals) {
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    shown = ParseReal(text);
  }
  return ShortNumber(shown.value_or(value));
}

std::string SentenceOf(const SloTerm& term, Value actual) {
  const std::string name = term.statistic.empty() ? term.metric : term.metric + "_" + term.statistic;
  const std::string limit = "limit " + ShortNumber(term.limit) + UnitOf(term);
  if (!actual) return name + " could not be judged, there was nothing to measure it from; " + limit;
  return name + " was " + Shown(*actual, term.limit) + UnitOf(term) + ", " + limit;
}

}  // namespace

absl::StatusOr<Slo> Slo::Parse(std::string_view text) {
  auto terms = ParseSloTerms(text);
  if (!terms.ok()) return terms.status();
  Slo slo;
  slo.terms_ = *std::move(terms);
  return slo;
}

SloJudgement Slo::Judge(const ServingMetrics& metrics) const {
  SloJudgement judgement;
  for (const SloTerm& term : terms_) {
    const Value actual = ActualOf(term, metrics);
    if (actual && Holds(*actual, term)) continue;
    judgement.met = false;
    judgement.misses.push_back({.term = term.text, .actual = actual, .sentence = SentenceOf(term, actual)});
  }
  return judgement;
}

bool Slo::needs_goodput() const {
  return std::any_of(terms_.begin(), terms_.end(),
                     [](const SloTerm& term) { return term.metric == "goodput"; });
}

std::string ToString(const Slo& slo) {
  std::string text;
  for (const SloTerm& term : slo.terms()) text += (text.empty() ? "" : ",") + term.text;
  return text;
}

}  // namespace llmdyno
