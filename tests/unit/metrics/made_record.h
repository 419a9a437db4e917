// Records made by hand, for tests of everything that explains them. Instants count from kStart.
#pragma once

#include <chrono>
#include <initializer_list>

#include "llmdyno/core/record.h"

namespace llmdyno {

using namespace std::chrono_literals;

inline constexpr TimePoint kStart{std::chrono::hours(1)};

struct MadeArrival {
  Duration at{};
  uint32_t tokens = 1;
  uint32_t events = 1;
};

struct MadeRecord {
  Duration sent{};                                // after kStart
  std::initializer_list<MadeArrival> arrivals{};  // after kStart
  Duration ended{};                               // after kStart
  int64_t output_tokens = -1;                     // -1: what the arrivals announced
  int64_t input_tokens = 10;
  int64_t user_id = 0;
  Outcome outcome{};
  RunPhase phase = RunPhase::kMeasured;
};

inline RequestRecord Make(const MadeRecord& made) {
  RequestRecord record;
  record.user_id = made.user_id;
  record.phase = made.phase;
  record.scheduled_at = record.started_at = kStart + made.sent;
  for (const MadeArrival& arrival : made.arrivals) {
    record.arrivals.Append({.at = kStart + arrival.at, .events = arrival.events, .tokens = arrival.tokens});
  }
  if (!record.arrivals.empty()) {
    record.first_event_at = record.first_text_at = record.first_content_at = record.arrivals.first_at();
    record.last_text_at = record.arrivals.last_at();
  }
  record.ended_at = kStart + made.ended;
  record.arrival_clock = ArrivalClock::kKernel;
  const int64_t output = made.output_tokens >= 0 ? made.output_tokens : record.arrivals.total_tokens();
  record.output_tokens = {output, TokenCountSource::kUsage};
  record.input_tokens = {made.input_tokens, TokenCountSource::kUsage};
  record.outcome = made.outcome;
  if (made.outcome.ok()) record.outcome.http_status = 200;
  return record;
}

// A request of `tokens` tokens, one every `gap`, the first `gap` after the send; it ends with the last of
// them.
inline RequestRecord MakeSteady(Duration sent, int64_t tokens, Duration gap, int64_t user_id = 0) {
  RequestRecord record = Make({.sent = sent, .ended = sent, .user_id = user_id});
  for (int64_t i = 1; i <= tokens; ++i) record.arrivals.Append({.at = kStart + sent + i * gap});
  record.first_event_at = record.first_text_at = record.first_content_at = record.arrivals.first_at();
  record.last_text_at = record.ended_at = record.arrivals.last_at();
  record.output_tokens.tokens = tokens;
  return record;
}

inline Outcome Failed(OutcomeClass cls, std::optional<int> status = std::nullopt, std::string message = "") {
  Outcome outcome{};
  outcome.cls = cls;
  outcome.http_status = status;
  outcome.message = std::move(message);
  return outcome;
}

}  // namespace llmdyno
