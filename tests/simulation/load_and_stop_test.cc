// Who sends when, and what ends a run.
#include <algorithm>
#include <set>

#include "simulation/simulated_run.h"

using namespace llmdyno;

namespace {

SimulatedEndpoint Streams(const StreamShape& shape = {}) {
  return [=](const HttpRequest&, int64_t) { return StreamedChat(shape); };
}

SimulatedEndpoint Dead() {
  return [](const HttpRequest&, int64_t) { return Failure(OutcomeClass::kConnectFailed); };
}

// A source made of a function of the call's number; it also counts what it is told.
class ScriptedSource final : public RequestSource {
 public:
  using Script = std::function<NextRequest(TimePoint now, int64_t sent, int64_t finished)>;
  explicit ScriptedSource(Script script) : script_(std::move(script)) {}
  NextRequest Next(TimePoint now) override {
    NextRequest next = script_(now, sent_, finished_);
    if (std::holds_alternative<Request>(next)) ++sent_;
    return next;
  }
  void OnFinished(const RequestRecord&) override { ++finished_; }

 private:
  Script script_;
  int64_t sent_ = 0;
  int64_t finished_ = 0;
};

Request Question(int64_t id) {
  Request request;
  request.id = id;
  request.body = ChatBody{{{"user", "?"}}};
  return request;
}

}  // namespace

TEST_CASE("Users begin one by one at the spawn rate", "[load]") {
  SimulatedRun run({.endpoint = Streams({.tokens = 1000}),
                    .load = {.users = 10, .ramp_users_per_second = 5},
                    .stop = {.duration = 10s}});
  const RunResult result = run.Execute();
  REQUIRE(run.transport.sent_at().size() >= 10);
  for (int64_t user = 0; user < 10; ++user) {
    CHECK(run.transport.sent_at()[static_cast<size_t>(user)] == result.started_at + user * 200ms);
  }
  CHECK(result.first_sent_at == result.started_at);
  CHECK(result.all_users_active_at == result.started_at + 1800ms);
}

TEST_CASE("A ramp that the run does not live to see ended is not reported as ended", "[load]") {
  SimulatedRun run(
      {.endpoint = Streams(), .load = {.users = 10, .ramp_users_per_second = 1}, .stop = {.duration = 3s}});
  CHECK_FALSE(run.Execute().all_users_active_at);
}

TEST_CASE("A user sends again at the very instant at which its answer ended", "[load]") {
  SimulatedRun run({.endpoint = Streams({.tokens = 7}),
                    .load = {.users = 4, .ramp_users_per_second = 0},
                    .stop = {.requests = 100}});
  const RunResult result = run.Execute();
  CHECK(result.peak_in_flight == 4);
  std::map<int64_t, std::vector<const RequestRecord*>> by_user;
  for (const RequestRecord& record : run.records()) by_user[record.user_id].push_back(&record);
  CHECK(by_user.size() == 4);
  for (const auto& [user, records] : by_user) {
    for (size_t i = 0; i < records.size(); ++i) {
      CHECK(records[i]->user_request == static_cast<int64_t>(i) + 1);
      CHECK(records[i]->scheduled_at == records[i]->started_at);
      if (i > 0) CHECK(records[i]->started_at == records[i - 1]->ended_at);
    }
  }
}

TEST_CASE("As many requests are sent as were asked for, whatever the users", "[stop]") {
  for (const int64_t users : {1, 3, 10, 64, 200}) {
    SimulatedRun run({.endpoint = Streams(),
                      .load = {.users = users, .ramp_users_per_second = 0},
                      .stop = {.requests = 37}});
    const RunResult result = run.Execute();
    CHECK(result.stop_reason == StopReason::kTargetRequests);
    CHECK(run.transport.sent().size() == 37);
    CHECK(result.totals.requests_ended == 37);
    CHECK(result.in_flight_at_line == 0);
    CHECK(result.peak_in_flight == std::min<int64_t>(users, 37));
  }
}

TEST_CASE("Failed requests count as requests", "[stop]") {
  const auto endpoint = [](const HttpRequest&, int64_t index) {
    return index % 2 == 0 ? AnswerOf(500, "{}") : StreamedChat({});
  };
  SimulatedRun run(
      {.endpoint = endpoint, .load = {.users = 3, .ramp_users_per_second = 0}, .stop = {.requests = 20}});
  const RunResult result = run.Execute();
  CHECK(result.totals.requests_ended == 20);
  CHECK(result.totals.requests_ok == 10);
}

TEST_CASE("A run of a set time ends at that very instant", "[stop]") {
  SimulatedRun run({.endpoint = Streams({.inter_token_latency = 333ms}), .stop = {.duration = 60s}});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kDuration);
  CHECK(result.finish_line == result.started_at + 60s);
}

