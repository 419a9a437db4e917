#include <string>
#include <utility>

#include "catalog/guarded_products.h"
#include "llmdyno/base/duration_text.h"

namespace llmdyno {
namespace {

constexpr const char* kNext = "ArrivalProcess::Next";

class GuardedArrivals final : public ArrivalProcess {
 public:
  GuardedArrivals(std::unique_ptr<ArrivalProcess> process, PluginHold plugin)
      : guard_(std::move(plugin)), process_(std::move(process)) {}

  std::optional<Duration> Next() override {
    if (is_at_end_) return std::nullopt;
    std::optional<Duration> offset;
    if (guard_.Call(kNext, [&] { offset = process_->Next(); }) && offset && *offset < latest_) {
      const std::string before =
          latest_ == Duration::zero() ? "the start of the phase" : "the one before, at " + ToString(latest_);
      guard_.Fault(kNext, "gave the offset " + Milliseconds(*offset) + ", which lies before " + before +
                              ": expected offsets that never go back");
      offset.reset();
    }
    if (offset) latest_ = *offset;
    is_at_end_ = !offset.has_value();
    return offset;
  }

 private:
  // ToString is for times that can be typed, none of which is negative.
  static std::string Milliseconds(Duration time) { return std::to_string(ToMilliseconds(time)) + "ms"; }

  PluginGuard guard_;
  const std::unique_ptr<ArrivalProcess> process_;
  Duration latest_{};
  bool is_at_end_ = false;
};

}  // namespace

std::unique_ptr<ArrivalProcess> Guarded(std::unique_ptr<ArrivalProcess> made, PluginHold plugin) {
  return std::make_unique<GuardedArrivals>(std::move(made), std::move(plugin));
}

}  // namespace llmdyno
