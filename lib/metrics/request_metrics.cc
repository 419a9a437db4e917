#include "llmdyno/metrics/request_metrics.h"

#include <algorithm>

namespace llmdyno {
namespace {

// An instant of a streamed response, from `start`. A response that came as a whole has no first token.
std::optional<Duration> StreamedSince(const RequestRecord& record, std::optional<TimePoint> at,
                                      TimePoint start) {
  if (!record.streamed || !at) return std::nullopt;
  return *at - start;
}

}  // namespace

Duration SendLag(const RequestRecord& record) { return record.started_at - record.scheduled_at; }

std::optional<Duration> Ttft(const RequestRecord& record) {
  return StreamedSince(record, record.first_text_at, record.started_at);
}

std::optional<Duration> TtftFromSchedule(const RequestRecord& record) {
  return StreamedSince(record, record.first_text_at, record.scheduled_at);
}

std::optional<Duration> Ttfo(const RequestRecord& record) {
  return StreamedSince(record, record.first_content_at, record.started_at);
}

std::optional<Duration> TimeToFirstEvent(const RequestRecord& record) {
  return StreamedSince(record, record.first_event_at, record.started_at);
}

std::optional<Duration> Ttft(const RequestRecord& record, FirstToken definition) {
  return StreamedSince(record, FirstTokenAt(record, definition), record.started_at);
}

std::optional<Duration> TtftFromSchedule(const RequestRecord& record, FirstToken definition) {
  return StreamedSince(record, FirstTokenAt(record, definition), record.scheduled_at);
}

Duration E2e(const RequestRecord& record) { return record.ended_at - record.started_at; }

Duration E2eFromSchedule(const RequestRecord& record) { return record.ended_at - record.scheduled_at; }

Duration LastTextLatency(const RequestRecord& record) {
  return StreamedSince(record, record.last_text_at, record.started_at).value_or(E2e(record));
}

std::optional<double> RequestSpeed(const RequestRecord& record) {
  const double seconds = ToSeconds(E2e(record));
  if (seconds <= 0) return std::nullopt;
  return static_cast<double>(record.output_tokens.tokens) / seconds;
}

std::optional<Duration> Tpot(const RequestRecord& record) { return Tpot(record, FirstToken::kAnyText); }

std::optional<Duration> Tpot(const RequestRecord& record, FirstToken definition) {
  const std::optional<TimePoint> first = FirstTokenAt(record, definition);
  if (!first || !record.last_text_at) return std::nullopt;
  const int64_t tokens = record.output_tokens.tokens;
  const Duration decoding = *record.last_text_at - *first;
  if (tokens < 2 || decoding <= Duration::zero()) return std::nullopt;
  return decoding / (tokens - 1);
}

std::optional<double> DecodeSpeed(const RequestRecord& record) {
  if (!Tpot(record)) return std::nullopt;
  return static_cast<double>(record.output_tokens.tokens - 1) /
         ToSeconds(*record.last_text_at - *record.first_text_at);
}

void AddInterTokenGaps(const RequestRecord& record, GapHistogram& gaps) {
  if (!record.streamed) return;
  std::optional<TimePoint> previous;
  for (const Arrival& arrival : record.arrivals) {
    // An event that announces no new token only lengthens the gap to the next one.
    if (previous && arrival.tokens == 0) continue;
    if (previous) gaps.Add(arrival.at - *previous, arrival.tokens);
    previous = arrival.at;
  }
}

void ListEventGaps(const RequestRecord& record, FirstToken definition, std::vector<Duration>& gaps) {
  gaps.clear();
  if (!record.streamed || record.arrivals.empty()) return;
  TimePoint previous = record.arrivals.first_at();
  if (definition == FirstToken::kAnyChunk && record.first_event_at && *record.first_event_at < previous) {
    gaps.push_back(previous - *record.first_event_at);
  }
  bool is_first_event = true;
  for (const Arrival& arrival : record.arrivals) {
    for (uint32_t event = 0; event < arrival.events; ++event) {
      if (!is_first_event) gaps.push_back(arrival.at - previous);
      is_first_event = false;
      previous = arrival.at;
    }
  }
}

}  // namespace llmdyno
