#include "llmdyno/base/rate.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

TEST_CASE("A request rate knows its mean gap", "[base][rate]") {
  CHECK((5_per_s).MeanGap() == 200ms);
  CHECK((0.5_per_s).MeanGap() == 2s);
  CHECK((20_per_s).PerSecond() == 20.0);
  CHECK(RequestRate::PerSecond(3) > 2_per_s);
  CHECK(RequestRate().PerSecond() == 0.0);
}

}  // namespace
}  // namespace llmdyno
