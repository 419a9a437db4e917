// What one record says about its request: every number that is derived from instants and counts.
//
// Pure functions of a record. All are empty when something they need did not happen; whether a request counts
// in a statistic (measured phase, ended ok) is the caller's decision. Formulas: docs/metrics.md.
#pragma once

#include <optional>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"
#include "llmdyno/metrics/first_token.h"
#include "llmdyno/metrics/gap_histogram.h"

namespace llmdyno {

// How late the client sent: started - scheduled.
Duration SendLag(const RequestRecord& record);

// Time to first token: the first non-empty text, reasoning or tool call ("any text"), from the send. Only a
// streamed response has one.
std::optional<Duration> Ttft(const RequestRecord& record);
// The same from the instant at which the load model wanted it sent, so the client's own lateness is inside.
std::optional<Duration> TtftFromSchedule(const RequestRecord& record);
// Both by another definition of the first token.
std::optional<Duration> Ttft(const RequestRecord& record, FirstToken definition);
// As the one above, by `definition`.
std::optional<Duration> TtftFromSchedule(const RequestRecord& record, FirstToken definition);
// Time to first output: the first answer text, reasoning left out.
std::optional<Duration> Ttfo(const RequestRecord& record);
// To the first event with a choice, even an empty one: what vLLM's own benchmark calls TTFT.
std::optional<Duration> TimeToFirstEvent(const RequestRecord& record);

// From the send to the end of the stream, or to the failure.
Duration E2e(const RequestRecord& record);
// The same from the instant at which the load model wanted it sent.
Duration E2eFromSchedule(const RequestRecord& record);
// From the send to the last text of a stream; where there is none, to the end. What vLLM's own benchmark
// calls E2EL.
Duration LastTextLatency(const RequestRecord& record);
// Output tokens per second of the whole request: output tokens / E2e. Needs time to have passed.
std::optional<double> RequestSpeed(const RequestRecord& record);

// Time per output token after the first: (last text - first text) / (output tokens - 1). Needs two tokens
// that did not come in one piece.
std::optional<Duration> Tpot(const RequestRecord& record);
// The same from the first token by another definition: vLLM's TPOT with kAnyChunk.
std::optional<Duration> Tpot(const RequestRecord& record, FirstToken definition);
// The inverse of the first in tokens per second.
std::optional<double> DecodeSpeed(const RequestRecord& record);

// Adds the gaps between this response's tokens. An arrival of k tokens, whether in one event or in several
// that came in one read, counts as k equal gaps; the tokens of the first arrival belong to TTFT and count as
// none.
void AddInterTokenGaps(const RequestRecord& record, GapHistogram& gaps);

// Replaces `gaps` by those between successive events with text, whatever number of tokens they carry: vLLM's
// ITL. Events of one read have no time between them. With kAnyChunk an event without text before them (a
// role, say) begins the first gap. Empty when the response was not streamed.
void ListEventGaps(const RequestRecord& record, FirstToken definition, std::vector<Duration>& gaps);

}  // namespace llmdyno
