#include "llmdyno/testing/arrival_process_conformance.h"

#include "testing/violations.h"

namespace llmdyno {
namespace {

constexpr int64_t kMostOffsets = 10'000'000;
constexpr int kAsksAfterTheEnd = 3;

std::vector<Duration> Draw(ArrivalProcess& process, Violations& found) {
  std::vector<Duration> offsets;
  Duration latest{};
  while (const auto offset = process.Next()) {
    found.Expect(*offset >= Duration::zero(), "a request is due before the phase begins");
    found.Expect(*offset >= latest || *offset < Duration::zero(),
                 "a request is due before the one before it");
    latest = std::max(latest, *offset);
    offsets.push_back(*offset);
    if (!found.Expect(std::ssize(offsets) < kMostOffsets, "it does not end")) return offsets;
  }
  for (int i = 0; i < kAsksAfterTheEnd; ++i) {
    found.Expect(!process.Next(), "once at its end it goes on again");
  }
  return offsets;
}

}  // namespace

std::vector<std::string> CheckArrivalProcess(const MakeArrivalProcess& make,
                                             const ExpectedArrivals& expected) {
  Violations found;
  std::vector<std::vector<Duration>> schedules;
  for (int again = 0; again < 2; ++again) {
    const std::unique_ptr<ArrivalProcess> process = make();
    if (!found.Expect(process != nullptr, "no process was made")) return found.Take();
    schedules.push_back(Draw(*process, found));
  }
  const std::vector<Duration>& offsets = schedules[0];
  found.Expect(!offsets.empty(), "it has no request at all");
  found.Expect(schedules[0] == schedules[1], "the same seed gives another schedule");
  if (expected.requests) {
    found.Expect(std::ssize(offsets) == *expected.requests, "it has not as many requests as asked for");
  }
  if (expected.window && !offsets.empty()) {
    // An infinite rate has an empty window, in which everything is due at once.
    const Duration last = std::max(Duration::zero(), *expected.window - Duration(1));
    found.Expect(offsets.back() <= last,
                 "its requests do not lie in the time that they take at the rate asked for");
  }
  return found.Take();
}

}  // namespace llmdyno
