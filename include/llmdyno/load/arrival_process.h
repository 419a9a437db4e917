// When requests are due, as offsets from the start of a phase. An extension point. The open loop asks it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/random.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// A schedule that is fixed before the first request is sent: it never hears how the endpoint is doing.
// Offsets are absolute, so a late send does not move the ones that follow and nothing drifts. Owned by one
// load model; not thread-safe.
class ArrivalProcess {
 public:
  virtual ~ArrivalProcess() = default;
  // How long after the start of the phase the next request is due; never less than the answer before. Nothing
  // once the schedule is at its end, and from then on.
  virtual std::optional<Duration> Next() = 0;
};

// The rate over time: from `initial` to `final` requests per second in a straight line over `ramp`, then
// `final`. Without a ramp `final` from the start. Infinity as `final` (no ramp) makes everything due at once.
struct RateProfile {
  double final_per_second = 1;
  std::optional<double> initial_per_second = {};  // may be 0; given if and only if there is a ramp
  Duration ramp{};

  // The first problem in a sentence, naming the field and the accepted range.
  absl::Status Validate() const;
  // How long it takes until `requests` requests (a real number, 0 or more) were due: the inverse of the
  // rate's integral. At most 292 years, which is as far as a Duration goes.
  Duration TimeOf(double requests) const;
};

// What the built-in processes share, the trace apart. The schedule has exactly `requests` offsets, and they
// lie in the time that `requests` take at the profile's rate: [0, rate.TimeOf(requests)).
struct ArrivalSchedule {
  RateProfile rate;
  int64_t requests = 1;

  // InvalidArgument with the first problem: that of the rate, or fewer than one request.
  absl::Status Validate() const;
};

// Request k is due at TimeOf(k). InvalidArgument for a schedule that Validate() refuses, here and below.
absl::StatusOr<std::unique_ptr<ArrivalProcess>> MakeConstantArrivals(const ArrivalSchedule& schedule);

// A Poisson process given that it has `requests` arrivals in its window: exponential gaps, scaled so that the
// window is filled exactly. (Conditioned on their number the arrivals of a Poisson process are uniform on the
// window; normalised sums of n + 1 exponential gaps are the order statistics of n uniform draws.) Under a
// ramp it is the rate's integral that is filled so.
absl::StatusOr<std::unique_ptr<ArrivalProcess>> MakePoissonArrivals(const ArrivalSchedule& schedule, Rng rng);

// Gaps from a gamma distribution whose shape is `burstiness`, scaled likewise: 1 is Poisson, below 1 comes in
// bursts (coefficient of variation 1 / sqrt(burstiness)), above 1 is more even. As vLLM's --burstiness.
// Making it draws the whole schedule once for its sum, about 0.1 us a request; it keeps none of it.
// InvalidArgument for a burstiness outside 0.01 to 1,000,000.
absl::StatusOr<std::unique_ptr<ArrivalProcess>> MakeGammaArrivals(const ArrivalSchedule& schedule,
                                                                  double burstiness, Rng rng);

// A recorded schedule, divided by `speedup` (2 replays twice as fast). Offsets count from the first one;
// those that go back are taken for equal to the one before. InvalidArgument without offsets, and for a
// speedup that is not finite and above zero.
absl::StatusOr<std::unique_ptr<ArrivalProcess>> MakeTraceArrivals(std::vector<Duration> offsets,
                                                                  double speedup);

}  // namespace llmdyno
