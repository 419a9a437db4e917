#include "llmdyno/base/duration_text.h"

#include "llmdyno/base/random.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

TEST_CASE("Durations are read with every unit, and a bare number is seconds", "[base][duration_text]") {
  CHECK(ParseDuration("250ms").value() == 250ms);
  CHECK(ParseDuration("1.5s").value() == 1500ms);
  CHECK(ParseDuration("2m").value() == 2min);
  CHECK(ParseDuration("1h").value() == 1h);
  CHECK(ParseDuration("40us").value() == 40us);
  CHECK(ParseDuration("7ns").value() == 7ns);
  CHECK(ParseDuration("3").value() == 3s);
  CHECK(ParseDuration("0.25").value() == 250ms);
  CHECK(ParseDuration("+2s").value() == 2s);
  CHECK(ParseDuration("0").value() == 0s);
  CHECK(ParseDuration("1e3ms").value() == 1s);
}

TEST_CASE("Fractions of a nanosecond are rounded to the nearest one", "[base][duration_text]") {
  CHECK(ParseDuration("0.0004us").value() == 0ns);
  CHECK(ParseDuration("0.0006us").value() == 1ns);
  CHECK(ParseDuration("1.0000000014s").value() == 1'000'000'001ns);
}

TEST_CASE("What is not a duration is quoted in the error", "[base][duration_text]") {
  for (const std::string text : {"", "s", "ms", "-1s", "abc", "1 s", "1sec", "inf", "infs", "nan", "0x10",
                                 "1.2.3", "1s ", "+-1s", "--1", "1d", "1e400", "300000h0", "9999999999h"}) {
    CAPTURE(text);
    const auto parsed = ParseDuration(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(std::string(parsed.status().message()).find("'" + text + "' is not a duration") !=
          std::string::npos);
  }
}

TEST_CASE("Durations are written in the largest unit that divides them", "[base][duration_text]") {
  CHECK(ToString(Duration(250ms)) == "250ms");
  CHECK(ToString(Duration(90s)) == "90s");
  CHECK(ToString(Duration(2min)) == "2m");
  CHECK(ToString(Duration(1h)) == "1h");
  CHECK(ToString(Duration(0)) == "0s");
  CHECK(ToString(Duration(1500us)) == "1500us");
}

TEST_CASE("Every duration that is not negative survives being written and read", "[base][duration_text]") {
  Rng rng(1);
  for (int i = 0; i < 20'000; ++i) {
    // All magnitudes alike: shift a random number by a random amount.
    const Duration duration(static_cast<int64_t>(rng.Next() >> rng.UniformInt(1, 63)));
    const std::string text = ToString(duration);
    CAPTURE(text);
    REQUIRE(ParseDuration(text).value() == duration);
  }
  CHECK(ParseDuration(ToString(Duration::max())).value() == Duration::max());
}

}  // namespace
}  // namespace llmdyno
