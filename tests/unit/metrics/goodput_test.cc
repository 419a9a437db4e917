#include "llmdyno/metrics/goodput.h"

#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

using Terms = std::vector<std::string>;

std::string ProblemOf(const Terms& terms) {
  const auto parsed = Goodput::Parse(terms);
  REQUIRE_FALSE(parsed.ok());
  return std::string(parsed.status().message());
}

bool IsGood(const Goodput& goodput, const RequestRecord& record,
            FirstToken definition = FirstToken::kAnyText) {
  return goodput.IsGood(record, definition);
}

}  // namespace

TEST_CASE("Goals are milliseconds, as vLLM spells them", "[metrics][goodput]") {
  const auto goodput = Goodput::Parse(Terms{"ttft:500", "tpot:50.5", "e2el:5000"});
  REQUIRE(goodput.ok());
  CHECK(goodput->ttft == Duration(500ms));
  CHECK(goodput->tpot == Duration(50'500us));
  CHECK(goodput->e2e == Duration(5s));
  CHECK(ToString(*goodput) == "ttft:500 tpot:50.5 e2el:5000");
  CHECK_FALSE(Goodput::Parse(Terms{"tpot:50"})->ttft);
  CHECK(ToString(*Goodput::Parse(Terms{"ttft:500,tpot:50", "e2el:5000"})) == "ttft:500 tpot:50 e2el:5000");
  CHECK(ToString(*Goodput::Parse(Terms{"ttft:500, tpot:50"})) == "ttft:500 tpot:50");
  CHECK(ToString(Goodput{}).empty());
}

TEST_CASE("A wrong goal is named with the character and with what is accepted", "[metrics][goodput]") {
  CHECK(ProblemOf({"ttft:500", "tpto:50"}) ==
        "unknown metric 'tpto', did you mean tpot? Expected ttft, tpot or e2el at character 1: tpto:50");
  CHECK(ProblemOf({"ttft"}) == "expected a colon and milliseconds, as in ttft:500, at character 5: ttft");
  CHECK(ProblemOf({"ttft:fast"}) == "expected milliseconds above 0 at character 6: ttft:fast");
  CHECK(ProblemOf({"ttft:-1"}) == "expected milliseconds above 0 at character 6: ttft:-1");
  CHECK(ProblemOf({"ttft:500ms"}) == "expected milliseconds above 0 at character 6: ttft:500ms");
  CHECK(ProblemOf({"ttft:5", "ttft:6"}) == "a second goal for ttft at character 1: ttft:6");
  CHECK(ProblemOf({"ttft:500,tpot:x"}) == "expected milliseconds above 0 at character 15: ttft:500,tpot:x");
  CHECK(ProblemOf({"ttft:500,"}) == "expected a goal such as ttft:500 at character 10: ttft:500,");
  CHECK(ProblemOf({}) == "expected goals in milliseconds such as ttft:500 tpot:50 e2el:5000");
}

TEST_CASE("A request is good when it keeps every limit, and on the limit it does", "[metrics][goodput]") {
  // TTFT 100 ms, TPOT 100 ms, E2E 1 s.
  const RequestRecord record = MakeSteady(0s, 10, 100ms);
  CHECK(IsGood({}, record));
  CHECK(IsGood({.ttft = 100ms, .tpot = 100ms, .e2e = 1s}, record));
  CHECK_FALSE(IsGood({.ttft = 99ms, .tpot = 100ms, .e2e = 1s}, record));
  CHECK_FALSE(IsGood({.ttft = 100ms, .tpot = 99ms, .e2e = 1s}, record));
  CHECK_FALSE(IsGood({.ttft = 100ms, .tpot = 100ms, .e2e = 999ms}, record));
}

TEST_CASE("A failed request is never good", "[metrics][goodput]") {
  RequestRecord record = MakeSteady(0s, 10, 1ms);
  record.outcome = Failed(OutcomeClass::kCutStream, 200);
  CHECK_FALSE(IsGood({}, record));
}

TEST_CASE("A single token has no TPOT to miss", "[metrics][goodput]") {
  CHECK(IsGood({.tpot = 1ms}, MakeSteady(0s, 1, 1s)));
  // Two tokens in one event: no time between them.
  CHECK(IsGood({.tpot = 1ms}, Make({.arrivals = {{.at = 1s, .tokens = 2}}, .ended = 1s})));
}

TEST_CASE("What was not streamed cannot show that it met TTFT or TPOT", "[metrics][goodput]") {
  RequestRecord record = MakeSteady(0s, 10, 1ms);
  record.streamed = false;
  CHECK(IsGood({.e2e = 1s}, record));
  CHECK_FALSE(IsGood({.ttft = 1s}, record));
  CHECK_FALSE(IsGood({.tpot = 1s}, record));
}

TEST_CASE("Goals are judged by the chosen definition of the first token", "[metrics][goodput]") {
  RequestRecord record = MakeSteady(0s, 10, 100ms);
  record.first_event_at = kStart + 10ms;
  CHECK_FALSE(IsGood({.ttft = 50ms}, record));
  CHECK(IsGood({.ttft = 50ms}, record, FirstToken::kAnyChunk));
  // (1000 - 10) / 9 = 110 ms.
  CHECK(IsGood({.tpot = 105ms}, record));
  CHECK_FALSE(IsGood({.tpot = 105ms}, record, FirstToken::kAnyChunk));
}
