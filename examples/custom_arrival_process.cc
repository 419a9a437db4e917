// An arrival process of one's own, as a plugin: a shift of work. Few requests at first, most in the middle,
// few at the end, as the day of an office has them.
//
//   llmdyno qps --plugin ./libcustom_arrival_process.so --arrival shift:peak=3 --qps 20 --duration 30s
//       --simulate fast
//
// docs/extending.md explains every step; try_custom_arrival_process.cc tests it.
#include <cmath>
#include <memory>
#include <optional>

#include "llmdyno/plugin.h"

namespace {

using namespace llmdyno;

// The rate is a cosine: 1 + a - a cos(2 pi t), scaled so that all requests lie in the window that they take
// at the rate asked for. Each offset is where its integral reaches k + 1/2 of n, found by bisection.
class Shift final : public ArrivalProcess {
 public:
  Shift(Duration window, int64_t requests, double peak)
      : window_(window), requests_(requests), amplitude_((peak - 1) / 2) {}

  std::optional<Duration> Next() override {
    if (given_ == requests_) return std::nullopt;
    const double wanted = (static_cast<double>(given_++) + 0.5) / static_cast<double>(requests_);
    double low = 0;
    double high = 1;
    for (int step = 0; step < 50; ++step) {
      const double middle = (low + high) / 2;
      (ShareUntil(middle) < wanted ? low : high) = middle;
    }
    return FromSeconds(low * ToSeconds(window_));
  }

 private:
  // Which share of the requests is due until `t`, a part of the window.
  double ShareUntil(double t) const {
    constexpr double kTwoPi = 6.283185307179586;
    return ((1 + amplitude_) * t - amplitude_ * std::sin(kTwoPi * t) / kTwoPi) / (1 + amplitude_);
  }

  const Duration window_;
  const int64_t requests_;
  const double amplitude_;
  int64_t given_ = 0;
};

absl::StatusOr<std::unique_ptr<ArrivalProcess>> MakeShift(const Params& params,
                                                          const ArrivalContext& context) {
  double peak = 3;
  if (absl::Status read = ParamReader(params).Read("peak", peak).Finish(); !read.ok()) return read;
  if (!(peak >= 1)) return absl::InvalidArgumentError("shift: peak: expected 1 or more");
  const ArrivalSchedule& schedule = context.schedule;
  const Duration window = schedule.rate.TimeOf(static_cast<double>(schedule.requests));
  return std::make_unique<Shift>(window, schedule.requests, peak);
}

absl::Status Register(Catalog& catalog) {
  return catalog.arrivals.Add({"shift",
                               "few at first, most in the middle, few at the end",
                               MakeShift,
                               {{"peak", "3", "the rate in the middle, as a multiple of that at the ends"}}});
}

}  // namespace

LLMDYNO_PLUGIN("custom_arrival_process", "1.0", "an example: a shift of work", Register)
