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

// The tail of a growth that noise could have made: fewer requests than this are no queue.
constexpr double kFewestInBacklog = 2;

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
  const bool is_open_loop = criteria.max_backlog_growth_share.has_value();
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
  if (is_open_loop && backlog && backlog->growth_share > *criteria.max_backlog_growth_share) {
    const double seconds = ToSeconds(metrics.send_window) / 2;
    if (backlog->growth_per_second * seconds > kFewestInBacklog) {
      return fail(Print("a queue grew by %.2f requests/s, %.1f %% of the load", backlog->growth_per_second,
                        100 * backlog->growth_share));
    }
  }
  if (is_open_loop && backlog && backlog->latency_growth > criteria.max_latency_growth) {
    return fail(Print("answers came later and later, by %.0f ms in every second: a queue grew",
                      1000 * backlog->latency_growth));
  }
  judgement.sustained = true;
  judgement.reason = HowWell(metrics);
  return judgement;
}

}  // namespace llmdyno
