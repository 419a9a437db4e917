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

Duration E2e(const RequestRecord& record) { return record.ended_at - record.started_at; }

std::optional<Duration> Tpot(const RequestRecord& record) {
  if (!record.streamed || !record.first_text_at || !record.last_text_at) return std::nullopt;
  const int64_t tokens = record.output_tokens.tokens;
  const Duration decoding = *record.last_text_at - *record.first_text_at;
  if (tokens < 2 || decoding <= Duration::zero()) return std::nullopt;
  return decoding / (tokens - 1);
}

std::optional<double> DecodeSpeed(const RequestRecord& record) {
  if (!Tpot(record)) return std::nullopt;
  return static_cast<double>(record.output_tokens.tokens - 1) /
         ToSeconds(*record.last_text_at - *record.first_text_at);
}

void AddInterTokenGaps(const RequestRecord& record, GapHistogram& gaps) {
  std::optional<TimePoint> previous;
  for (const Arrival& arrival : record.arrivals) {
    // An event that announces no new token only lengthens the gap to the next one.
    if (previous && arrival.tokens == 0) continue;
    if (previous) gaps.Add(arrival.at - *previous, arrival.tokens);
    previous = arrival.at;
  }
}

}  // namespace llmdyno