TEST_CASE("The safety limit ends a run that does not reach its target, and says so", "[stop]") {
  SimulatedRun run({.endpoint = Streams({.inter_token_latency = 1s}),
                    .stop = {.output_tokens = 1'000'000, .max_duration = 1h}});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kMaxDuration);
  CHECK(result.finish_line == result.started_at + 1h);
}

TEST_CASE("A stalled endpoint cannot keep a run beyond its time", "[stop]") {
  const auto stalled = [](const HttpRequest&, int64_t) { return Failure(OutcomeClass::kTotalTimeout, 100h); };
  SimulatedRun run({.endpoint = stalled,
                    .load = {.users = 3, .ramp_users_per_second = 0},
                    .stop = {.duration = 10s},
                    .drain_timeout = 5s});
  const RunResult result = run.Execute();
  CHECK(result.finish_line == result.started_at + 10s);
  CHECK(result.drained_at == result.started_at + 15s);
  CHECK(result.cancelled_in_drain == 3);
}

TEST_CASE("An endpoint that never worked is given up after a few attempts", "[stop][back_off]") {
  SimulatedRun run({.endpoint = Dead(), .load = {.users = 80, .ramp_users_per_second = 20}});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kConsecutiveFailures);
  CHECK(run.transport.sent().size() >= 10);
  CHECK(run.transport.sent().size() <= 20);
  CHECK(result.last_failure == "simulated connect_failed");
}

TEST_CASE("An endpoint that worked once gets more patience", "[stop][back_off]") {
  const auto endpoint = [](const HttpRequest&, int64_t index) {
    return index == 0 ? StreamedChat({}) : Failure(OutcomeClass::kConnectFailed);
  };
  SimulatedRun run({.endpoint = endpoint});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kConsecutiveFailures);
  CHECK(result.totals.consecutive_failures == 100);
}

TEST_CASE("A success between failures starts their count anew", "[stop]") {
  const auto endpoint = [](const HttpRequest&, int64_t index) {
    return index % 10 == 9 ? StreamedChat({.tokens = 1}) : Failure(OutcomeClass::kConnectFailed);
  };
  SimulatedRun run({.endpoint = endpoint, .stop = {.requests = 500}});
  CHECK(run.Execute().stop_reason == StopReason::kTargetRequests);
}

TEST_CASE("A dead endpoint is never hammered, even when failures end nothing", "[back_off]") {
  SimulatedRun run(
      {.endpoint = Dead(),
       .load = {.users = 8, .ramp_users_per_second = 0},
       .stop = {.duration = 10min, .consecutive_failures_at_start = {}, .consecutive_failures = {}}});
  run.Execute();
  // The pause grows to 5 s, less half of it at most: no user sends more than 600 / 2.5 times, plus the first
  // few.
  CHECK(std::ssize(run.transport.sent()) <= 8 * (600 * 2 / 5 + 10));
  CHECK(std::ssize(run.transport.sent()) >= 8 * 600 * 2 / 15);
  std::map<int64_t, std::vector<TimePoint>> by_user;
  for (const RequestRecord& record : run.records()) by_user[record.user_id].push_back(record.started_at);
  for (const auto& [user, sends] : by_user) {
    for (size_t i = 1; i < sends.size(); ++i) {
      const Duration pause = sends[i] - sends[i - 1];
      CHECK(pause >= std::min<Duration>(50ms * (1 << std::min<size_t>(i - 1, 10)), 2500ms));
    }
  }
}

TEST_CASE("Retry-After is honoured up to its limit", "[back_off]") {
  for (const auto& [asked, expected] : {std::pair<Duration, Duration>{7s, 7s}, {1h, 60s}}) {
    const auto endpoint = [asked = asked](const HttpRequest&, int64_t index) {
      if (index > 0) return StreamedChat({});
      SimulatedResponse refused = AnswerOf(503, R"({"error":{"message":"queue full"}})");
      refused.retry_after = asked;
      return refused;
    };
    SimulatedRun run({.endpoint = endpoint, .stop = {.requests = 2}});
    run.Execute();
    CHECK(run.records()[0].outcome.cls == OutcomeClass::kOverload);
    CHECK(run.records()[0].outcome.retry_after == asked);
    CHECK(run.records()[1].started_at - run.records()[0].ended_at == expected);
  }
}

TEST_CASE("Stop draws the line and lets requests end; Abort cancels them", "[control]") {
  for (const bool abort : {false, true}) {
    RunControl* control = nullptr;
    SimulatedRun run({.endpoint = Streams({.tokens = 1000}),
                      .load = {.users = 3, .ramp_users_per_second = 0},
                      .on_progress =
                          [&](const RunProgress& progress) {
                            if (progress.draining) return;
                            abort ? control->Abort() : control->Stop();
                          },
                      .progress_interval = 5s});
    control = &run.control;
    const RunResult result = run.Execute();
    CHECK(result.stop_reason == StopReason::kInterrupted);
    CHECK(result.finish_line == result.started_at + 5s);
    CHECK(result.in_flight_at_line == 3);
    CHECK(result.cancelled_in_drain == (abort ? 3 : 0));
    CHECK((result.drained_at == result.finish_line) == abort);
    // A request that is cancelled in the very instant of the line has no tokens by it; that happens in
    // virtual time only.
    if (!abort) CHECK(run.TokensByLine() == result.totals.output_tokens);
  }
}

