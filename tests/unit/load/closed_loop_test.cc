#include "llmdyno/load/closed_loop.h"

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1000s};

Outcome Ok() { return {}; }
Outcome Refused() {
  return {.cls = OutcomeClass::kConnectFailed, .http_status = {}, .retry_after = {}, .message = ""};
}
Outcome Overloaded(Duration retry_after) {
  return {.cls = OutcomeClass::kOverload, .http_status = 503, .retry_after = retry_after, .message = ""};
}
Outcome Cancelled() {
  return {.cls = OutcomeClass::kCancelled, .http_status = {}, .retry_after = {}, .message = ""};
}

// What the run loop does, without a run: asks, sends, and is told by the test what ended and when.
class Driver {
 public:
  explicit Driver(const ClosedLoopConfig& config, uint64_t seed = 1)
      : model_(MakeClosedLoop(config, Rng(seed)).value()) {}

  LoadDecision Ask() { return model_->Next(state_); }
  bool Awaits() { return std::holds_alternative<AwaitCompletion>(Ask()); }
  IssueAt NextTurn() {
    const LoadDecision decision = Ask();
    REQUIRE(std::holds_alternative<IssueAt>(decision));
    return std::get<IssueAt>(decision);
  }
  void AdvanceTo(TimePoint now) { state_.now = std::max(state_.now, now); }
  void Issue() {
    model_->OnIssued(state_);
    ++state_.issued;
    ++state_.in_flight;
  }
  // Waits for the next turn and takes it.
  IssueAt Send() {
    const IssueAt turn = NextTurn();
    AdvanceTo(turn.at);
    Issue();
    return turn;
  }
  void Finish(int64_t user_id, const Outcome& outcome = Ok()) {
    --state_.in_flight;
    ++state_.completed;
    model_->OnFinished(user_id, outcome, state_);
  }
  std::optional<int64_t> user_count() const { return model_->user_count(); }
  int64_t active_users() const { return model_->active_users(state_); }
  const LoadState& state() const { return state_; }

 private:
  std::unique_ptr<LoadModel> model_;
  LoadState state_{.now = kStart, .started_at = kStart};
};

TEST_CASE("Users begin one by one at the ramp's rate", "[load][closed_loop]") {
  Driver driver({.users = 10, .ramp_users_per_second = 5});
  CHECK(driver.user_count() == 10);
  CHECK(driver.active_users() == 0);
  for (int64_t user = 0; user < 10; ++user) {
    const IssueAt turn = driver.Send();
    CHECK(turn.user_id == user);
    CHECK(turn.at == kStart + user * 200ms);  // 5 users a second: 0.2 s apart
    CHECK(driver.active_users() == user + 1);
  }
  CHECK(driver.Awaits());
}

TEST_CASE("A ramp does not drift", "[load][closed_loop]") {
  Driver driver({.users = 1000, .ramp_users_per_second = 3});
  IssueAt last{};
  for (int i = 0; i < 1000; ++i) last = driver.Send();
  CHECK(last.at == kStart + 333s);  // user 999 at 999 / 3 s
}

TEST_CASE("A ramp of 0 lets all users begin at once, in order", "[load][closed_loop]") {
  Driver driver({.users = 5, .ramp_users_per_second = 0});
  for (int64_t user = 0; user < 5; ++user) {
    const IssueAt turn = driver.Send();
    CHECK(turn.at == kStart);
    CHECK(turn.user_id == user);
  }
}

TEST_CASE("A ramp that reaches beyond the end of time does not come round to its beginning",
          "[load][closed_loop]") {
  Driver driver({.users = 3, .ramp_users_per_second = 1e-300});
  CHECK(driver.Send().at == kStart);
  CHECK(driver.NextTurn().at > kStart + std::chrono::years(280));
}

