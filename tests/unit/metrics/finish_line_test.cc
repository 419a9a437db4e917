#include "llmdyno/metrics/finish_line.h"

#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

TEST_CASE("A request that ended before the line counts in full", "[metrics][finish_line]") {
  const RaceShare share = JudgeAtLine(MakeSteady(0s, 10, 100ms), kStart + 1s);
  CHECK(share.standing == Standing::kSucceeded);
  CHECK(share.output_tokens == 10);
  CHECK(share.input_tokens == 10);
  CHECK(share.until == kStart + 1s);
}

TEST_CASE("A request under way counts with the tokens it had by the line", "[metrics][finish_line]") {
  // Ten tokens, one every 100 ms; the line lies between the fourth and the fifth.
  const RaceShare share = JudgeAtLine(MakeSteady(0s, 10, 100ms), kStart + 450ms);
  CHECK(share.standing == Standing::kUnderWay);
  CHECK(share.ok());
  CHECK(share.output_tokens == 4);
  CHECK(share.until == kStart + 450ms);
  CHECK(share.last_text_at == kStart + 400ms);
}

TEST_CASE("A request under way counts as a success even if it fails in the drain", "[metrics][finish_line]") {
  RequestRecord record = MakeSteady(0s, 10, 100ms);
  record.outcome = Failed(OutcomeClass::kCancelled);
  const RaceShare share = JudgeAtLine(record, kStart + 450ms);
  CHECK(share.standing == Standing::kUnderWay);
  CHECK(share.output_tokens == 4);
}

TEST_CASE("A request that was cancelled as the line was drawn was under way", "[metrics][finish_line]") {
  RequestRecord record = MakeSteady(0s, 10, 100ms);
  record.outcome = Failed(OutcomeClass::kCancelled);
  const RaceShare share = JudgeAtLine(record, kStart + 1s);
  CHECK(share.standing == Standing::kUnderWay);
  CHECK(share.output_tokens == 10);
  // Without a line it failed, with nothing to show for it.
  CHECK(JudgeAtLine(record, std::nullopt).standing == Standing::kFailed);
  CHECK(JudgeAtLine(record, std::nullopt).output_tokens == 0);
}

TEST_CASE("A request without a token by the line is in no total", "[metrics][finish_line]") {
  const RaceShare share = JudgeAtLine(MakeSteady(0s, 10, 100ms), kStart + 50ms);
  CHECK(share.standing == Standing::kWaiting);
  CHECK_FALSE(share.counts());
  CHECK(share.output_tokens == 0);
  CHECK(share.input_tokens == 0);
}

TEST_CASE("A request that failed before the line brings no tokens", "[metrics][finish_line]") {
  RequestRecord record = MakeSteady(0s, 3, 100ms);
  record.outcome = Failed(OutcomeClass::kCutStream, 200);
  for (const auto line : {std::optional<TimePoint>(), std::optional(kStart + 1s)}) {
    const RaceShare share = JudgeAtLine(record, line);
    CHECK(share.standing == Standing::kFailed);
    CHECK(share.counts());
    CHECK(share.output_tokens == 0);
    CHECK(share.input_tokens == 0);
  }
}

TEST_CASE("A record that came before any line is judged by its end", "[metrics][finish_line]") {
  CHECK(JudgeAtLine(MakeSteady(0s, 10, 100ms), std::nullopt).standing == Standing::kSucceeded);
}
