#include "llmdyno/sim/engine_model.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "llmdyno/base/random.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;
using Admission = EngineModel::Admission;

const TimePoint kStart{1h};

// 10 ms a step, 1 ms more per decoding sequence, 1000 prompt tokens a second.
EngineConfig SlowPrefill() {
  return {.max_num_seqs = 4,
          .max_num_batched_tokens = 100,
          .prefill_tokens_per_second = 1000,
          .step_base = 10ms,
          .step_per_sequence = 1ms,
          .step_per_1000_kv_tokens = 0ns,
          .kv_capacity_tokens = 1000,
          .max_waiting = 1000};
}

struct Event {
  TimePoint at;
  EngineModel::Emission emission;
  bool operator==(const Event&) const = default;
};

// Runs to the end and notes everything; every step is taken at its own instant.
std::vector<Event> RunOut(EngineModel& engine) {
  std::vector<Event> events;
  while (const auto at = engine.NextStepAt()) {
    for (const auto& emission : engine.Step(*at)) events.push_back({*at, emission});
  }
  return events;
}

TEST_CASE("A lone sequence gets its first token when its prompt is computed, then one per step",
          "[sim][engine]") {
  EngineModel engine(SlowPrefill());
  REQUIRE(engine.Submit(7, 50, 3, kStart) == Admission::kAccepted);
  const auto events = RunOut(engine);
  // Prefill: max(10 ms, 50 / 1000 per s) = 50 ms. Decode: 10 ms + 1 ms for one sequence.
  const std::vector<Event> expected = {
      {kStart + 50ms, {7, 1, false}}, {kStart + 61ms, {7, 1, false}}, {kStart + 72ms, {7, 1, true}}};
  CHECK(events == expected);
  CHECK_FALSE(engine.NextStepAt().has_value());
}

TEST_CASE("A long prompt is prefilled in chunks of the token budget", "[sim][engine]") {
  EngineModel engine(SlowPrefill());
  engine.Submit(1, 250, 1, kStart);
  // 100 + 100 + 50 tokens at 1000 per second.
  CHECK(RunOut(engine) == std::vector<Event>{{kStart + 250ms, {1, 1, true}}});
}

TEST_CASE("Reading the KV cache makes a step longer", "[sim][engine]") {
  EngineConfig config = SlowPrefill();
  config.step_per_1000_kv_tokens = 20ms;
  EngineModel engine(config);
  engine.Submit(1, 99, 2, kStart);
  const auto events = RunOut(engine);
  // Decoding the second token: 10 ms + 1 ms + (99 + 1) / 1000 x 20 ms = 13 ms.
  CHECK(events.back().at - events.front().at == 13ms);
}

TEST_CASE("The batch never holds more than max_num_seqs", "[sim][engine]") {
  EngineModel engine(SlowPrefill());
  for (uint64_t id = 0; id < 10; ++id) engine.Submit(id, 10, 5, kStart);
  while (const auto at = engine.NextStepAt()) {
    CHECK(engine.running() <= 4);
    CHECK(engine.Step(*at).size() <= 4);
  }
}

TEST_CASE("Reserved KV cache never exceeds the capacity and nothing overtakes a prompt that waits for it",
          "[sim][engine]") {
  EngineConfig config = SlowPrefill();
  config.kv_capacity_tokens = 100;
  EngineModel engine(config);
  engine.Submit(1, 50, 10, kStart);
  engine.Submit(2, 50, 10, kStart);  // 60 + 60 do not fit together
  engine.Submit(3, 5, 5, kStart);    // would fit beside the first, but is behind the second
  std::vector<uint64_t> finished;
  while (const auto at = engine.NextStepAt()) {
    CHECK(engine.kv_reserved_tokens() <= 100);
    for (const auto& emission : engine.Step(*at)) {
      if (emission.finished) finished.push_back(emission.id);
      if (finished.empty()) CHECK(emission.id == 1);
    }
  }
  CHECK(finished == std::vector<uint64_t>{1, 3, 2});  // the third is shorter than the second once both run
}

