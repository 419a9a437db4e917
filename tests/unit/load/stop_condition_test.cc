#include "llmdyno/load/stop_condition.h"

#include <set>

#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{100s};

RunTotals After(Duration elapsed) { return {.now = kStart + elapsed, .started_at = kStart}; }

TEST_CASE("A run without limits goes on", "[load][stop_condition]") {
  RunTotals totals = After(1000h);
  totals.output_tokens = totals.requests_issued = totals.requests_ended = totals.requests_ok = 1'000'000'000;
  CHECK_FALSE(StopCondition{}.Judge(totals));
  CHECK(StopCondition{}.MayIssue(totals));
  CHECK(StopCondition{}.Deadline(totals) == kEndOfTime);
}

TEST_CASE("A run stops when its output tokens have arrived", "[load][stop_condition]") {
  const StopCondition stop{.output_tokens = 1000};
  RunTotals totals = After(1s);
  totals.output_tokens = 999;
  CHECK_FALSE(stop.Judge(totals));
  totals.output_tokens = 1000;
  CHECK(stop.Judge(totals) == StopReason::kTargetTokens);
}

TEST_CASE("Requests are issued exactly as often as asked, and the run stops when all have ended",
          "[load][stop_condition]") {
  const StopCondition stop{.requests = 3};
  RunTotals totals = After(1s);
  totals.requests_issued = 2;
  CHECK(stop.MayIssue(totals));
  totals.requests_issued = 3;
  CHECK_FALSE(stop.MayIssue(totals));
  totals.requests_ended = totals.requests_ok = 2;
  CHECK_FALSE(stop.Judge(totals));
  totals.requests_ended = totals.requests_ok = 3;
  CHECK(stop.Judge(totals) == StopReason::kTargetRequests);
}

TEST_CASE("A run stops when its time is over, and wakes for it", "[load][stop_condition]") {
  const StopCondition stop{.duration = 30s, .max_duration = 60s};
  CHECK_FALSE(stop.Judge(After(30s - 1ns)));
  CHECK(stop.Judge(After(30s)) == StopReason::kDuration);
  CHECK(stop.Deadline(After(1s)) == kStart + 30s);
  CHECK(stop.Judge({.now = stop.Deadline(After(1s)), .started_at = kStart}) == StopReason::kDuration);
}

TEST_CASE("The safety limit is a reason of its own", "[load][stop_condition]") {
  const StopCondition stop{.output_tokens = 1000, .max_duration = 60s};
  CHECK_FALSE(stop.Judge(After(60s - 1ns)));
  CHECK(stop.Judge(After(60s)) == StopReason::kMaxDuration);
  CHECK(stop.Deadline(After(1s)) == kStart + 60s);
}

TEST_CASE("A deadline beyond the end of time is the end of time", "[load][stop_condition]") {
  CHECK(StopCondition{.duration = Duration::max()}.Deadline(After(1s)) == kEndOfTime);
}

TEST_CASE("Before the first success a few failures in a row end the run, afterwards it takes many",
          "[load][stop_condition]") {
  const StopCondition stop;
  RunTotals totals = After(1s);
  totals.consecutive_failures = 9;
  CHECK_FALSE(stop.Judge(totals));
  totals.consecutive_failures = 10;
  CHECK(stop.Judge(totals) == StopReason::kConsecutiveFailures);
  totals.requests_ok = 1;
  CHECK_FALSE(stop.Judge(totals));
  totals.consecutive_failures = 99;
  CHECK_FALSE(stop.Judge(totals));
  totals.consecutive_failures = 100;
  CHECK(stop.Judge(totals) == StopReason::kConsecutiveFailures);
}

TEST_CASE("Without a limit for the start, that for later counts from the start", "[load][stop_condition]") {
  const StopCondition stop{.consecutive_failures_at_start = {}, .consecutive_failures = 20};
  RunTotals totals = After(1s);
  totals.consecutive_failures = 19;
  CHECK_FALSE(stop.Judge(totals));
  totals.consecutive_failures = 20;
  CHECK(stop.Judge(totals) == StopReason::kConsecutiveFailures);
}

TEST_CASE("Limits of failures can be lifted", "[load][stop_condition]") {
  const StopCondition stop{.consecutive_failures_at_start = {}, .consecutive_failures = {}};
  RunTotals totals = After(1s);
  totals.consecutive_failures = 1'000'000;
  CHECK_FALSE(stop.Judge(totals));
}

TEST_CASE("A run stops when the first requests were all refused, and not once one was not",
          "[load][stop_condition]") {
  const StopCondition stop{
      .consecutive_failures_at_start = {}, .consecutive_failures = {}, .refusals_at_start = 5};
  RunTotals totals = After(1s);
  totals.refusals_at_start = 4;
  CHECK_FALSE(stop.Judge(totals));
  totals.refusals_at_start = 5;
  CHECK(stop.Judge(totals) == StopReason::kRefused);
  totals.requests_ok = 1;
  CHECK_FALSE(stop.Judge(totals));
}

