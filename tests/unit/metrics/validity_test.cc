#include "llmdyno/metrics/validity.h"

#include <cmath>

#include "llmdyno/metrics/late_send.h"
#include "llmdyno/metrics/run_metrics_builder.h"
#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

// A client that kept up, in a run that was one thing from beginning to end.
ClientHealth Good() {
  ClientHealth health;
  health.sends = 1000;
  health.late_send_share = 0.001;
  health.send_lag_p99 = 200us;
  health.read_lag_p50 = 20us;
  health.read_lag_p99 = 1ms;
  health.read_lag_max = 9ms;
  health.shards = {{0.35, 0.004}, {0.30, 0.002}};
  health.decisions = ThreadHealth{0.02, 0.001};
  health.loop_cpu_share = 0.35;
  health.run_queue_wait_share = 0.004;
  health.cores_busy_share = 0.4;
  health.hand_over_lag_max = 3ms;
  health.arrival_clock = ArrivalClock::kKernel;
  health.arrival_events = 100'000;
  health.upper_bound_share = 0.01;
  health.segments_sent = 20'000;
  health.retransmit_share = 0.0001;
  health.throughput_trend = RateTrend{.change = 0.01, .p_value = 0.4, .stretches = 60};
  health.due_trend = RateTrend{.change = 0.01, .p_value = 0.4, .stretches = 60};
  health.early_slowness = EarlySlowness{
      .ratio = 1.02, .p_value = 0.3, .first_ms = 51, .later_ms = 50, .first = 100, .later = 500};
  health.answered = 1000;
  return health;
}

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void CheckOnlyReason(const ClientHealth& health, const std::string& code,
                     const std::vector<std::string>& words, bool is_about_client = true) {
  const Validity verdict = JudgeValidity(health);
  CHECK_FALSE(verdict.valid);
  REQUIRE(verdict.reasons.size() == 1);
  const ValidityReason& reason = verdict.reasons[0];
  CHECK(reason.code == code);
  CHECK(std::abs(reason.figure) > reason.limit);
  CHECK(reason.is_about_client == is_about_client);
  CHECK(verdict.client_kept_up() == !is_about_client);
  for (const std::string& word : words) {
    CAPTURE(word, reason.sentence);
    CHECK(Has(reason.sentence, word));
  }
}

}  // namespace

TEST_CASE("A client that kept up is valid", "[metrics][validity]") {
  const Validity verdict = JudgeValidity(Good());
  CHECK(verdict.valid);
  CHECK(verdict.client_kept_up());
  CHECK(verdict.reasons.empty());
  CHECK(verdict.unknown.empty());
  CHECK(verdict.caveats.empty());
}

TEST_CASE("Each doubt is one sentence with figure, limit and advice", "[metrics][validity]") {
  ClientHealth health = Good();
  SECTION("late sends") {
    health.late_send_share = 0.05;
    health.send_lag_p99 = 31ms;
    CheckOnlyReason(health, "late_sends", {"5.0 %", "10.0 ms", "limit 1.0 %", "p99 31.0 ms", "fewer users"});
  }
  SECTION("a busy loop") {
    health.shards[1].cpu_share = 0.97;
    CheckOnlyReason(health, "busy_thread",
                    {"thread 2 of 2", "97.0 %", "limit 90.0 %", "several clients", "--threads"});
  }
  SECTION("a busy thread of decisions") {
    health.decisions->cpu_share = 0.95;
    CheckOnlyReason(health, "busy_thread", {"the thread of decisions and sinks was busy 95.0 %"});
  }
  SECTION("a core that others took") {
    health.shards[0].wait_share = 0.30;
    health.cores_busy_share = 0.99;
    CheckOnlyReason(health, "run_queue_wait",
                    {"30.0 %", "limit 1.0 %", "46.2 % of that in which thread 1 of 2 wanted to run",
                     "99.0 % busy", "taskset", "nice"});
  }
  SECTION("records that waited for a sink") {
    health.hand_over_lag_max = 250ms;
    CheckOnlyReason(health, "hand_over_lag", {"250.0 ms", "limit 100.0 ms", "disk is slow"});
  }
  SECTION("late reads") {
    health.read_lag_p99 = 80ms;
    CheckOnlyReason(health, "read_lag", {"80.0 ms", "limit 50.0 ms"});
  }
  SECTION("arrivals that are upper bounds") {
    health.upper_bound_share = 0.5;
    CheckOnlyReason(health, "upper_bounds", {"50.0 %", "limit 25.0 %", "ITL"});
  }
  SECTION("a wall clock that jumped") {
    health.wall_clock_steps = 2;
    CheckOnlyReason(health, "clock_steps", {"2 times", "limit 0", "steady clock"});
  }
  SECTION("no file descriptors") {
    health.descriptor_failures = 1;
    CheckOnlyReason(health, "descriptors", {"once", "ulimit -n"});
  }
  SECTION("no local ports") {
    health.port_failures = 7;
    CheckOnlyReason(health, "ports", {"7 times", "limit 0", "ip_local_port_range", "alive"});
  }
  SECTION("segments that were sent again") {
    health.retransmit_share = 0.03;
    CheckOnlyReason(health, "retransmits", {"3.0 %", "limit 1.0 %", "loss"});
  }
  SECTION("a warm-up that was too short") {
    health.early_slowness = EarlySlowness{
        .ratio = 3, .p_value = 1e-6, .first_ms = 150, .later_ms = 50, .first = 100, .later = 500};
    CheckOnlyReason(health, "short_warm_up",
                    {"first 100 requests", "3.00 times", "limit 1.50", "150.0 ms and 50.0 ms", "p < 0.0001",
                     "--warmup-requests"},
                    false);
  }
  SECTION("a throughput that fell") {
    health.throughput_trend = RateTrend{.change = -0.12, .p_value = 0.002, .stretches = 60};
    CheckOnlyReason(health, "throughput_trend",
                    {"fell by 12.0 % from the first to the last third", "limit 5.0 %", "p = 0.0020"}, false);
  }
}

