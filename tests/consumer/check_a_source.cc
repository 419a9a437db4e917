// An author's test of a workload, without a test framework: llmdyno::testing has the rules.
#include <cstdio>
#include <memory>

#include "llmdyno/testing/request_source_conformance.h"

namespace {

using namespace llmdyno;

// Five questions, then nothing; or, when it is broken, ids that do not count up.
class Questions final : public RequestSource {
 public:
  explicit Questions(bool broken) : broken_(broken) {}
  NextRequest Next(TimePoint) override {
    if (drawn_ == 5) return Exhausted{};
    const int64_t number = drawn_++;
    return Request{.id = broken_ ? 7 : number,
                   .body = ChatBody{{{"user", "Question " + std::to_string(number)}}}};
  }

 private:
  const bool broken_;
  int64_t drawn_ = 0;
};

}  // namespace

int main() {
  const auto good = CheckRequestSource([] { return std::make_unique<Questions>(false); });
  for (const std::string& problem : good) std::printf("unexpected: %s\n", problem.c_str());
  const auto bad = CheckRequestSource([] { return std::make_unique<Questions>(true); });
  std::printf("%zu rules are violated by the broken one\n", bad.size());
  return good.empty() && !bad.empty() ? 0 : 1;
}
