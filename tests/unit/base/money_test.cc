#include "llmdyno/base/money.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

TEST_CASE("Money keeps prices far below a millionth of a dollar", "[base][money]") {
  CHECK(MicroUsd::FromUsd(1.47).Usd() == Approx(1.47).epsilon(1e-12));
  CHECK(MicroUsd::FromUsd(2.5e-9).Usd() == Approx(2.5e-9).epsilon(1e-12));
  CHECK(MicroUsd().Usd() == 0);
  CHECK(MicroUsd::FromUsd(1) < MicroUsd::FromUsd(2));
  CHECK(MicroUsd::FromUsd(3) == MicroUsd::FromUsd(3));
}

}  // namespace
}  // namespace llmdyno