TEST_CASE("What is above a limit by accident is no doubt", "[metrics][validity]") {
  ClientHealth health = Good();
  SECTION("two late sends of thirty") {
    health.sends = 30;
    health.late_send_share = 2.0 / 30;
  }
  SECTION("upper bounds among a few dozen events") {
    health.arrival_events = 99;
    health.upper_bound_share = 0.6;
  }
  SECTION("many short waits beside an idle core") { health.shards[0].wait_share = 0.15; }
  SECTION("short waits of a client that is at work most of the time") {
    health.shards[0] = {0.80, 0.05};
    health.cores_busy_share = 0.95;
  }
  SECTION("two retransmits of a hundred segments") {
    health.segments_sent = 100;
    health.retransmit_share = 0.02;
  }
  SECTION("slow first requests, by less than two milliseconds") {
    health.early_slowness->ratio = 3;
    health.early_slowness->p_value = 1e-9;
    health.early_slowness->first_ms = 2.4;
    health.early_slowness->later_ms = 0.8;
  }
  SECTION("slow first requests that may be chance") {
    health.early_slowness->ratio = 2;
    health.early_slowness->first_ms = 100;
    health.early_slowness->p_value = 0.01;
  }
  SECTION("a large trend that may be chance") {
    health.throughput_trend->change = 0.3;
    health.throughput_trend->p_value = 0.02;
  }
  SECTION("a certain trend that is small") {
    health.throughput_trend->change = -0.04;
    health.throughput_trend->p_value = 1e-9;
  }
  CHECK(JudgeValidity(health).valid);
}

TEST_CASE("Three late sends of thirty are a doubt", "[metrics][validity]") {
  ClientHealth health = Good();
  health.sends = 30;
  health.late_send_share = 3.0 / 30;
  CHECK_FALSE(JudgeValidity(health).valid);
}

TEST_CASE("A throughput that followed the offered rate is a caveat, of an open loop only",
          "[metrics][validity]") {
  ClientHealth health = Good();
  health.throughput_trend = RateTrend{.change = 0.5, .p_value = 1e-6, .stretches = 60};
  health.due_trend = RateTrend{.change = 0.4, .p_value = 1e-6, .stretches = 60};
  const Validity open_loop = JudgeValidity(health, {}, LoadLever::kRate);
  CHECK(open_loop.valid);
  REQUIRE(open_loop.caveats.size() == 1);
  CHECK(open_loop.caveats[0].code == "throughput_trend");
  CHECK_FALSE(JudgeValidity(health, {}, LoadLever::kUsers).valid);
  health.due_trend->change = -0.4;
  CHECK_FALSE(JudgeValidity(health, {}, LoadLever::kRate).valid);
}

TEST_CASE("Too few samples are a caveat that names the percentiles", "[metrics][validity]") {
  ClientHealth health = Good();
  health.answered = 15;
  const Validity verdict = JudgeValidity(health);
  CHECK(verdict.valid);
  REQUIRE(verdict.caveats.size() == 1);
  CHECK(verdict.caveats[0].code == "few_samples");
  CHECK(verdict.caveats[0].figure == 15);
  CHECK(verdict.caveats[0].limit == 100);
  CHECK(Has(verdict.caveats[0].sentence, "p95, p99 of latencies"));
}

TEST_CASE("Where time is simulated nothing is said of the client", "[metrics][validity]") {
  ClientHealth health;
  health.arrival_clock = ArrivalClock::kSimulated;
  health.loop_cpu_share = 4;  // of simulated time
  health.run_queue_wait_share = 1;
  health.answered = 100;
  const Validity verdict = JudgeValidity(health);
  CHECK(verdict.valid);
  CHECK(verdict.unknown.empty());
  health.throughput_trend = RateTrend{.change = -0.5, .p_value = 1e-6, .stretches = 60};
  CheckOnlyReason(health, "throughput_trend", {"fell by 50.0 %"}, false);
}