TEST_CASE("A user's next request is due the instant its last one ended", "[load][closed_loop]") {
  Driver driver({.users = 2, .ramp_users_per_second = 0});
  driver.Send();
  driver.Send();
  driver.AdvanceTo(kStart + 3s);
  driver.Finish(1);
  const IssueAt turn = driver.NextTurn();
  CHECK(turn.user_id == 1);
  CHECK(turn.at == kStart + 3s);
}

TEST_CASE("As many requests are in flight as there are users", "[load][closed_loop]") {
  Driver driver({.users = 8, .ramp_users_per_second = 0});
  Rng rng(3);
  std::vector<int64_t> in_flight;
  for (int i = 0; i < 2000; ++i) {
    while (!driver.Awaits()) {
      const IssueAt turn = driver.Send();
      REQUIRE(std::find(in_flight.begin(), in_flight.end(), turn.user_id) == in_flight.end());
      in_flight.push_back(turn.user_id);
    }
    REQUIRE(in_flight.size() == 8);
    driver.AdvanceTo(driver.state().now + 1ms);
    const auto ended = in_flight.begin() + rng.UniformInt(0, 7);
    driver.Finish(*ended);
    in_flight.erase(ended);
  }
}

TEST_CASE("A model that has fallen behind names instants in the past, earliest first",
          "[load][closed_loop]") {
  Driver driver({.users = 4, .ramp_users_per_second = 1});
  driver.AdvanceTo(kStart + 1h);
  for (int64_t user = 0; user < 4; ++user) {
    const IssueAt turn = driver.NextTurn();
    CHECK(turn.at == kStart + user * 1s);
    CHECK(turn.user_id == user);
    driver.Issue();
  }
}

TEST_CASE("The user who has waited longest goes first, and among equals the one who came first",
          "[load][closed_loop]") {
  Driver driver({.users = 4, .ramp_users_per_second = 0});
  for (int i = 0; i < 4; ++i) driver.Send();
  driver.AdvanceTo(kStart + 1s);
  driver.Finish(2);
  driver.Finish(0);
  driver.Finish(3);
  driver.AdvanceTo(kStart + 2s);
  driver.Finish(1);
  std::vector<int64_t> order;
  for (int i = 0; i < 4; ++i) order.push_back(driver.Send().user_id);
  CHECK(order == std::vector<int64_t>{2, 0, 3, 1});
}

TEST_CASE("Asking twice gives the same answer", "[load][closed_loop]") {
  Driver driver({.users = 3, .ramp_users_per_second = 2});
  for (int i = 0; i < 50; ++i) {
    if (driver.Awaits()) {
      CHECK(driver.Awaits());
      driver.AdvanceTo(driver.state().now + 10ms);
      driver.Finish(i % 3, i % 2 == 0 ? Ok() : Refused());
      continue;
    }
    const IssueAt first = driver.NextTurn();
    const IssueAt second = driver.NextTurn();
    CHECK(first.at == second.at);
    CHECK(first.user_id == second.user_id);
    // Users take turns here, so that the test knows who has something in flight.
    CHECK(driver.Send().user_id == first.user_id);
    while (!driver.Awaits() && driver.state().in_flight < 3) driver.Send();
  }
}

TEST_CASE("A turn that came up after the announcement goes first when asked again", "[load][closed_loop]") {
  Driver driver({.users = 2, .ramp_users_per_second = 0});
  driver.Send();
  driver.Send();
  driver.Finish(0, Overloaded(30s));
  CHECK(driver.NextTurn().user_id == 0);  // in half a minute
  driver.AdvanceTo(kStart + 1s);
  driver.Finish(1);
  CHECK(driver.NextTurn().user_id == 1);  // now
  driver.Issue();
  CHECK(driver.NextTurn().user_id == 0);
  CHECK(driver.NextTurn().at == kStart + 30s);
}

TEST_CASE("What was announced is what is issued, even when an earlier turn has come up",
          "[load][closed_loop]") {
  Driver driver({.users = 2, .ramp_users_per_second = 0});
  driver.Send();
  driver.Send();
  driver.Finish(0, Refused());
  CHECK(driver.NextTurn().user_id == 0);
  driver.Finish(1);
  driver.Issue();  // user 0, as announced
  CHECK(driver.NextTurn().user_id == 1);
  driver.Issue();
  CHECK(driver.Awaits());
}

