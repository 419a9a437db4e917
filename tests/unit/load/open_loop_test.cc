#include "llmdyno/load/open_loop.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1000s};

std::unique_ptr<LoadModel> TenPerSecond(int64_t requests, std::optional<int64_t> max_in_flight = {}) {
  auto arrivals = MakeConstantArrivals({.rate = {.final_per_second = 10}, .requests = requests}).value();
  return MakeOpenLoop(std::move(arrivals), max_in_flight).value();
}

LoadState At(Duration elapsed, int64_t in_flight = 0) {
  return {.now = kStart + elapsed, .started_at = kStart, .in_flight = in_flight};
}

std::optional<Duration> DueAt(LoadModel& model, const LoadState& state) {
  const LoadDecision decision = model.Next(state);
  const auto* issue = std::get_if<IssueAt>(&decision);
  return issue != nullptr ? std::optional(issue->at - state.started_at) : std::nullopt;
}

TEST_CASE("An open loop sends on its schedule and finishes with it", "[load][open_loop]") {
  const auto model = TenPerSecond(3);
  for (const Duration due : {0ms, 100ms, 200ms}) {
    CHECK(DueAt(*model, At(due)) == due);
    CHECK(DueAt(*model, At(due)) == due);  // asking again draws nothing
    model->OnIssued(At(due));
  }
  CHECK(std::holds_alternative<LoadFinished>(model->Next(At(200ms))));
  CHECK(std::holds_alternative<LoadFinished>(model->Next(At(1h))));
}

TEST_CASE("An open loop does not wait for the endpoint", "[load][open_loop]") {
  const auto model = TenPerSecond(100'000);
  for (int64_t sent = 0; sent < 50'000; ++sent) {
    REQUIRE(DueAt(*model, At(sent * 100ms, sent)) == sent * 100ms);
    model->OnIssued(At(sent * 100ms, sent));
  }
}

TEST_CASE("An open loop that fell behind catches up with what it missed, each at its own instant",
          "[load][open_loop]") {
  const auto model = TenPerSecond(100);
  const LoadState late = At(450ms);
  for (const Duration due : {0ms, 100ms, 200ms, 300ms, 400ms}) {
    CHECK(DueAt(*model, late) == due);
    model->OnIssued(late);
  }
  CHECK(DueAt(*model, late) == 500ms);
}

TEST_CASE("A limit of requests in flight holds sends back but not their instants", "[load][open_loop]") {
  const auto model = TenPerSecond(10, 2);
  for (int64_t sent = 0; sent < 2; ++sent) {
    CHECK(DueAt(*model, At(100ms, sent)) == sent * 100ms);
    model->OnIssued(At(100ms, sent));
  }
  CHECK(std::holds_alternative<AwaitCompletion>(model->Next(At(5s, 2))));
  model->OnFinished(0, {}, At(5s, 1));
  CHECK(DueAt(*model, At(5s, 1)) == 200ms);
}

TEST_CASE("Whatever fails, an open loop neither waits nor repeats", "[load][open_loop]") {
  const auto model = TenPerSecond(3);
  model->OnIssued(At(0ms));
  const Outcome overload{
      .cls = OutcomeClass::kOverload, .http_status = 503, .retry_after = 60s, .message = ""};
  model->OnFinished(0, overload, At(10ms));
  CHECK(DueAt(*model, At(10ms)) == 100ms);
  CHECK_FALSE(model->user_count());
}

TEST_CASE("An open loop's configuration is checked in words", "[load][open_loop]") {
  const auto problem = [](const OpenLoopConfig& config) { return std::string(config.Validate().message()); };
  CHECK(problem({}).empty());
  CHECK(problem({.arrivals = "gamma:burstiness=0.5", .max_in_flight = 1}).empty());
  CHECK(problem({.arrivals = ""}).find("expected a name") != std::string::npos);
  CHECK(problem({.max_in_flight = 0}) ==
        "max_in_flight is 0: expected 1 or more, or nothing for no such limit");
  CHECK(problem({.schedule = {.rate = {.final_per_second = -2}}}).find("the rate is -2") !=
        std::string::npos);
  CHECK_FALSE(MakeOpenLoop(MakeConstantArrivals({}).value(), -1).ok());
}

}  // namespace
}  // namespace llmdyno
