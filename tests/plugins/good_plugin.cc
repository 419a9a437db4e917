// A plugin as it should be: one of everything but a dialect.
#include <memory>
#include <string>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/plugin.h"

namespace {

using namespace llmdyno;

// --workload counting:words=3,requests=5
class Counting final : public RequestSource {
 public:
  Counting(int64_t words, int64_t requests) : words_(words), requests_(requests) {}
  NextRequest Next(TimePoint) override {
    if (given_ == requests_) return Exhausted{};
    Request request;
    request.id = given_++;
    std::string text = "plugged";
    for (int64_t i = 1; i < words_; ++i) text += " word";
    request.body = ChatBody{{{"user", text + " " + std::to_string(request.id)}}};
    request.max_output_tokens = 4;
    return request;
  }

 private:
  const int64_t words_;
  const int64_t requests_;
  int64_t given_ = 0;
};

absl::StatusOr<std::unique_ptr<RequestSource>> MakeCounting(const Params& params, const WorkloadContext&) {
  int64_t words = 3;
  int64_t requests = 1'000'000;
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Read("words", words).Read("requests", requests).Finish());
  if (words < 1) return absl::InvalidArgumentError("counting: words: expected 1 or more");
  return std::make_unique<Counting>(words, requests);
}

// --arrival pairs:gap=100ms: two at once, then a pause.
class Pairs final : public ArrivalProcess {
 public:
  Pairs(Duration gap, int64_t requests) : gap_(gap), requests_(requests) {}
  std::optional<Duration> Next() override {
    if (given_ == requests_) return std::nullopt;
    return gap_ * (given_++ / 2);
  }

 private:
  const Duration gap_;
  const int64_t requests_;
  int64_t given_ = 0;
};

absl::StatusOr<std::unique_ptr<ArrivalProcess>> MakePairs(const Params& params,
                                                          const ArrivalContext& context) {
  Duration gap = std::chrono::milliseconds(100);
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Read("gap", gap).Finish());
  return std::make_unique<Pairs>(gap, context.schedule.requests);
}

absl::Status Register(Catalog& catalog) {
  LLMDYNO_RETURN_IF_ERROR(catalog.workloads.Add(
      {"counting",
       "numbered prompts",
       MakeCounting,
       {{"words", "3", "words of a prompt"}, {"requests", "1000000", "how many there are"}}}));
  return catalog.arrivals.Add({"pairs", "two at once", MakePairs, {{"gap", "100ms", "time between pairs"}}});
}

}  // namespace

LLMDYNO_PLUGIN("good", "1.2.3", "counts", Register)