TEST_CASE("Abort during the drain ends it", "[control]") {
  RunControl* control = nullptr;
  int reports_of_drain = 0;  // one at the line, then one every 4 s
  SimulatedRun run({.endpoint = Streams({.tokens = 100'000}),
                    .stop = {.duration = 10s},
                    .drain_timeout = 10min,
                    .on_progress =
                        [&](const RunProgress& progress) {
                          if (progress.draining && ++reports_of_drain == 2) control->Abort();
                        },
                    .progress_interval = 4s});
  control = &run.control;
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kDuration);
  CHECK(result.drained_at == result.started_at + 14s);
  CHECK(result.cancelled_in_drain == 1);
}

TEST_CASE("A run that is stopped before it begins sends nothing", "[control]") {
  SimulatedRun run({.endpoint = Streams()});
  run.control.Stop();
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kInterrupted);
  CHECK(run.transport.sent().empty());
  CHECK_FALSE(result.first_sent_at);
}

TEST_CASE("The end of the workload ends the run once the last answer is there", "[source]") {
  const auto three = [](TimePoint, int64_t sent, int64_t) -> NextRequest {
    if (sent == 3) return Exhausted{};
    return Question(sent);
  };
  SimulatedRun run({.endpoint = Streams(),
                    .load = {.users = 2, .ramp_users_per_second = 0},
                    .source = std::make_unique<ScriptedSource>(three)});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kSourceExhausted);
  CHECK(result.totals.requests_ok == 3);
  CHECK(result.finish_line == run.records().back().ended_at);
}

TEST_CASE("An empty workload ends the run at once", "[source]") {
  const auto nothing = [](TimePoint, int64_t, int64_t) -> NextRequest { return Exhausted{}; };
  SimulatedRun run({.endpoint = Streams(), .source = std::make_unique<ScriptedSource>(nothing)});
  CHECK(run.Execute().stop_reason == StopReason::kSourceExhausted);
}

TEST_CASE("A request that is not due yet is sent at its instant", "[source]") {
  SimulatedClock probe;
  const TimePoint start = probe.Now();
  const auto trace = [=](TimePoint now, int64_t sent, int64_t) -> NextRequest {
    if (sent == 4) return Exhausted{};
    const TimePoint due = start + sent * sent * 1s;
    if (now < due) return NotBefore{due};
    return Question(sent);
  };
  SimulatedRun run({.endpoint = Streams({.tokens = 2}),
                    .load = {.users = 8, .ramp_users_per_second = 0},
                    .source = std::make_unique<ScriptedSource>(trace)});
  run.Execute();
  REQUIRE(run.transport.sent_at().size() == 4);
  for (int64_t i = 0; i < 4; ++i)
    CHECK(run.transport.sent_at()[static_cast<size_t>(i)] == start + i * i * 1s);
}

TEST_CASE("A request that depends on an answer waits for it, however many users are free", "[source]") {
  const auto conversation = [](TimePoint, int64_t sent, int64_t finished) -> NextRequest {
    if (sent == 5) return Exhausted{};
    if (sent > finished) return AwaitResponse{};
    return Question(sent);
  };
  SimulatedRun run({.endpoint = Streams(),
                    .load = {.users = 4, .ramp_users_per_second = 0},
                    .source = std::make_unique<ScriptedSource>(conversation)});
  const RunResult result = run.Execute();
  CHECK(result.peak_in_flight == 1);
  CHECK(result.totals.requests_ok == 5);
}

TEST_CASE("A workload that awaits an answer while nothing is under way ends the run instead of hanging it",
          "[source]") {
  const auto stuck = [](TimePoint, int64_t sent, int64_t) -> NextRequest {
    if (sent == 1) return AwaitResponse{};
    return Question(sent);
  };
  SimulatedRun run({.endpoint = Streams(), .source = std::make_unique<ScriptedSource>(stuck)});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kSourceExhausted);
  CHECK(result.totals.requests_ok == 1);
}

namespace {

// Sends three requests at once, then wants no more.
class ThreeAtOnce final : public LoadModel {
 public:
  LoadDecision Next(const LoadState& state) override {
    if (state.issued < 3) return IssueAt{state.started_at, state.issued};
    return LoadFinished{};
  }
  void OnIssued(const LoadState&) override {}
  void OnFinished(int64_t, const Outcome&, const LoadState&) override {}
  int64_t active_users(const LoadState& state) const override { return state.in_flight; }
};

}  // namespace

