#include "llmdyno/metrics/schedule_gap.h"

#include <utility>

namespace llmdyno {
namespace {

void KeepLarger(std::optional<ScheduleGap>& largest, std::string_view latency, double percentile,
                const Distribution& from_send, const Distribution& from_schedule) {
  const std::optional<double> send = from_send.Quantile(percentile / 100);
  const std::optional<double> schedule = from_schedule.Quantile(percentile / 100);
  if (!send || !schedule || *send <= 0) return;
  const ScheduleGap gap{.latency = latency,
                        .percentile = percentile,
                        .from_send_ms = *send,
                        .from_schedule_ms = *schedule,
                        .share = *schedule / *send - 1};
  const auto rank = [](const ScheduleGap& each) { return std::pair(each.is_notable(), each.share); };
  if (!largest || rank(gap) > rank(*largest)) largest = gap;
}

}  // namespace

std::optional<ScheduleGap> LargestScheduleGap(const ServingMetrics& metrics) {
  std::optional<ScheduleGap> largest;
  for (const double percentile : {50.0, 99.0}) {
    KeepLarger(largest, "TTFT", percentile, metrics.all.ttft, metrics.ttft_from_schedule);
    KeepLarger(largest, "E2E", percentile, metrics.all.e2e, metrics.e2e_from_schedule);
  }
  return largest;
}

}  // namespace llmdyno
