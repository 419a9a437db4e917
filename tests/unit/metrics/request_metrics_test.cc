#include "llmdyno/metrics/request_metrics.h"

#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

// The stream of docs/metrics.md, "One stream, every tool": sent at 0; a role-only event at 40 ms; one
// reasoning token at 100 ms; an event of three answer tokens at 160 ms; one more at 220 ms; the stream ends
// at 230 ms.
RequestRecord DocumentedStream() {
  RequestRecord record =
      Make({.arrivals = {{.at = 100ms}, {.at = 160ms, .tokens = 3}, {.at = 220ms}}, .ended = 230ms});
  record.first_event_at = kStart + 40ms;
  record.first_content_at = kStart + 160ms;
  record.scheduled_at = kStart - 5ms;
  return record;
}

}  // namespace

TEST_CASE("Each definition of the first token has its own latency", "[metrics][request]") {
  const RequestRecord record = DocumentedStream();
  CHECK(*TimeToFirstEvent(record) == 40ms);
  CHECK(*Ttft(record) == 100ms);
  CHECK(*Ttfo(record) == 160ms);
}

TEST_CASE("Latency from the schedule has the client's own lateness inside", "[metrics][request]") {
  const RequestRecord record = DocumentedStream();
  CHECK(SendLag(record) == 5ms);
  CHECK(*TtftFromSchedule(record) == 105ms);
}

TEST_CASE("TPOT leaves the first token out of time and count", "[metrics][request]") {
  // (220 - 100) ms / (5 - 1) = 30 ms, or 33.3 tokens per second.
  CHECK(*Tpot(DocumentedStream()) == 30ms);
  CHECK(*DecodeSpeed(DocumentedStream()) == Approx(1000.0 / 30));
  CHECK(E2e(DocumentedStream()) == 230ms);
}

TEST_CASE("TPOT does not exist for one token, nor for tokens that came in one piece", "[metrics][request]") {
  CHECK_FALSE(Tpot(Make({.arrivals = {{.at = 100ms}}, .ended = 110ms})));
  CHECK_FALSE(Tpot(Make({.arrivals = {{.at = 100ms, .tokens = 50}}, .ended = 110ms})));
  CHECK_FALSE(DecodeSpeed(Make({.arrivals = {{.at = 100ms, .tokens = 50}}, .ended = 110ms})));
}

TEST_CASE("A response that was not streamed has no first token", "[metrics][request]") {
  RequestRecord record = Make({.arrivals = {{.at = 100ms, .tokens = 50}}, .ended = 100ms});
  record.streamed = false;
  CHECK_FALSE(Ttft(record));
  CHECK_FALSE(TtftFromSchedule(record));
  CHECK_FALSE(Ttfo(record));
  CHECK_FALSE(TimeToFirstEvent(record));
  CHECK_FALSE(Tpot(record));
  CHECK(E2e(record) == 100ms);
}

TEST_CASE("A request that failed before any text has no first token", "[metrics][request]") {
  const RequestRecord record = Make({.ended = 1s, .outcome = Failed(OutcomeClass::kConnectFailed)});
  CHECK_FALSE(Ttft(record));
  CHECK(E2e(record) == 1s);
}

TEST_CASE("A gap to several tokens is cut into equal gaps, one per token", "[metrics][request]") {
  // 100 -> 160 ms with three tokens: 20, 20, 20; 160 -> 220 ms with one: 60.
  GapHistogram gaps;
  AddInterTokenGaps(DocumentedStream(), gaps);
  CHECK(gaps.n() == 4);
  CHECK(*gaps.Mean() == 30ms);
  CHECK(*gaps.Min() == 20ms);
  CHECK(*gaps.Max() == 60ms);
}

TEST_CASE("Several events in one read are cut like several tokens in one event", "[metrics][request]") {
  GapHistogram gaps;
  AddInterTokenGaps(Make({.arrivals = {{.at = 10ms}, {.at = 40ms, .tokens = 3, .events = 3}}, .ended = 40ms}),
                    gaps);
  CHECK(gaps.n() == 3);
  CHECK(*gaps.Mean() == 10ms);
}

TEST_CASE("The tokens of the first arrival belong to the first-token latency and make no gaps",
          "[metrics][request]") {
  GapHistogram gaps;
  AddInterTokenGaps(Make({.arrivals = {{.at = 10ms, .tokens = 5}, {.at = 20ms}}, .ended = 20ms}), gaps);
  CHECK(gaps.n() == 1);
  CHECK(*gaps.Mean() == 10ms);
}

TEST_CASE("An arrival without a token lengthens the next gap", "[metrics][request]") {
  GapHistogram gaps;
  AddInterTokenGaps(
      Make({.arrivals = {{.at = 10ms}, {.at = 20ms, .tokens = 0}, {.at = 40ms}}, .ended = 40ms}), gaps);
  CHECK(gaps.n() == 1);
  CHECK(*gaps.Mean() == 30ms);
}

TEST_CASE("A response has its speed over the whole request, prefill included", "[metrics][request]") {
  CHECK(*RequestSpeed(MakeSteady(0s, 10, 100ms)) == Approx(10));
  CHECK_FALSE(RequestSpeed(Make({.output_tokens = 5})));  // no time passed
}

TEST_CASE("A late send is inside the latencies from the schedule", "[metrics][request]") {
  RequestRecord record = MakeSteady(0s, 10, 100ms);
  record.scheduled_at -= 30ms;
  CHECK(E2e(record) == 1s);
  CHECK(E2eFromSchedule(record) == 1030ms);
  CHECK(TtftFromSchedule(record, FirstToken::kAnyText) == Duration(130ms));
}

TEST_CASE("Latency to the last text is latency to the end where there is no text", "[metrics][request]") {
  CHECK(LastTextLatency(DocumentedStream()) == 220ms);
  CHECK(LastTextLatency(Make({.ended = 3s})) == 3s);
}

TEST_CASE("Gaps between events do not look at tokens", "[metrics][request]") {
  using Gaps = std::vector<Duration>;
  Gaps gaps = {1h};  // is replaced
  ListEventGaps(DocumentedStream(), FirstToken::kAnyText, gaps);
  CHECK(gaps == Gaps{60ms, 60ms});
  ListEventGaps(DocumentedStream(), FirstToken::kAnyChunk, gaps);
  CHECK(gaps == Gaps{60ms, 60ms, 60ms});
  ListEventGaps(Make({.ended = 1s}), FirstToken::kAnyChunk, gaps);
  CHECK(gaps.empty());
}