TEST_CASE("A load that is finished ends the run when the last answer is there", "[load]") {
  SimulatedRun run({.endpoint = Streams(), .load_model = std::make_unique<ThreeAtOnce>()});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kSourceExhausted);
  CHECK(result.totals.requests_ok == 3);
}

TEST_CASE("A body that the dialect cannot carry fails the run with its sentence", "[run]") {
  SimulatedRun run({.endpoint = Streams(), .dialect = {.route = OpenAiRoute::kCompletions}});
  const auto result = run.TryExecute();
  REQUIRE_FALSE(result.ok());
  CHECK(result.status().message() == "the completions route carries a bare prompt, not a conversation");
  CHECK(run.transport.sent().empty());
}

TEST_CASE("A stop condition that makes no sense is refused", "[run]") {
  SimulatedRun run({.endpoint = Streams(), .stop = {.requests = 0}});
  CHECK_FALSE(run.TryExecute().ok());
}

TEST_CASE("Warm-up requests are marked and share no id with the measured ones", "[run]") {
  SimulatedRun warm_up({.endpoint = Streams(),
                        .load = {.users = 2, .ramp_users_per_second = 0},
                        .stop = {.requests = 5},
                        .phase = RunPhase::kWarmUp});
  warm_up.Execute();
  SimulatedRun measured({.endpoint = Streams(),
                         .load = {.users = 2, .ramp_users_per_second = 0},
                         .stop = {.requests = 50},
                         .first_request_id = 5});
  measured.Execute();
  std::set<int64_t> ids;
  for (const RequestRecord& record : warm_up.records()) {
    CHECK(record.phase == RunPhase::kWarmUp);
    ids.insert(record.request_id);
  }
  for (const RequestRecord& record : measured.records()) {
    CHECK(record.phase == RunPhase::kMeasured);
    ids.insert(record.request_id);
  }
  CHECK(ids.size() == 55);
  CHECK(*ids.begin() == 0);
  CHECK(*ids.rbegin() == 54);
}

TEST_CASE(
    "Progress comes at its interval and at the finish line, never goes back, and says when the run drains",
    "[progress]") {
  std::vector<RunProgress> seen;
  SimulatedRun run({.endpoint = Streams({.tokens = 500}),
                    .load = {.users = 4, .ramp_users_per_second = 2},
                    .stop = {.duration = 12s},
                    .on_progress = [&](const RunProgress& progress) { seen.push_back(progress); }});
  const RunResult result = run.Execute();
  // The streams under way at the line end at about 20 s.
  const std::vector<Duration> expected = {5s, 10s, 12s, 17s};
  REQUIRE(seen.size() >= expected.size());
  for (size_t i = 0; i < seen.size(); ++i) {
    if (i < expected.size()) CHECK(seen[i].totals.now == result.started_at + expected[i]);
    CHECK(seen[i].active_users == 4);
    CHECK(seen[i].draining == (i >= 2));
    if (i > 0) CHECK(seen[i].totals.output_tokens >= seen[i - 1].totals.output_tokens);
    CHECK(seen[i].totals.output_tokens <= result.totals.output_tokens);
  }
  CHECK(seen[0].in_flight == 4);
}

TEST_CASE("The same seed and endpoint give the same run, to the nanosecond", "[run]") {
  const auto execute = [] {
    const auto endpoint = [](const HttpRequest&, int64_t index) {
      return index % 5 == 4 ? Failure(OutcomeClass::kConnectFailed)
                            : StreamedChat({.tokens = 3 + index % 11});
    };
    SimulatedRun run({.endpoint = endpoint,
                      .load = {.users = 16, .ramp_users_per_second = 10},
                      .stop = {.output_tokens = 2000}});
    run.Execute();
    std::vector<std::pair<int64_t, TimePoint>> sends;
    for (const RequestRecord& record : run.records()) sends.emplace_back(record.user_id, record.started_at);
    return sends;
  };
  CHECK(execute() == execute());
}

TEST_CASE("Ten thousand users race in virtual time", "[load][large]") {
  // All begin within 200 ms; each stream takes 100 + 9 x 20 ms, so each user sends twice.
  SimulatedRun run({.endpoint = Streams({.tokens = 10}),
                    .load = {.users = 10'000, .ramp_users_per_second = 50'000},
                    .stop = {.requests = 20'000}});
  const RunResult result = run.Execute();
  CHECK(result.totals.output_tokens == 200'000);
  CHECK(run.TokensByLine() == 200'000);
  CHECK(result.all_users_active_at == result.started_at + 9'999 * 20us);
  std::set<int64_t> users;
  for (const RequestRecord& record : run.records()) users.insert(record.user_id);
  CHECK(users.size() == 10'000);
}
