#include "llmdyno/report/serving_report.h"

namespace llmdyno {
namespace {

std::optional<Duration> FromMilliseconds(const std::optional<double>& ms) {
  return ms ? std::optional(FromSeconds(*ms / 1e3)) : std::nullopt;
}

}  // namespace

LevelSummary SummaryOf(const LevelReport& level) {
  const ServingMetrics& metrics = level.metrics;
  const BacklogJudgement queue = QueueOf(level);
  return {.target = level.target,
          .success_percent = metrics.all.success_rate_percent,
          .sent_per_second = metrics.sent_per_second,
          .ttft_p99 = FromMilliseconds(metrics.all.ttft.Quantile(0.99)),
          .e2e_p50 = FromMilliseconds(metrics.all.e2e.Quantile(0.5)),
          .send_lag_p99 = FromMilliseconds(metrics.all.send_lag.Quantile(0.99)),
          .broken_by = queue.queue_grew ? queue.sentence : "",
          .too_short = queue.too_short ? queue.sentence : "",
          .slo_met = !level.slo || level.slo->met,
          .is_client_valid = level.validity.client_kept_up()};
}

BacklogJudgement QueueOf(const LevelReport& level) {
  return level.backlog ? JudgeBacklog(*level.backlog) : BacklogJudgement();
}

}  // namespace llmdyno
