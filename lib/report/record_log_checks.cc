#include "report/record_log_checks.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace llmdyno {
namespace {

constexpr Duration kTenYears = std::chrono::hours(24 * 3653);

bool IsSaneCount(int64_t count) { return count >= 0 && count <= 1'000'000'000'000; }

}  // namespace

bool IsNear(TimePoint at, TimePoint reference) {
  const TimePoint middle = std::clamp(reference, TimePoint::min() + kTenYears, TimePoint::max() - kTenYears);
  return at >= middle - kTenYears && at <= middle + kTenYears;
}

bool IsPlausible(const RequestRecord& record, TimePoint reference) {
  const ArrivalLog& arrivals = record.arrivals;
  if (!arrivals.empty() && !(IsNear(arrivals.first_at(), reference) && IsNear(arrivals.last_at(), reference)))
    return false;
  for (const std::optional<TimePoint>& at :
       {std::optional(record.scheduled_at), std::optional(record.started_at), record.first_event_at,
        record.first_text_at, record.first_content_at, record.last_content_at, record.last_text_at,
        record.last_event_at, record.usage_at, record.done_at, std::optional(record.ended_at)}) {
    if (at && !IsNear(*at, reference)) return false;
  }
  return IsSaneCount(record.output_tokens.tokens) && IsSaneCount(record.input_tokens.tokens) &&
         IsSaneCount(record.textless_events);
}

bool SaysSimulated(const std::string& configuration_json) {
  const auto json = nlohmann::json::parse(configuration_json, nullptr, false);
  // `simulate` is the profile's name, true or false.
  for (const char* key : {"simulated", "simulate"}) {
    const auto found = json.find(key);
    if (found == json.end()) continue;
    if (found->is_boolean() && found->get<bool>()) return true;
    if (found->is_string() && key == std::string_view("simulate") && !found->get<std::string>().empty())
      return true;
  }
  return false;
}

}  // namespace llmdyno