TEST_CASE("AwaitCompletion is said only while something is in flight", "[load][closed_loop]") {
  Driver driver({.users = 5, .ramp_users_per_second = 100});
  Rng rng(9);
  std::vector<int64_t> in_flight;
  for (int i = 0; i < 5000; ++i) {
    if (driver.Awaits()) {
      REQUIRE(driver.state().in_flight > 0);
    } else if (rng.Chance(0.5)) {
      in_flight.push_back(driver.Send().user_id);
    }
    if (!in_flight.empty() && rng.Chance(0.5)) {
      driver.AdvanceTo(driver.state().now + 5ms);
      const auto ended = in_flight.begin() + rng.UniformInt(0, static_cast<int64_t>(in_flight.size()) - 1);
      driver.Finish(*ended, rng.Chance(0.3) ? Refused() : Ok());
      in_flight.erase(ended);
    }
  }
}

// The waits of a single user whose requests end as `outcomes` say, each at the instant it was sent.
std::vector<Duration> WaitsAfter(const ClosedLoopConfig& config, const std::vector<Outcome>& outcomes,
                                 uint64_t seed) {
  Driver driver(config, seed);
  std::vector<Duration> waits;
  driver.Send();
  for (const Outcome& outcome : outcomes) {
    const TimePoint ended = driver.state().now;
    driver.Finish(0, outcome);
    waits.push_back(driver.Send().at - ended);
  }
  return waits;
}

constexpr ClosedLoopConfig kOneUser = {.users = 1,
                                       .ramp_users_per_second = 20,
                                       .first_backoff = 100ms,
                                       .max_backoff = 5s,
                                       .max_retry_after = 60s};

TEST_CASE("Back-off doubles with each failure up to its limit, give or take half", "[load][closed_loop]") {
  const std::vector<Duration> nominal = {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5s, 5s, 5s};
  std::vector<double> sums(nominal.size());
  constexpr int kSeeds = 400;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto waits = WaitsAfter(kOneUser, std::vector<Outcome>(nominal.size(), Refused()), seed);
    for (size_t i = 0; i < nominal.size(); ++i) {
      REQUIRE(waits[i] >= nominal[i] / 2);
      REQUIRE(waits[i] <= nominal[i] * 3 / 2);
      sums[i] += ToSeconds(waits[i]);
    }
  }
  // Uniform in nominal +- half: the mean of 400 has a standard error of 0.29 / 20 = 1.4 %.
  for (size_t i = 0; i < nominal.size(); ++i) {
    CHECK(sums[i] / kSeeds == Approx(ToSeconds(nominal[i])).epsilon(0.08));
  }
}

TEST_CASE("Back-off stays at its limit however long the failures go on", "[load][closed_loop]") {
  for (const Duration wait : WaitsAfter(kOneUser, std::vector<Outcome>(500, Refused()), 1))
    CHECK(wait <= 7500ms);
}

TEST_CASE("A success ends the back-off and the next failure starts it afresh", "[load][closed_loop]") {
  const auto waits = WaitsAfter(kOneUser, {Refused(), Refused(), Refused(), Refused(), Ok(), Refused()}, 2);
  CHECK(waits[3] >= 400ms);
  CHECK(waits[4] == 0s);
  CHECK(waits[5] <= 150ms);
}

TEST_CASE("A cancelled request neither backs off nor counts as success or failure", "[load][closed_loop]") {
  const auto waits = WaitsAfter(kOneUser, {Cancelled(), Refused(), Refused(), Cancelled(), Refused()}, 3);
  CHECK(waits[0] == 0s);
  CHECK(waits[1] <= 150ms);
  CHECK(waits[3] == 0s);
  CHECK(waits[4] >= 200ms);  // the third failure in a row: 400 ms, give or take half
}