TEST_CASE("The advice is about users in a closed loop and about the rate in an open one",
          "[metrics][validity]") {
  ClientHealth health = Good();
  health.late_send_share = 0.5;
  health.read_lag_p99 = 80ms;
  const Validity open_loop = JudgeValidity(health, {}, LoadLever::kRate);
  REQUIRE(open_loop.reasons.size() == 2);
  for (const ValidityReason& reason : open_loop.reasons) {
    CHECK(Has(reason.sentence, "offer a lower rate"));
    CHECK_FALSE(Has(reason.sentence, "users"));
  }
  CHECK(Has(JudgeValidity(health).reasons[0].sentence, "use fewer users, or use more --threads"));
}

TEST_CASE("A late read matters more when the kernel did not stamp the arrivals", "[metrics][validity]") {
  ClientHealth health = Good();
  health.read_lag_p99 = 8ms;
  CHECK(JudgeValidity(health).valid);
  health.arrival_clock = ArrivalClock::kWakeUp;
  CheckOnlyReason(health, "read_lag", {"8.0 ms", "limit 5.0 ms"});
}

TEST_CASE("What is not known is named and condemns nobody", "[metrics][validity]") {
  const Validity verdict = JudgeValidity(ClientHealth());
  CHECK(verdict.valid);
  CHECK(verdict.unknown.size() == 5);  // send lag, read lag, CPU share, run queue, clock
}

TEST_CASE("Limits can be set, and nonsense is refused", "[metrics][validity]") {
  ClientHealth health = Good();
  health.shards[0].cpu_share = 0.95;
  CHECK(JudgeValidity(health, {.max_loop_cpu_share = 0.99}).valid);
  CHECK(JudgeValidity(health, {.max_loop_cpu_share = 0.99}).limits.max_loop_cpu_share == 0.99);
  CHECK(ValidityThresholds().Validate().ok());
  CHECK_FALSE(ValidityThresholds{.max_late_send_share = -1}.Validate().ok());
  CHECK_FALSE(ValidityThresholds{.max_hand_over_lag = -1ms}.Validate().ok());
  CHECK_FALSE(ValidityThresholds{.max_loop_cpu_share = 1.5}.Validate().ok());
  CHECK_FALSE(ValidityThresholds{.max_upper_bound_share = 2}.Validate().ok());
  CHECK_FALSE(ValidityThresholds{.max_wall_clock_steps = -1}.Validate().ok());
  CHECK_FALSE(ValidityThresholds{.max_early_slowdown = 0.5}.Validate().ok());
  CHECK_FALSE(ValidityThresholds{.max_throughput_change = -0.1}.Validate().ok());
}

TEST_CASE("A request is late after ten milliseconds, a user's first one by its own measure",
          "[metrics][validity]") {
  RequestRecord record = MakeSteady(1s, 4, 10ms);
  const auto is_late = [&](Duration lag, int64_t user_request, Duration took) {
    record.scheduled_at = record.started_at - lag;
    record.user_request = user_request;
    record.ended_at = record.started_at + took;
    return IsSentLate(record);
  };
  CHECK_FALSE(is_late(10ms, 2, 1s));
  CHECK(is_late(11ms, 2, 1s));
  // One of many that were due at once.
  CHECK_FALSE(is_late(90ms, 1, 1s));
  CHECK(is_late(110ms, 1, 1s));
}

TEST_CASE("Runs that are judged as one have their counts together", "[metrics][validity]") {
  ClientHealth many = Good();
  ClientHealth few = Good();
  many.sends = 90;
  many.late_send_share = 0;
  few.sends = 10;
  few.late_send_share = 0.5;
  few.shards = {{0.1, 0.5}};
  const ClientHealth both = WorstOf(many, few);
  CHECK(both.sends == 100);
  CHECK(*both.late_send_share == Approx(0.05));
  REQUIRE(both.shards.size() == 2);
  CHECK(both.shards[0].cpu_share == 0.35);
  CHECK(both.shards[0].wait_share == 0.5);
  CHECK(both.arrival_events == 200'000);
  CHECK(both.answered == 2000);
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

TEST_CASE("A clock that stamped less than one event in a hundred is not the clock of the run",
          "[metrics][validity]") {
  RunMetricsBuilder builder;
  const RequestRecord by_kernel = MakeSteady(0s, 4, 10ms);
  RequestRecord by_wake_up = by_kernel;
  by_wake_up.arrival_clock = ArrivalClock::kWakeUp;
  for (int i = 0; i < 99; ++i) builder.OnRecord(by_kernel);
  builder.OnRecord(by_wake_up);
  CHECK(ClientHealthFromRecords(builder.Build()).arrival_clock == ArrivalClock::kWakeUp);
  builder.OnRecord(by_kernel);
  CHECK(ClientHealthFromRecords(builder.Build()).arrival_clock == ArrivalClock::kKernel);
  CHECK_FALSE(ClientHealthFromRecords(RunMetricsBuilder().Build()).arrival_clock);
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
