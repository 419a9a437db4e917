#include "llmdyno/core/record.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

// Ten arrivals of one token each, at 1 s … 10 s; ends at 11 s.
RequestRecord TenTokens() {
  RequestRecord record;
  record.ended_at = TimePoint(11s);
  for (int i = 1; i <= 10; ++i) record.arrivals.Append({.at = TimePoint(i * 1s)});
  record.output_tokens = {10, TokenCountSource::kUsage};
  return record;
}

TEST_CASE("Clocks and phases have names that are read back", "[core][record]") {
  for (const auto clock : {ArrivalClock::kKernel, ArrivalClock::kWakeUp, ArrivalClock::kSimulated}) {
    CHECK(ParseArrivalClock(ToString(clock)) == clock);
  }
  for (const auto phase : {RunPhase::kWarmUp, RunPhase::kMeasured})
    CHECK(ParseRunPhase(ToString(phase)) == phase);
  CHECK_FALSE(ParseArrivalClock("sundial"));
  CHECK_FALSE(ParseRunPhase(""));
}

TEST_CASE("A request that had ended by the line counts in full, or not at all when it failed",
          "[core][record]") {
  RequestRecord record = TenTokens();
  CHECK(OutputTokensBy(record, TimePoint(11s)) == 10);
  CHECK(OutputTokensBy(record, TimePoint(60s)) == 10);
  record.output_tokens.tokens = 25;  // more than the stream showed
  CHECK(OutputTokensBy(record, TimePoint(11s)) == 25);
  record.outcome.cls = OutcomeClass::kCutStream;
  CHECK(OutputTokensBy(record, TimePoint(11s)) == 0);
}

TEST_CASE("A request under way at the line counts for what had arrived", "[core][record]") {
  const RequestRecord record = TenTokens();
  CHECK(OutputTokensBy(record, TimePoint(0s)) == 0);
  CHECK(OutputTokensBy(record, TimePoint(4s)) == 4);  // an arrival on the line is in
  CHECK(OutputTokensBy(record, TimePoint(4500ms)) == 4);
  CHECK(OutputTokensBy(record, TimePoint(11s - 1ns)) == 10);
}

TEST_CASE("A request that was cancelled at the very instant of the line was under way", "[core][record]") {
  RequestRecord record = TenTokens();
  record.outcome.cls = OutcomeClass::kCancelled;
  CHECK_FALSE(HadEndedBy(record, TimePoint(11s)));
  CHECK(OutputTokensBy(record, TimePoint(11s)) == 10);
  CHECK(HadEndedBy(record, TimePoint(11s + 1ns)));
  CHECK(OutputTokensBy(record, TimePoint(11s + 1ns)) == 0);
  record.outcome.cls = OutcomeClass::kIdleTimeout;
  CHECK(HadEndedBy(record, TimePoint(11s)));
}

TEST_CASE("What had arrived is scaled to the final count when the stream showed another", "[core][record]") {
  RequestRecord record = TenTokens();
  record.output_tokens.tokens = 25;  // 2.5 tokens per event
  CHECK(OutputTokensBy(record, TimePoint(4s)) == 10);
  record.outcome.cls = OutcomeClass::kCancelled;  // no final count to scale by
  CHECK(OutputTokensBy(record, TimePoint(4s)) == 4);
}

TEST_CASE("A response that was not streamed counts when it has ended", "[core][record]") {
  RequestRecord record;
  record.ended_at = TimePoint(11s);
  record.output_tokens.tokens = 10;
  CHECK(OutputTokensBy(record, TimePoint(10s)) == 0);
  CHECK(OutputTokensBy(record, TimePoint(11s)) == 10);
}

TEST_CASE("A record that was reset is as new, but keeps its memory", "[core][record]") {
  RequestRecord record = TenTokens();
  record.request_id = 7;
  record.phase = RunPhase::kWarmUp;
  record.first_text_at = TimePoint(1s);
  record.outcome.cls = OutcomeClass::kOverload;
  record.outcome.message.assign(100, 'm');
  record.outcome.http_status = 503;
  record.prompt_text.assign(1000, 'p');
  record.output_text.assign(2000, 'o');
  record.finish_reason.assign(100, 'f');
  const size_t arrivals = record.arrivals.capacity_bytes();
  record.Reset();
  CHECK(record.request_id == 0);
  CHECK(record.phase == RunPhase::kMeasured);
  CHECK_FALSE(record.first_text_at);
  CHECK(record.outcome.ok());
  CHECK_FALSE(record.outcome.http_status);
  CHECK(record.outcome.message.empty());
  CHECK(record.prompt_text.empty());
  CHECK(record.output_text.empty());
  CHECK(record.finish_reason.empty());
  CHECK(record.arrivals.empty());
  CHECK(record.output_tokens == TokenCount{});
  CHECK(record.arrivals.capacity_bytes() == arrivals);
  CHECK(record.prompt_text.capacity() >= 1000);
  CHECK(record.output_text.capacity() >= 2000);
}

}  // namespace
}  // namespace llmdyno
