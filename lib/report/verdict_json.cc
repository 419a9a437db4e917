// The verdict as every file has it: docs/result-files.md, "The verdict".
#include "report/report_json.h"

namespace llmdyno {
namespace {

Json DoubtsJson(const std::vector<ValidityReason>& reasons) {
  Json json = Json::array();
  for (const ValidityReason& reason : reasons) {
    json.push_back({{"code", reason.code},
                    {"figure", reason.figure},
                    {"limit", reason.limit},
                    {"about_client", reason.is_about_client},
                    {"sentence", reason.sentence}});
  }
  return json;
}

Json ThreadJson(const ThreadHealth& thread) {
  return {{"cpu_share", ValueOrNull(thread.cpu_share)},
          {"run_queue_wait_share", ValueOrNull(thread.wait_share)}};
}

Json TrendJson(const std::optional<RateTrend>& trend) {
  if (!trend) return nullptr;
  return {{"change", trend->change}, {"p_value", trend->p_value}, {"stretches", trend->stretches}};
}

Json EarlySlownessJson(const std::optional<EarlySlowness>& early) {
  if (!early) return nullptr;
  return {{"ratio", early->ratio},
          {"p_value", early->p_value},
          {"first_median_ms", early->first_ms},
          {"later_median_ms", early->later_ms},
          {"first_requests", early->first},
          {"later_requests", early->later}};
}

Json HealthJson(const ClientHealth& health) {
  Json shards = Json::array();
  for (const ThreadHealth& shard : health.shards) shards.push_back(ThreadJson(shard));
  return {{"sends", health.sends},
          {"late_send_share", ValueOrNull(health.late_send_share)},
          {"send_lag_p99_ms", MsOrNull(health.send_lag_p99)},
          {"read_lag_p50_ms", MsOrNull(health.read_lag_p50)},
          {"read_lag_p99_ms", MsOrNull(health.read_lag_p99)},
          {"read_lag_max_ms", MsOrNull(health.read_lag_max)},
          {"loop_cpu_share", ValueOrNull(health.loop_cpu_share)},
          {"run_queue_wait_share", ValueOrNull(health.run_queue_wait_share)},
          {"cores_busy_share", ValueOrNull(health.cores_busy_share)},
          {"shards", shards},
          {"decision_thread", health.decisions ? ThreadJson(*health.decisions) : Json(nullptr)},
          {"hand_over_lag_max_ms", MsOrNull(health.hand_over_lag_max)},
          {"arrival_clock", health.arrival_clock ? Json(ToString(*health.arrival_clock)) : Json(nullptr)},
          {"arrival_events", health.arrival_events},
          {"upper_bound_share", ValueOrNull(health.upper_bound_share)},
          {"wall_clock_steps", health.wall_clock_steps},
          {"descriptor_failures", health.descriptor_failures},
          {"port_failures", health.port_failures},
          {"segments_sent", health.segments_sent},
          {"retransmit_share", ValueOrNull(health.retransmit_share)},
          {"answered", health.answered},
          {"early_slowness", EarlySlownessJson(health.early_slowness)},
          {"throughput_trend", TrendJson(health.throughput_trend)},
          {"due_trend", TrendJson(health.due_trend)}};
}

// By the names of the figures, as far as these have one.
Json LimitsJson(const ValidityThresholds& limits, const ClientHealth& health) {
  return {{"late_send_share", limits.max_late_send_share},
          {"read_lag_p99_ms", ToMilliseconds(ReadLagLimit(health, limits))},
          {"loop_cpu_share", limits.max_loop_cpu_share},
          {"run_queue_wait_share", limits.max_run_queue_wait_share},
          {"cores_busy_share", limits.max_cores_busy_share},
          {"hand_over_lag_max_ms", ToMilliseconds(limits.max_hand_over_lag)},
          {"upper_bound_share", limits.max_upper_bound_share},
          {"wall_clock_steps", limits.max_wall_clock_steps},
          {"descriptor_failures", limits.max_descriptor_failures},
          {"port_failures", limits.max_port_failures},
          {"retransmit_share", limits.max_retransmit_share},
          {"early_slowness", {{"ratio", limits.max_early_slowdown}, {"p_value", limits.max_early_p_value}}},
          {"throughput_trend",
           {{"change", limits.max_throughput_change}, {"p_value", limits.max_trend_p_value}}}};
}

}  // namespace

Json ReasonsJson(const std::vector<ValidityReason>& reasons) {
  Json json = Json::array();
  for (const ValidityReason& reason : reasons) json.push_back(reason.sentence);
  return json;
}

Json VerdictJson(const Validity& validity, const ClientHealth& health) {
  return {{"valid", validity.valid},
          {"reasons", ReasonsJson(validity.reasons)},
          {"unknown", validity.unknown},
          {"doubts", DoubtsJson(validity.reasons)},
          {"caveats", DoubtsJson(validity.caveats)},
          {"health", HealthJson(health)},
          {"limits", LimitsJson(validity.limits, health)}};
}

}  // namespace llmdyno
