// A plugin by somebody who has nothing of llmdyno but what is installed.
#include <memory>
#include <string>

#include "llmdyno/plugin.h"

namespace {

class Clock final : public llmdyno::RequestSource {
 public:
  explicit Clock(int64_t hour) : hour_(hour) {}
  llmdyno::NextRequest Next(llmdyno::TimePoint) override {
    llmdyno::Request request;
    request.id = given_++;
    const std::string minute = std::to_string(request.id % 60);
    request.body =
        llmdyno::ChatBody{{{"user", "It is " + std::to_string(hour_) + ":" + minute + ". And now?"}}};
    return request;
  }

 private:
  const int64_t hour_;
  int64_t given_ = 0;
};

absl::StatusOr<std::unique_ptr<llmdyno::RequestSource>> MakeClock(const llmdyno::Params& params,
                                                                  const llmdyno::WorkloadContext&) {
  int64_t hour = 12;
  absl::Status read = llmdyno::ParamReader(params).Read("hour", hour).Finish();
  if (!read.ok()) return read;
  return std::make_unique<Clock>(hour);
}

absl::Status Register(llmdyno::Catalog& catalog) {
  return catalog.workloads.Add({"clock", "asks for the time", MakeClock, {{"hour", "12", "which hour"}}});
}

}  // namespace

LLMDYNO_PLUGIN("ask_the_time", "0.1", "a plugin of a consumer", Register)
