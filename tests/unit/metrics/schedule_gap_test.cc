#include "llmdyno/metrics/schedule_gap.h"

#include "llmdyno/metrics/serving_metrics_builder.h"
#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

// `count` requests with TTFT 100 ms and E2E 1 s, the last `late` of them sent `lag` after their time.
ServingMetrics WithLate(int count, int late, Duration lag) {
  ServingMetricsBuilder builder;
  for (int i = 0; i < count; ++i) {
    RequestRecord record = MakeSteady(0s, 10, 100ms);
    if (i >= count - late) record.scheduled_at -= lag;
    builder.OnRecord(record);
  }
  return builder.Build();
}

}  // namespace

TEST_CASE("Without a success there is no gap between schedule and send", "[metrics][schedule_gap]") {
  CHECK_FALSE(LargestScheduleGap(ServingMetrics()));
}

TEST_CASE("The gap between schedule and send is the largest of TTFT and E2E", "[metrics][schedule_gap]") {
  // All 6 ms late: TTFT 106 against 100 ms, E2E 1006 against 1000 ms.
  const auto gap = LargestScheduleGap(WithLate(10, 10, 6ms));
  REQUIRE(gap);
  CHECK(gap->latency == "TTFT");
  CHECK(gap->percentile == 50);
  CHECK(gap->from_send_ms == Approx(100));
  CHECK(gap->from_schedule_ms == Approx(106));
  CHECK(gap->share == Approx(0.06));
  CHECK(gap->is_notable());
  CHECK_FALSE(LargestScheduleGap(WithLate(10, 10, 4ms))->is_notable());
}

TEST_CASE("A pause that only the tail has seen is found in the tail", "[metrics][schedule_gap]") {
  const auto gap = LargestScheduleGap(WithLate(100, 5, 5s));
  REQUIRE(gap);
  CHECK(gap->percentile == 99);
  CHECK(gap->share == Approx(50));
}

TEST_CASE("Microseconds are no gap worth a warning, however large a share they are",
          "[metrics][schedule_gap]") {
  ServingMetricsBuilder builder;
  for (int i = 0; i < 10; ++i) {
    RequestRecord record = MakeSteady(0s, 10, 1ms);  // TTFT 1 ms, E2E 10 ms
    record.scheduled_at -= 700us;
    builder.OnRecord(record);
  }
  const auto gap = LargestScheduleGap(builder.Build());
  REQUIRE(gap);
  CHECK(gap->share == Approx(0.7));
  CHECK_FALSE(gap->is_notable());
}
