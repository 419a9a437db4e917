// The hinge: everything that was observed of one request, and no derived number.
//
// Load, dialect and transport exist to fill in a RequestRecord; metrics, cost and report to explain it. It is
// a plain value that can be written to a record log and read back next year (docs/record-log.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "llmdyno/base/time.h"
#include "llmdyno/core/arrival_log.h"
#include "llmdyno/core/outcome.h"
#include "llmdyno/core/token_count.h"

namespace llmdyno {

// Which clock stamped an arrival.
enum class ArrivalClock {
  kKernel,  // SO_TIMESTAMPNS: when the network stack received the bytes
  kWakeUp,  // when epoll_wait returned
  kSimulated,
};
// The spelling in files: "kernel", "wake_up", "simulated".
std::string_view ToString(ArrivalClock clock);
// Undoes ToString; nothing for an unknown word.
std::optional<ArrivalClock> ParseArrivalClock(std::string_view text);

// Which part of a run a request belongs to; only measured ones enter metrics.
enum class RunPhase { kWarmUp, kMeasured };
// The spelling in files: "warm_up", "measured".
std::string_view ToString(RunPhase phase);
// Undoes ToString; nothing for an unknown word.
std::optional<RunPhase> ParseRunPhase(std::string_view text);

// Of one request, all its attempts together. Absent is what did not happen or was not told; a plain value
// that the run loop uses again for the next request.
struct RequestRecord {
  // Identity.
  int64_t request_id = 0;    // position in the run's request sequence, from 0
  int64_t user_id = 0;       // which of the closed loop's users sent it, from 0
  int64_t user_request = 0;  // how many requests that user had sent before, plus one
  RunPhase phase = RunPhase::kMeasured;
  int64_t level = 0;  // which of a series of levels, from 0
  int64_t run = 0;    // which repetition of its level, from 0
  std::string model;  // that was asked for, when it is not the endpoint's own: an adapter
  int attempts = 1;

  // Instants, all of the monotonic clock; absent when they did not happen.
  TimePoint scheduled_at;                   // when the load model wanted it sent
  TimePoint started_at;                     // when it was handed to the transport: latencies "from the send"
  std::optional<TimePoint> connected_at;    // absent when a kept connection was used
  std::optional<TimePoint> sent_at;         // when the transport was ready to write the request
  std::optional<TimePoint> first_byte_at;   // first byte of the response, headers included
  std::optional<TimePoint> first_event_at;  // first event with a choice, even an empty one ("any chunk")
  std::optional<TimePoint> first_text_at;   // first non-empty text, reasoning or tool call ("any text")
  std::optional<TimePoint> first_content_at;  // first non-empty answer text ("content")
  std::optional<TimePoint> last_content_at;   // last non-empty answer text
  std::optional<TimePoint> last_text_at;      // last non-empty text
  std::optional<TimePoint> last_event_at;     // last event with a choice, even an empty one
  std::optional<TimePoint> usage_at;          // last event with token counts
  std::optional<TimePoint> done_at;           // when the stream said that it is complete: "[DONE]"
  TimePoint ended_at;                         // the stream's end, or the failure

  // Each arrival of text. Its token weights are what the stream told: a cumulative usage in each chunk when
  // the endpoint sends that, else one token per event.
  ArrivalLog arrivals;
  ArrivalClock arrival_clock = ArrivalClock::kWakeUp;

  // Phases of the connection; absent when a kept connection was used.
  bool connection_reused = false;
  std::optional<Duration> dns_time;
  std::optional<Duration> connect_time;
  std::optional<Duration> tls_time;
  int http_version = 0;  // 10, 11, 2; 0 when there was no response

  // Counts.
  TokenCount input_tokens;
  TokenCount output_tokens;
  std::optional<int64_t> cached_input_tokens;      // usage.prompt_tokens_details.cached_tokens
  std::optional<int64_t> reasoning_tokens;         // usage.completion_tokens_details.reasoning_tokens
  std::optional<int64_t> requested_output_tokens;  // the max_tokens that was asked for
  std::optional<int64_t> target_input_tokens;      // what the prompt was meant to have
  int64_t textless_events = 0;                     // with a choice and without text: a role, a finish reason
  std::optional<int64_t> items;      // vectors or scores in the answer; absent when text is generated
  std::optional<int64_t> dimension;  // numbers in each of the vectors
  int64_t images = 0;                // pictures sent along
  int64_t sent_bytes = 0;            // request body
  int64_t received_bytes = 0;        // response body
  bool streamed = true;
  std::string finish_reason;            // as the endpoint spells it; empty when it gave none
  std::optional<double> reported_cost;  // usage.cost: US dollars, as a router of several services reports it
  std::string provider;                 // which of its services answered

  Outcome outcome;

  // Kept only when texts are asked for.
  std::string prompt_text;
  std::string output_text;

  // Forgets what the endpoint has answered, keeping what was asked and when: for another attempt.
  void ForgetAnswer();

  // Back to a fresh record, keeping the capacity of strings and arrivals.
  void Reset();
};

// Whether the request had ended by `line`. One that we cancelled at that very instant, because the line was
// drawn, had not: it was under way.
bool HadEndedBy(const RequestRecord& record, TimePoint line);

// Tokens that had arrived by `line`: all output tokens of a request that had ended by then, none of one that
// failed by then, and for one under way the share of its output that its arrivals show.
int64_t OutputTokensBy(const RequestRecord& record, TimePoint line);

}  // namespace llmdyno