TEST_CASE("First tokens come in the order of submission", "[sim][engine]") {
  EngineModel engine(SlowPrefill());
  for (uint64_t id = 0; id < 50; ++id) engine.Submit(id, 30, 4, kStart);
  std::map<uint64_t, bool> seen;
  std::vector<uint64_t> order;
  for (const Event& event : RunOut(engine)) {
    if (!std::exchange(seen[event.emission.id], true)) order.push_back(event.emission.id);
  }
  REQUIRE(order.size() == 50);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

double TokensPerSecond(const EngineConfig& config, uint64_t sequences) {
  EngineModel engine(config);
  for (uint64_t id = 0; id < sequences; ++id) engine.Submit(id, 1, 100, kStart);
  const auto events = RunOut(engine);
  return static_cast<double>(events.size()) / ToSeconds(events.back().at - kStart);
}

TEST_CASE("A larger batch gives more tokens per second in total and fewer to each", "[sim][engine]") {
  EngineConfig config = SlowPrefill();
  config.max_num_seqs = 64;
  config.kv_capacity_tokens = 100'000;
  // A step of n sequences lasts 10 + n ms: 91/s at 1, 615/s at 16, 865/s at 64 but for the first step.
  const double alone = TokensPerSecond(config, 1);
  const double some = TokensPerSecond(config, 16);
  const double many = TokensPerSecond(config, 64);
  CHECK(some > 5 * alone);
  CHECK(many > 1.2 * some);
  CHECK(many / 64 < some / 16);
}

TEST_CASE("A full queue refuses and takes again when it has drained", "[sim][engine]") {
  EngineConfig config = SlowPrefill();
  config.max_num_seqs = 1;
  config.max_waiting = 2;
  EngineModel engine(config);
  CHECK(engine.Submit(1, 10, 1, kStart) == Admission::kAccepted);
  CHECK(engine.Submit(2, 10, 1, kStart) == Admission::kAccepted);
  CHECK(engine.Submit(3, 10, 1, kStart) == Admission::kAccepted);
  CHECK(engine.Submit(4, 10, 1, kStart) == Admission::kOverloaded);
  engine.Step(*engine.NextStepAt());
  CHECK(engine.Submit(4, 10, 1, kStart + 10ms) == Admission::kAccepted);
  CHECK(RunOut(engine).size() == 3);
}

TEST_CASE("A sequence larger than the whole KV cache is refused for good", "[sim][engine]") {
  EngineModel engine(SlowPrefill());
  CHECK(engine.Submit(1, 900, 101, kStart) == Admission::kTooLong);
  CHECK(engine.Submit(1, 900, 100, kStart) == Admission::kAccepted);
}

TEST_CASE("A cancelled sequence emits nothing more and makes room", "[sim][engine]") {
  EngineConfig config = SlowPrefill();
  config.max_num_seqs = 1;
  EngineModel engine(config);
  engine.Submit(1, 10, 100, kStart);
  engine.Submit(2, 10, 1, kStart);
  engine.Submit(3, 10, 1, kStart);
  engine.Step(*engine.NextStepAt());
  engine.Cancel(1);   // running
  engine.Cancel(3);   // waiting
  engine.Cancel(99);  // never there
  const auto events = RunOut(engine);
  REQUIRE(events.size() == 1);
  CHECK(events[0].emission == EngineModel::Emission{2, 1, true});
  CHECK(engine.kv_reserved_tokens() == 0);
}

// A made-up day: submissions of random size at random instants.
std::vector<EngineModel::Emission> RandomDay(uint64_t seed) {
  Rng rng(seed);
  EngineModel engine(SlowPrefill());
  std::vector<EngineModel::Emission> emissions;
  TimePoint now = kStart;
  for (uint64_t id = 0; id < 200; ++id) {
    now += Duration(rng.UniformInt(0, 40'000'000));
    while (engine.NextStepAt() && *engine.NextStepAt() <= now) {
      const auto step = engine.Step(now);
      emissions.insert(emissions.end(), step.begin(), step.end());
    }
    const int64_t prompt = rng.UniformInt(0, 150);
    engine.Submit(id, prompt, rng.UniformInt(1, 30), now);
  }
  for (const Event& event : RunOut(engine)) emissions.push_back(event.emission);
  return emissions;
}

TEST_CASE("The same submissions give the same tokens", "[sim][engine]") {
  CHECK(RandomDay(5) == RandomDay(5));
  CHECK(RandomDay(5) != RandomDay(6));
}

TEST_CASE("Every sequence gets exactly the tokens it was submitted for", "[sim][engine]") {
  std::map<uint64_t, int64_t> tokens;
  std::map<uint64_t, int> finishes;
  for (const auto& emission : RandomDay(5)) {
    tokens[emission.id] += emission.tokens;
    finishes[emission.id] += emission.finished ? 1 : 0;
    CHECK(finishes[emission.id] <= 1);
  }
  // The same draws as RandomDay makes.
  Rng rng(5);
  for (uint64_t id = 0; id < 200; ++id) {
    rng.UniformInt(0, 40'000'000);
    rng.UniformInt(0, 150);
    CHECK(tokens[id] == rng.UniformInt(1, 30));
    CHECK(finishes[id] == 1);
  }
}

TEST_CASE("A late caller finds the steps it missed one after another", "[sim][engine]") {
  EngineModel engine(SlowPrefill());
  engine.Submit(1, 10, 3, kStart);
  const TimePoint late = kStart + 1h;
  // 10 ms, then 11 ms each, whatever the caller's clock says.
  CHECK(engine.NextStepAt() == kStart + 10ms);
  CHECK(engine.Step(late).size() == 1);
  CHECK(engine.NextStepAt() == kStart + 21ms);
  CHECK(engine.Step(late).size() == 1);
  CHECK(engine.NextStepAt() == kStart + 32ms);
  CHECK(engine.Step(kStart + 31ms).empty());
  CHECK(engine.Step(late).front().finished);
}

TEST_CASE("An engine config names the field that is out of range", "[sim][engine]") {
  EngineConfig config;
  CHECK(config.Validate().ok());
  config.max_num_seqs = 0;
  CHECK(config.Validate().message() == "max_num_seqs=0: expected at least 1");
  config = {.step_base = 0ns};
  CHECK(config.Validate().message() == "step_base=0s: expected at least 1us");
  config = {.prefill_tokens_per_second = 0};
  CHECK_FALSE(config.Validate().ok());
}

}  // namespace
}  // namespace llmdyno
