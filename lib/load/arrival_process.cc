#include "llmdyno/load/arrival_process.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <utility>

#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/status_macros.h"
#include "load/gamma_gap.h"

namespace llmdyno {
namespace {

// Wider than anything that tells one schedule from another: at the lower end nearly all requests come in a
// few bursts, at the upper end the gaps differ by a thousandth.
constexpr double kLeastBurstiness = 0.01;
constexpr double kMostBurstiness = 1e6;

std::string NumberText(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

class ConstantArrivals final : public ArrivalProcess {
 public:
  explicit ConstantArrivals(const ArrivalSchedule& schedule) : schedule_(schedule) {}

  std::optional<Duration> Next() override {
    if (given_ == schedule_.requests) return std::nullopt;
    return schedule_.rate.TimeOf(static_cast<double>(given_++));
  }

 private:
  const ArrivalSchedule schedule_;
  int64_t given_ = 0;
};

// Random gaps, scaled to the window. The scale is known only when all gaps are, so they are drawn twice from
// two copies of one generator: for their sum, and to be given out. That costs time instead of memory.
class ScaledArrivals final : public ArrivalProcess {
 public:
  ScaledArrivals(const ArrivalSchedule& schedule, const GammaGap& gap, Rng rng)
      : schedule_(schedule),
        gap_(gap),
        rng_(rng),
        last_(std::max(Duration::zero(),
                       schedule.rate.TimeOf(static_cast<double>(schedule.requests)) - Duration(1))) {
    // One gap more than there are requests: the last one lies between the last request and the window's end.
    for (int64_t i = 0; i <= schedule.requests; ++i) total_ += gap_.Draw(rng);
  }

  std::optional<Duration> Next() override {
    if (given_ == schedule_.requests) return std::nullopt;
    ++given_;
    so_far_ += gap_.Draw(rng_);
    // A very small shape draws gaps that a double cannot tell from 0; if all are, everything is due at once.
    const double share = total_ > 0 ? so_far_ / total_ : 0;
    return std::min(schedule_.rate.TimeOf(share * static_cast<double>(schedule_.requests)), last_);
  }

 private:
  const ArrivalSchedule schedule_;
  const GammaGap gap_;
  Rng rng_;
  const Duration last_;  // rounding to nanoseconds must not reach the window's end
  double total_ = 0;
  double so_far_ = 0;
  int64_t given_ = 0;
};

class TraceArrivals final : public ArrivalProcess {
 public:
  TraceArrivals(std::vector<Duration> offsets, double speedup)
      : offsets_(std::move(offsets)), speedup_(speedup) {}

  std::optional<Duration> Next() override {
    if (given_ == offsets_.size()) return std::nullopt;
    latest_ = std::max(latest_, FromSeconds(ToSeconds(offsets_[given_++] - offsets_.front()) / speedup_));
    return latest_;
  }

 private:
  const std::vector<Duration> offsets_;
  const double speedup_;
  Duration latest_{};
  size_t given_ = 0;
};

}  // namespace

absl::Status RateProfile::Validate() const {
  if (!(final_per_second > 0)) {
    return absl::InvalidArgumentError("the rate is " + NumberText(final_per_second) +
                                      ": expected more than 0 requests per second, or infinity to send all "
                                      "at once");
  }
  if (ramp < Duration::zero()) {
    return absl::InvalidArgumentError("the ramp is " + ToString(ramp) + ": expected 0s or more");
  }
  if ((ramp > Duration::zero()) != initial_per_second.has_value()) {
    return absl::InvalidArgumentError(ramp > Duration::zero()
                                          ? "there is a ramp of " + ToString(ramp) +
                                                " but no initial rate to begin it with"
                                          : "there is an initial rate of " + NumberText(*initial_per_second) +
                                                " requests per second but no ramp that leads away from it");
  }
  if (!initial_per_second) return absl::OkStatus();
  if (!std::isfinite(*initial_per_second) || *initial_per_second < 0) {
    return absl::InvalidArgumentError("the initial rate is " + NumberText(*initial_per_second) +
                                      ": expected 0 or more requests per second");
  }
  if (!std::isfinite(final_per_second)) {
    return absl::InvalidArgumentError("a ramp cannot lead to an infinite rate");
  }
  return absl::OkStatus();
}

Duration RateProfile::TimeOf(double requests) const {
  if (!initial_per_second) return FromSeconds(requests / final_per_second);
  const double initial = *initial_per_second;
  const double seconds = ToSeconds(ramp);
  const double in_ramp = (initial + final_per_second) / 2 * seconds;
  if (requests >= in_ramp) return FromSeconds(seconds + (requests - in_ramp) / final_per_second);
  // `initial` t + `slope` t^2 / 2 = requests, solved in the form that subtracts nothing of nearly equal size
  // and knows no division by a slope of 0.
  const double slope = (final_per_second - initial) / seconds;
  const double root = std::sqrt(std::max(0.0, initial * initial + 2 * slope * requests));
  return requests > 0 ? FromSeconds(2 * requests / (initial + root)) : Duration::zero();
}

absl::Status ArrivalSchedule::Validate() const {
  LLMDYNO_RETURN_IF_ERROR(rate.Validate());
  if (requests >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError("the schedule has " + std::to_string(requests) +
                                    " requests: expected 1 or more");
}

absl::StatusOr<std::unique_ptr<ArrivalProcess>> MakeConstantArrivals(const ArrivalSchedule& schedule) {
  LLMDYNO_RETURN_IF_ERROR(schedule.Validate());
  return std::make_unique<ConstantArrivals>(schedule);
}

absl::StatusOr<std::unique_ptr<ArrivalProcess>> MakePoissonArrivals(const ArrivalSchedule& schedule,
                                                                    Rng rng) {
  return MakeGammaArrivals(schedule, 1, rng);
}

absl::StatusOr<std::unique_ptr<ArrivalProcess>> MakeGammaArrivals(const ArrivalSchedule& schedule,
                                                                  double burstiness, Rng rng) {
  LLMDYNO_RETURN_IF_ERROR(schedule.Validate());
  if (!(burstiness >= kLeastBurstiness && burstiness <= kMostBurstiness)) {
    return absl::InvalidArgumentError("the burstiness is " + NumberText(burstiness) +
                                      ": expected 0.01 (bursts) to 1000000 (even); 1 is Poisson");
  }
  return std::make_unique<ScaledArrivals>(schedule, GammaGap(burstiness), rng);
}

absl::StatusOr<std::unique_ptr<ArrivalProcess>> MakeTraceArrivals(std::vector<Duration> offsets,
                                                                  double speedup) {
  if (offsets.empty()) return absl::InvalidArgumentError("the trace has no requests");
  if (!(speedup > 0) || !std::isfinite(speedup)) {
    return absl::InvalidArgumentError("the speedup is " + NumberText(speedup) +
                                      ": expected more than 0, such as 2 for twice as fast");
  }
  return std::make_unique<TraceArrivals>(std::move(offsets), speedup);
}

}  // namespace llmdyno
