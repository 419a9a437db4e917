#include "llmdyno/metrics/validity.h"

#include "llmdyno/metrics/run_metrics_builder.h"
#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

// A client that kept up.
ClientHealth Good() {
  ClientHealth health;
  health.send_lag_p99 = 200us;
  health.read_lag_p50 = 20us;
  health.read_lag_p99 = 1ms;
  health.read_lag_max = 9ms;
  health.loop_cpu_share = 0.35;
  health.arrival_clock = ArrivalClock::kKernel;
  health.upper_bound_share = 0.01;
  return health;
}

void CheckOnlyReason(const ClientHealth& health, const std::vector<std::string>& words) {
  const Validity verdict = JudgeValidity(health);
  CHECK_FALSE(verdict.valid);
  REQUIRE(verdict.reasons.size() == 1);
  for (const std::string& word : words) {
    CAPTURE(word, verdict.reasons[0]);
    CHECK(verdict.reasons[0].find(word) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("A client that kept up is valid", "[metrics][validity]") {
  const Validity verdict = JudgeValidity(Good());
  CHECK(verdict.valid);
  CHECK(verdict.reasons.empty());
  CHECK(verdict.unknown.empty());
}

TEST_CASE("Each doubt is one sentence with figure, limit and advice", "[metrics][validity]") {
  ClientHealth health = Good();
  SECTION("late sends") {
    health.send_lag_p99 = 31ms;
    CheckOnlyReason(health, {"31.0 ms", "limit 10.0 ms", "fewer users"});
  }
  SECTION("a busy loop") {
    health.loop_cpu_share = 0.97;
    CheckOnlyReason(health, {"97.0 %", "limit 90.0 %", "several clients"});
  }
  SECTION("late reads") {
    health.read_lag_p99 = 80ms;
    CheckOnlyReason(health, {"80.0 ms", "limit 50.0 ms"});
  }
  SECTION("arrivals that are upper bounds") {
    health.upper_bound_share = 0.5;
    CheckOnlyReason(health, {"50.0 %", "limit 25.0 %", "ITL"});
  }
  SECTION("a wall clock that jumped") {
    health.wall_clock_steps = 2;
    CheckOnlyReason(health, {"2 times", "limit 0", "steady clock"});
  }
  SECTION("no file descriptors") {
    health.descriptor_failures = 1;
    CheckOnlyReason(health, {"once", "ulimit -n"});
  }
}

TEST_CASE("The advice is about users in a closed loop and about the rate in an open one",
          "[metrics][validity]") {
  ClientHealth health = Good();
  health.send_lag_p99 = 31ms;
  health.read_lag_p99 = 80ms;
  const Validity open_loop = JudgeValidity(health, {}, LoadLever::kRate);
  REQUIRE(open_loop.reasons.size() == 2);
  for (const std::string& reason : open_loop.reasons) {
    CHECK(reason.find("offer a lower rate or ") != std::string::npos);
    CHECK(reason.find("users") == std::string::npos);
  }
  CHECK(JudgeValidity(health).reasons[0].find("use fewer users or use a faster client machine") !=
        std::string::npos);
}

TEST_CASE("A late read matters more when the kernel did not stamp the arrivals", "[metrics][validity]") {
  ClientHealth health = Good();
  health.read_lag_p99 = 8ms;
  CHECK(JudgeValidity(health).valid);
  health.arrival_clock = ArrivalClock::kWakeUp;
  CheckOnlyReason(health, {"8.0 ms", "limit 5.0 ms"});
}

TEST_CASE("What is not known is named and condemns nobody", "[metrics][validity]") {
  const Validity verdict = JudgeValidity(ClientHealth());
  CHECK(verdict.valid);
  CHECK(verdict.unknown.size() == 4);  // send lag, read lag, CPU share, clock
}

TEST_CASE("Limits can be set, and nonsense is refused", "[metrics][validity]") {
  ClientHealth health = Good();
  health.loop_cpu_share = 0.95;
  CHECK(JudgeValidity(health, {.max_loop_cpu_share = 0.99}).valid);
  CHECK(ValidityThresholds().Validate().ok());
  CHECK_FALSE(ValidityThresholds{.max_send_lag_p99 = -1ms}.Validate().ok());
  CHECK_FALSE(ValidityThresholds{.max_loop_cpu_share = 0}.Validate().ok());
  CHECK_FALSE(ValidityThresholds{.max_upper_bound_share = 2}.Validate().ok());
  CHECK_FALSE(ValidityThresholds{.max_wall_clock_steps = -1}.Validate().ok());
}

TEST_CASE("Records alone tell send lag, clock and upper bounds", "[metrics][validity]") {
  RunMetricsBuilder builder;
  RequestRecord record = MakeSteady(0s, 4, 10ms);
  record.scheduled_at = record.started_at - 3ms;
  builder.OnRecord(record);
  record.arrival_clock = ArrivalClock::kWakeUp;
  builder.OnRecord(record);
  const ClientHealth health = ClientHealthFromRecords(builder.Build());
  CHECK(*health.send_lag_p99 == 3ms);
  CHECK(health.arrival_clock == ArrivalClock::kWakeUp);
  CHECK(*health.upper_bound_share == 0);
  CHECK_FALSE(health.loop_cpu_share);
}

TEST_CASE("The worst of several runs is taken field by field", "[metrics][validity]") {
  ClientHealth late = Good();
  late.send_lag_p99 = 20ms;
  late.wall_clock_steps = 2;
  ClientHealth busy = Good();
  busy.loop_cpu_share = 0.97;
  busy.arrival_clock = ArrivalClock::kWakeUp;
  busy.descriptor_failures = 3;
  for (const ClientHealth& worst : {WorstOf(late, busy), WorstOf(busy, late)}) {
    CHECK(worst.send_lag_p99 == 20ms);
    CHECK(worst.loop_cpu_share == 0.97);
    CHECK(worst.arrival_clock == ArrivalClock::kWakeUp);
    CHECK(worst.wall_clock_steps == 2);
    CHECK(worst.descriptor_failures == 3);
    CHECK(worst.read_lag_p99 == Good().read_lag_p99);
  }
}

TEST_CASE("What only one of two runs knows of the client is taken from it", "[metrics][validity]") {
  const ClientHealth known = WorstOf(ClientHealth(), Good());
  CHECK(known.send_lag_p99 == Good().send_lag_p99);
  CHECK(known.arrival_clock == Good().arrival_clock);
  CHECK_FALSE(WorstOf(ClientHealth(), ClientHealth()).loop_cpu_share);
}