TEST_CASE("Users back off each by itself", "[load][closed_loop]") {
  Driver driver({.users = 2, .ramp_users_per_second = 0, .first_backoff = 100ms, .max_backoff = 10s});
  driver.Send();
  driver.Send();
  driver.Finish(0, Refused());
  driver.Finish(1, Ok());
  CHECK(driver.NextTurn().user_id == 1);
  CHECK(driver.NextTurn().at == kStart);
}

TEST_CASE("Users who failed together do not come back together", "[load][closed_loop]") {
  Driver driver({.users = 100, .ramp_users_per_second = 0});
  for (int i = 0; i < 100; ++i) driver.Send();
  for (int64_t user = 0; user < 100; ++user) driver.Finish(user, Refused());
  std::map<TimePoint, int> instants;
  for (int i = 0; i < 100; ++i) ++instants[driver.Send().at];
  CHECK(instants.size() == 100);
}

TEST_CASE("A Retry-After counts when it asks for more than the back-off, up to its limit",
          "[load][closed_loop]") {
  CHECK(WaitsAfter(kOneUser, {Overloaded(7s)}, 4)[0] == 7s);
  CHECK(WaitsAfter(kOneUser, {Overloaded(2h)}, 4)[0] == 60s);
  const Duration short_wish = WaitsAfter(kOneUser, {Overloaded(1ms)}, 4)[0];
  CHECK(short_wish >= 50ms);
  CHECK(short_wish <= 150ms);
}

TEST_CASE("The same seed gives the same back-off", "[load][closed_loop]") {
  const std::vector<Outcome> outcomes(20, Refused());
  CHECK(WaitsAfter(kOneUser, outcomes, 5) == WaitsAfter(kOneUser, outcomes, 5));
  CHECK(WaitsAfter(kOneUser, outcomes, 5) != WaitsAfter(kOneUser, outcomes, 6));
}

TEST_CASE("A hundred thousand users cost a million decisions hardly more than ten do",
          "[load][closed_loop]") {
  // No stopwatch: were a decision linear in the users, this would take minutes and run into the test's time
  // limit.
  Driver driver({.users = 100'000, .ramp_users_per_second = 0});
  for (int i = 0; i < 100'000; ++i) driver.Send();
  Rng rng(7);
  for (int i = 0; i < 1'000'000; ++i) {
    driver.AdvanceTo(driver.state().now + 1us);
    driver.Finish(i % 100'000, rng.Chance(0.5) ? Refused() : Ok());
    if (i % 100'000 == 99'999) {
      for (int turn = 0; turn < 100'000; ++turn) driver.Send();
    }
  }
  CHECK(driver.state().issued == 1'100'000);
  CHECK(driver.Awaits());
}

TEST_CASE("A closed loop that makes no sense is refused with a sentence", "[load][closed_loop]") {
  const auto problem = [](ClosedLoopConfig config) {
    return std::string(MakeClosedLoop(config, Rng(1)).status().message());
  };
  CHECK(problem({}).empty());
  CHECK(problem({.users = 0}) == "users is 0: expected 1 to 10,000,000");
  CHECK(problem({.users = -5}) == "users is -5: expected 1 to 10,000,000");
  CHECK(problem({.ramp_users_per_second = -1}) ==
        "ramp_users_per_second is -1.000000: expected a number of users per second, or 0 to let all begin at "
        "once");
  CHECK_FALSE(problem({.ramp_users_per_second = std::numeric_limits<double>::quiet_NaN()}).empty());
  CHECK(problem({.first_backoff = 0s}) == "first_backoff is 0s: expected 1ms to 24h");
  CHECK(problem({.first_backoff = 2s, .max_backoff = 1s}) == "max_backoff is 1s: expected 2s to 24h");
  CHECK(problem({.max_retry_after = -1s}) == "max_retry_after is -1s: expected 0s to 24h");
}

}  // namespace
}  // namespace llmdyno
