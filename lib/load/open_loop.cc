#include "llmdyno/load/open_loop.h"

#include <utility>

#include "llmdyno/base/params.h"
#include "llmdyno/base/status_macros.h"
#include "load/later.h"

namespace llmdyno {
namespace {

absl::Status CheckMaxInFlight(const std::optional<int64_t>& max_in_flight) {
  if (!max_in_flight || *max_in_flight >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError("max_in_flight is " + std::to_string(*max_in_flight) +
                                    ": expected 1 or more, or nothing for no such limit");
}

// Knows one offset at a time, whatever the length of the schedule.
class OpenLoop final : public LoadModel {
 public:
  OpenLoop(std::unique_ptr<ArrivalProcess> arrivals, std::optional<int64_t> max_in_flight)
      : arrivals_(std::move(arrivals)), max_in_flight_(max_in_flight), next_(arrivals_->Next()) {}

  LoadDecision Next(const LoadState& state) override {
    if (!next_) return LoadFinished{};
    if (max_in_flight_ && state.in_flight >= *max_in_flight_) return AwaitCompletion{};
    return IssueAt{Later(state.started_at, *next_), 0};
  }

  void OnIssued(const LoadState& /*state*/) override { next_ = arrivals_->Next(); }
  void OnFinished(int64_t /*user_id*/, const Outcome& /*outcome*/, const LoadState& /*state*/) override {}

  int64_t active_users(const LoadState& state) const override { return state.in_flight; }

 private:
  const std::unique_ptr<ArrivalProcess> arrivals_;
  const std::optional<int64_t> max_in_flight_;
  std::optional<Duration> next_;
};

}  // namespace

absl::Status OpenLoopConfig::Validate() const {
  LLMDYNO_RETURN_IF_ERROR(Params::Parse(arrivals).status());
  LLMDYNO_RETURN_IF_ERROR(schedule.Validate());
  return CheckMaxInFlight(max_in_flight);
}

absl::StatusOr<std::unique_ptr<LoadModel>> MakeOpenLoop(std::unique_ptr<ArrivalProcess> arrivals,
                                                        std::optional<int64_t> max_in_flight) {
  LLMDYNO_RETURN_IF_ERROR(CheckMaxInFlight(max_in_flight));
  return std::make_unique<OpenLoop>(std::move(arrivals), max_in_flight);
}

}  // namespace llmdyno
