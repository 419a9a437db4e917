#include "net/event_poller.h"

#include <unistd.h>

#include <thread>
#include <vector>

#include "llmdyno/base/clock.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

class OpenPoller {
 public:
  OpenPoller() { REQUIRE(poller.Open().ok()); }
  TimePoint Now() const { return SystemClock().Now(); }
  EventPoller poller;
};

TEST_CASE("A wait ends at its instant and not before it, punctual or not", "[net][event_poller]") {
  OpenPoller test;
  for (const bool is_punctual : {false, true}) {
    for (const Duration span : std::vector<Duration>{1us, 40us, 100us, 3ms}) {
      const TimePoint until = test.Now() + span;
      // A signal may end a wait early; the caller waits again then, as the run loop does.
      int waits = 0;
      for (; test.Now() < until; ++waits) CHECK(test.poller.Wait(test.Now(), until, is_punctual).empty());
      CHECK(waits <= 2);
    }
  }
}

TEST_CASE("A wait for an instant that has come does not wait", "[net][event_poller]") {
  OpenPoller test;
  const TimePoint now = test.Now();
  CHECK(test.poller.Wait(now, now, true).empty());
  CHECK(test.poller.Wait(now, now - 1h, false).empty());
}

TEST_CASE("A punctual wait hears of sockets and of Wake at once", "[net][event_poller]") {
  OpenPoller test;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  test.poller.Add(ends[0], EPOLLIN);
  for (const TimePoint until : {test.Now() + 1h, kEndOfTime}) {
    REQUIRE(::write(ends[1], "x", 1) == 1);
    const auto ready = test.poller.Wait(test.Now(), until, true);
    REQUIRE(ready.size() == 1);
    CHECK(ready.front().data.fd == ends[0]);
    char byte = 0;
    REQUIRE(::read(ends[0], &byte, 1) == 1);

    std::thread waker([&] { test.poller.Wake(); });
    CHECK(test.poller.Wait(test.Now(), until, true).empty());
    waker.join();
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace llmdyno
