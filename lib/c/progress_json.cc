#include "c/progress_json.h"

#include <nlohmann/json.hpp>

namespace llmdyno {
namespace {

const char* PhaseOf(const MeasurementProgress& progress, bool is_over) {
  if (is_over) return "over";
  if (progress.phase == RunPhase::kWarmUp) return "warm_up";
  return progress.run.draining ? "drain" : "measured";
}

}  // namespace

std::string ToJson(const MeasurementProgress& progress, bool is_over) {
  const RunTotals& totals = progress.run.totals;
  const nlohmann::ordered_json json = {
      {"phase", PhaseOf(progress, is_over)},     {"elapsed_s", ToSeconds(totals.now - totals.started_at)},
      {"output_tokens", totals.output_tokens},   {"requests_sent", totals.requests_issued},
      {"requests_ended", totals.requests_ended}, {"requests_ok", totals.requests_ok},
      {"in_flight", progress.run.in_flight},     {"active_users", progress.run.active_users}};
  return json.dump();
}

}  // namespace llmdyno
