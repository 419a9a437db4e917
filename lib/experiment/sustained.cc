#include "llmdyno/experiment/sustained.h"

#include <algorithm>
#include <cstdio>

namespace llmdyno {
namespace {

std::string Print(const char* format, double a, double b = 0) {
  char text[160];
  std::snprintf(text, sizeof text, format, a, b);
  return text;
}

bool SpeaksOfSuccess(const Slo& slo) {
  return std::any_of(slo.terms().begin(), slo.terms().end(),
                     [](const SloTerm& term) { return term.metric == "success"; });
}

std::string HowWell(const ServingMetrics& metrics) {
  std::string text = Print("success %.1f %%", metrics.all.success_rate_percent.value_or(0));
  if (const auto ttft = metrics.all.ttft.Quantile(0.99)) text += Print(", TTFT p99 %.0f ms", *ttft);
  if (const auto e2e = metrics.all.e2e.Quantile(0.5)) text += Print(", E2E p50 %.0f ms", *e2e);
  return text;
}

}  // namespace

SustainJudgement JudgeSustained(double target, const ServingMetrics& metrics,
                                const std::optional<BacklogTrend>& backlog, const SustainCriteria& criteria) {
  SustainJudgement judgement;
  const auto fail = [&](std::string why) {
    judgement.reason = std::move(why);
    if (backlog && backlog->successes_per_second > 0) {
      judgement.capacity_estimate = backlog->successes_per_second;
    }
    return judgement;
  };
  const bool is_open_loop = criteria.backlog.has_value();
  if (is_open_loop && metrics.sent_per_second &&
      *metrics.sent_per_second < criteria.min_sent_share * target) {
    judgement.client_limited = true;
    return fail(
        Print("the client itself sent only %.1f of %.1f requests/s", *metrics.sent_per_second, target));
  }
  const double success = metrics.all.success_rate_percent.value_or(0);
  if (!SpeaksOfSuccess(criteria.slo) && success < criteria.min_success_percent) {
    return fail(Print("success %.1f %%, limit %.4g %%", success, criteria.min_success_percent));
  }
  const SloJudgement slo = criteria.slo.Judge(metrics);
  if (!slo.met) return fail(slo.misses.front().sentence);
  if (is_open_loop && backlog) {
    const BacklogJudgement queue = JudgeBacklog(*backlog, *criteria.backlog);
    if (queue.queue_grew) return fail(queue.sentence);
  }
  judgement.sustained = true;
  judgement.reason = HowWell(metrics);
  return judgement;
}

}  // namespace llmdyno
