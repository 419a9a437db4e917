#include "llmdyno/net/limit_watch.h"

#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kStart{1000s};

}  // namespace

TEST_CASE("A slot comes up once, at its deadline", "[limit_watch]") {
  LimitWatch watch({30s, 10s});
  CHECK(watch.next() == kEndOfTime);
  watch.Watch(3, kStart + 5s, kStart);
  CHECK(watch.next() == kStart + 5s);
  CHECK_FALSE(watch.TakeDue(kStart + 5s - 1ns));
  CHECK(watch.TakeDue(kStart + 5s) == 3);
  CHECK_FALSE(watch.TakeDue(kStart + 1h));
}

TEST_CASE("A slot comes up no later than the shortest limit could end", "[limit_watch]") {
  LimitWatch watch({30s, 10s, 0s});
  watch.Watch(0, kStart + 30s, kStart);
  CHECK(watch.next() == kStart + 10s);
}

TEST_CASE("Without limits nothing comes up", "[limit_watch]") {
  LimitWatch watch({0s, 0s});
  watch.Watch(0, kEndOfTime, kStart);
  CHECK(watch.next() == kEndOfTime);
  CHECK_FALSE(watch.TakeDue(kStart + 10'000h));
}

TEST_CASE("A slot's next transfers come under the entry that is there", "[limit_watch]") {
  LimitWatch watch({10s});
  for (int i = 0; i < 1000; ++i) watch.Watch(0, kStart + i * 1ms + 10s, kStart + i * 1ms);
  CHECK(watch.TakeDue(kStart + 10s) == 0);
  CHECK_FALSE(watch.TakeDue(kStart + 1h));
}

TEST_CASE("A deadline before the slot's entry is heeded, and the entry is dropped", "[limit_watch]") {
  LimitWatch watch({10s});
  watch.Watch(0, kStart + 10s, kStart);
  watch.Watch(0, kStart + 2s, kStart);
  watch.Watch(1, kStart + 12s, kStart + 2s);
  CHECK(watch.TakeDue(kStart + 2s) == 0);
  CHECK(watch.TakeDue(kStart + 12s) == 1);
  CHECK_FALSE(watch.TakeDue(kStart + 1h));
}

TEST_CASE("A slot that came up can be put back", "[limit_watch]") {
  LimitWatch watch({10s});
  watch.Watch(0, kStart + 10s, kStart);
  REQUIRE(watch.TakeDue(kStart + 10s) == 0);
  watch.Watch(0, kStart + 15s, kStart + 10s);
  CHECK(watch.TakeDue(kStart + 15s) == 0);
}
