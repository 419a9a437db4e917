#include "llmdyno/sim/engine_profile.h"

#include "llmdyno/base/random.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const TimePoint kStart{std::chrono::hours(1)};

const EngineConfig& Profile(std::string_view name) {
  for (const EngineProfile& profile : EngineProfiles()) {
    if (profile.name == name) return profile.engine;
  }
  throw std::runtime_error("no such profile");
}

// So many users in a closed loop for two minutes; prompts of 50-150 tokens and outputs of 128-384, as in the
// race.
double ClosedLoopTokensPerSecond(const EngineConfig& config, uint64_t users) {
  EngineModel engine(config);
  Rng rng(1);
  uint64_t next_id = 0;
  const auto submit = [&](TimePoint now) {
    const int64_t prompt = rng.UniformInt(50, 150);
    engine.Submit(next_id++, prompt, rng.UniformInt(128, 384), now);
  };
  for (uint64_t user = 0; user < users; ++user) submit(kStart);
  int64_t tokens = 0;
  const TimePoint end = kStart + std::chrono::minutes(2);
  while (*engine.NextStepAt() < end) {
    const TimePoint now = *engine.NextStepAt();
    int64_t finished = 0;
    for (const auto& emission : engine.Step(now)) {
      tokens += emission.tokens;
      finished += emission.finished ? 1 : 0;
    }
    for (; finished > 0; --finished) submit(now);
  }
  return static_cast<double>(tokens) / 120.0;
}

TEST_CASE("Profiles reproduce the throughput that was measured on their hardware", "[sim][profile]") {
  const double l4 = ClosedLoopTokensPerSecond(Profile("l4-llama-3.2-3b"), 80);
  CHECK(l4 > 2500);
  CHECK(l4 < 3000);
  const double a10g = ClosedLoopTokensPerSecond(Profile("a10g-llama-3-8b"), 100);
  CHECK(a10g > 3000);
  CHECK(a10g < 4000);
  INFO("l4 " << l4 << " a10g " << a10g);
  const double a100 = ClosedLoopTokensPerSecond(Profile("a100-llama-3-8b"), 150);
  CHECK(a100 > 5000);
  CHECK(a100 < 8000);
  CHECK(ClosedLoopTokensPerSecond(Profile("h100-llama-3.1-70b"), 64) > 1000);
}

TEST_CASE("The H100 profile finishes the measured offline batch in the measured time", "[sim][profile]") {
  EngineConfig config = Profile("h100-llama-3.1-8b");
  EngineModel engine(config);
  // 1000 prompts of 566 tokens, 228 tokens from each, 256 at a time: 54.27 s were measured.
  for (uint64_t id = 0; id < 1000; ++id) engine.Submit(id, 566, 228, kStart);
  TimePoint now = kStart;
  while (engine.NextStepAt()) {
    now = *engine.NextStepAt();
    engine.Step(now);
  }
  CHECK(ToSeconds(now - kStart) == Approx(54.27).epsilon(0.05));
}

TEST_CASE("The embedding profile is bound by its prefill however many texts come at once", "[sim][profile]") {
  for (const uint64_t texts : {16U, 64U, 512U}) {
    EngineModel engine(Profile("a100-qwen3-embedding-4b"));
    for (uint64_t id = 0; id < texts; ++id) engine.Submit(id, 200, 1, kStart);
    TimePoint now = kStart;
    while (engine.NextStepAt()) {
      now = *engine.NextStepAt();
      engine.Step(now);
    }
    CAPTURE(texts);
    CHECK(200.0 * static_cast<double>(texts) / ToSeconds(now - kStart) == Approx(19'400).epsilon(0.1));
  }
}

TEST_CASE("Every profile is valid and has a name of its own", "[sim][profile]") {
  for (const EngineProfile& profile : EngineProfiles()) {
    CHECK(profile.engine.Validate().ok());
    CHECK(profile.max_model_len > 0);
    CHECK_FALSE(profile.model.empty());
    CHECK(&Profile(profile.name) == &profile.engine);
  }
}

}  // namespace
}  // namespace llmdyno
