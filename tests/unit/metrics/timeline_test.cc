#include "llmdyno/metrics/timeline.h"

#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

// `rate` tokens per second between two instants, one every 1/rate.
void AddSteady(Timeline& timeline, Duration from, Duration to, int64_t rate) {
  const Duration gap = Duration(1s) / rate;
  for (Duration at = from; at < to; at += gap) timeline.Add(kStart + at, 1);
}

}  // namespace

TEST_CASE("The peak of a burst is the burst's rate", "[metrics][timeline]") {
  // 200/s for 60 s with 1000/s from 23.04 s to 33.04 s: the burst is not aligned to the bins.
  Timeline timeline;
  AddSteady(timeline, 0s, 23040ms, 200);
  AddSteady(timeline, 23040ms, 33040ms, 1000);
  AddSteady(timeline, 33040ms, 60s, 200);
  CHECK(*timeline.PeakPerSecond(60s) == Approx(1000).epsilon(0.02));
}

TEST_CASE("A burst that is shorter than the window is averaged over the window", "[metrics][timeline]") {
  // 2 s of 1000/s inside a window of 10 s, 100/s for the other 8 s: (2000 + 800) / 10 = 280/s.
  Timeline timeline;
  AddSteady(timeline, 0s, 20s, 100);
  AddSteady(timeline, 20s, 22s, 1000);
  AddSteady(timeline, 22s, 60s, 100);
  CHECK(*timeline.PeakPerSecond(60s) == Approx(280).epsilon(0.02));
}

TEST_CASE("A steady stream peaks at its average", "[metrics][timeline]") {
  Timeline timeline;
  AddSteady(timeline, 0s, 35s, 500);
  CHECK(*timeline.PeakPerSecond(35s) == Approx(500).epsilon(0.01));
}

TEST_CASE("The peak of a run shorter than the window is its average", "[metrics][timeline]") {
  Timeline timeline;
  timeline.Add(kStart + 100ms, 30);
  CHECK(*timeline.PeakPerSecond(3s) == Approx(10));
}

TEST_CASE("The peak is never below the average, even when tokens come at both ends only",
          "[metrics][timeline]") {
  // 15 s with 150 tokens at 0 and 150 at 14.9 s: no window of 10 s holds both, 15/s; the average is 20/s.
  Timeline timeline;
  timeline.Add(kStart, 150);
  timeline.Add(kStart + 14900ms, 150);
  CHECK(*timeline.PeakPerSecond(15s) == Approx(20));
}

TEST_CASE("No time, no peak", "[metrics][timeline]") { CHECK_FALSE(Timeline().PeakPerSecond(0s)); }

TEST_CASE("Tokens may be added in any order", "[metrics][timeline]") {
  Timeline timeline;
  timeline.Add(kStart + 5s, 3);
  timeline.Add(kStart + 1s, 2);
  timeline.Add(kStart - 1s, 1);
  CHECK(timeline.total() == 6);
  CHECK(timeline.TokensBefore(kStart) == Approx(1));
  CHECK(timeline.TokensBefore(kStart + 2s) == Approx(3));
  CHECK(timeline.TokensBefore(kStart + 6s) == Approx(6));
  CHECK(timeline.TokensBefore(kStart - 5s) == Approx(0));
}

TEST_CASE("A bin that is cut counts in proportion", "[metrics][timeline]") {
  Timeline timeline;
  timeline.Add(kStart + 10ms, 10);
  CHECK(timeline.TokensBefore(kStart + 50ms) == Approx(5));
}

TEST_CASE("Timelines of two shards add up", "[metrics][timeline]") {
  Timeline left;
  Timeline right;
  AddSteady(left, 0s, 20s, 100);
  AddSteady(right, 5s, 25s, 250);
  left.Merge(right);
  CHECK(left.total() == 7000);  // 100 * 20 + 250 * 20
  CHECK(*left.PeakPerSecond(25s) == Approx(350).epsilon(0.01));
}

TEST_CASE("An instant ages away is counted and takes no memory", "[metrics][timeline]") {
  Timeline timeline;
  timeline.Add(kStart, 1);
  timeline.Add(kStart + std::chrono::hours(24 * 365 * 10), 1);
  timeline.Add(kStart - std::chrono::hours(24 * 365 * 10), 1);
  CHECK(timeline.total() == 3);
  CHECK(timeline.TokensBefore(kStart + 1h) == Approx(1));
}

TEST_CASE("The fullest bucket is looked for from the instant given", "[metrics][timeline]") {
  Timeline timeline;
  CHECK(timeline.FullestBucket(kStart, 1s) == 0);
  timeline.Add(kStart + 900ms, 3);
  timeline.Add(kStart + 1s, 4);
  timeline.Add(kStart + 1900ms, 1);
  CHECK(timeline.FullestBucket(kStart, 1s) == 5);
  CHECK(timeline.FullestBucket(kStart - 500ms, 1s) == 7);
  CHECK(timeline.FullestBucket(kStart + 1500ms, 1s) == 1);  // nothing from before counts
}