TEST_CASE("What repeating cannot mend is a refusal; what load or chance may have done is none",
          "[load][stop_condition]") {
  const auto outcome = [](OutcomeClass cls, std::optional<int> status = {}) {
    return Outcome{.cls = cls, .http_status = status, .retry_after = {}, .message = ""};
  };
  for (const int status : {400, 401, 403, 404, 405, 422}) {
    CHECK(IsRefusal(outcome(OutcomeClass::kHttpStatus, status)));
  }
  for (const int status : {408, 409, 500, 502, 504})
    CHECK_FALSE(IsRefusal(outcome(OutcomeClass::kHttpStatus, status)));
  CHECK(IsRefusal(outcome(OutcomeClass::kDnsFailed)));
  CHECK(IsRefusal(outcome(OutcomeClass::kTlsFailed)));
  CHECK_FALSE(IsRefusal(outcome(OutcomeClass::kOk, 200)));
  CHECK_FALSE(IsRefusal(outcome(OutcomeClass::kConnectFailed)));
  CHECK_FALSE(IsRefusal(outcome(OutcomeClass::kOverload, 429)));
  CHECK_FALSE(IsRefusal(outcome(OutcomeClass::kIdleTimeout, 200)));
}

TEST_CASE("Requests get a set time to end after the last one was sent, and the run wakes for it",
          "[load][stop_condition]") {
  const StopCondition stop{.requests = 10, .settle = 5s};
  RunTotals totals = After(100s);
  totals.requests_issued = 10;
  CHECK_FALSE(stop.Judge(totals));
  CHECK(stop.Deadline(totals) == kEndOfTime);
  totals.all_issued_at = kStart + 96s;
  CHECK_FALSE(stop.Judge(totals));
  CHECK(stop.Deadline(totals) == kStart + 101s);
  totals.now = kStart + 101s;
  CHECK(stop.Judge(totals) == StopReason::kDrainDeadline);
  totals.requests_ended = totals.requests_ok = 10;
  CHECK(stop.Judge(totals) == StopReason::kTargetRequests);
}

TEST_CASE("Of several limits met at once, tokens are named first, then failures, requests, time",
          "[load][stop_condition]") {
  StopCondition stop{.output_tokens = 100, .requests = 10, .duration = 5s, .max_duration = 5s};
  RunTotals totals = After(5s);
  totals.output_tokens = 100;
  totals.requests_issued = totals.requests_ended = totals.consecutive_failures = 10;
  CHECK(stop.Judge(totals) == StopReason::kTargetTokens);
  totals.output_tokens = 0;
  CHECK(stop.Judge(totals) == StopReason::kConsecutiveFailures);  // ten requests ended, but not one worked
  totals.consecutive_failures = 0;
  CHECK(stop.Judge(totals) == StopReason::kTargetRequests);
  totals.requests_ended = 9;
  CHECK(stop.Judge(totals) == StopReason::kDuration);
  stop.duration.reset();
  CHECK(stop.Judge(totals) == StopReason::kMaxDuration);
}

TEST_CASE("Limits that make no sense are refused with a sentence", "[load][stop_condition]") {
  const auto problem = [](const StopCondition& stop) { return std::string(stop.Validate().message()); };
  CHECK(problem({}).empty());
  CHECK(problem({.output_tokens = 1, .requests = 1, .duration = 1ns, .max_duration = 1ns}).empty());
  CHECK(problem({.output_tokens = 0}) ==
        "output_tokens is 0: expected 1 or more, or nothing for no such limit");
  CHECK(problem({.requests = -1}) == "requests is -1: expected 1 or more, or nothing for no such limit");
  CHECK(problem({.duration = 0s}) == "duration is 0s: expected more than 0s, or nothing for no such limit");
  CHECK(problem({.max_duration = -2s}) ==
        "max_duration is -2s: expected more than 0s, or nothing for no such limit");
  CHECK(problem({.consecutive_failures_at_start = 0}) ==
        "consecutive_failures_at_start is 0: expected 1 or more, or nothing for no such limit");
  CHECK(problem({.refusals_at_start = 0}) ==
        "refusals_at_start is 0: expected 1 or more, or nothing for no such limit");
  CHECK(problem({.settle = 0s}) == "settle is 0s: expected more than 0s, or nothing for no such limit");
  CHECK(problem({.consecutive_failures = 0}) ==
        "consecutive_failures is 0: expected 1 or more, or nothing for no such limit");
}

TEST_CASE("Each stop reason has a name of its own", "[load][stop_condition]") {
  std::set<std::string_view> names;
  for (const StopReason reason :
       {StopReason::kTargetTokens, StopReason::kTargetRequests, StopReason::kDuration,
        StopReason::kSourceExhausted, StopReason::kMaxDuration, StopReason::kConsecutiveFailures,
        StopReason::kRefused, StopReason::kDrainDeadline, StopReason::kInterrupted,
        StopReason::kPluginFault}) {
    names.insert(ToString(reason));
  }
  CHECK(names == std::set<std::string_view>{"target_tokens", "target_requests", "duration",
                                            "source_exhausted", "max_duration", "consecutive_failures",
                                            "refused", "drain_deadline", "interrupted", "plugin_fault"});
}

}  // namespace
}  // namespace llmdyno
