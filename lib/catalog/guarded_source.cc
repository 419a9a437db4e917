#include <chrono>
#include <string>
#include <utility>

#include "catalog/guarded_products.h"
#include "catalog/request_nonsense.h"

namespace llmdyno {
namespace {

constexpr const char* kNext = "RequestSource::Next";
// A source that keeps saying "not before" an instant that is past would have the loop spin.
constexpr int kMostPastAnswers = 1000;
constexpr Duration kFarthestAhead = std::chrono::hours(366 * 24);

class GuardedSource final : public RequestSource {
 public:
  GuardedSource(std::unique_ptr<RequestSource> source, PluginHold plugin)
      : guard_(std::move(plugin)), source_(std::move(source)) {}

  NextRequest Next(TimePoint now) override {
    NextRequest next = Exhausted{};
    if (!guard_.Call(kNext, [&] { next = source_->Next(now); })) return Exhausted{};
    if (const std::string nonsense = NonsenseIn(next, now); !nonsense.empty()) {
      guard_.Fault(kNext, nonsense);
      return Exhausted{};
    }
    if (std::holds_alternative<Request>(next)) {
      ++given_;
      ++in_flight_;
    }
    return next;
  }

  void OnFinished(const RequestRecord& record) override {
    --in_flight_;
    guard_.Call("RequestSource::OnFinished", [&] { source_->OnFinished(record); });
  }

  void OnRefused(const Request& /*request*/, const absl::Status& why) override {
    guard_.Fault(kNext, "gave a request that the dialect cannot carry: " + std::string(why.message()));
  }

 private:
  std::string NonsenseIn(const NextRequest& next, TimePoint now) {
    if (const auto* request = std::get_if<Request>(&next)) {
      past_answers_ = 0;
      if (request->id != given_) {
        return "gave a request the id " + std::to_string(request->id) + ": expected " +
               std::to_string(given_) + ", as ids count up from 0";
      }
      return NonsenseInRequest(*request);
    }
    if (const auto* wait = std::get_if<NotBefore>(&next)) return NonsenseInWait(wait->at, now);
    if (std::holds_alternative<AwaitResponse>(next) && in_flight_ <= 0) {
      return "answered AwaitResponse although no request is under way: it would wait for ever";
    }
    return "";
  }

  std::string NonsenseInWait(TimePoint at, TimePoint now) {
    if (at > now && at - now > kFarthestAhead) {
      return "answered NotBefore an instant more than a year ahead: expected one that the run lives to see";
    }
    past_answers_ = at > now ? 0 : past_answers_ + 1;
    if (past_answers_ < kMostPastAnswers) return "";
    return "answered NotBefore an instant that is past, " + std::to_string(kMostPastAnswers) +
           " times in a row: expected a request, or an instant to come";
  }

  PluginGuard guard_;
  const std::unique_ptr<RequestSource> source_;  // goes before the guard, which holds its code
  int64_t given_ = 0;
  int64_t in_flight_ = 0;
  int past_answers_ = 0;
};

}  // namespace

std::unique_ptr<RequestSource> Guarded(std::unique_ptr<RequestSource> made, PluginHold plugin) {
  return std::make_unique<GuardedSource>(std::move(made), std::move(plugin));
}

}  // namespace llmdyno
