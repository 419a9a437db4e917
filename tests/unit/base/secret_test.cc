#include "llmdyno/base/secret.h"

#include <concepts>
#include <sstream>

#include "support/catch.h"

namespace llmdyno {
namespace {

static_assert(!std::equality_comparable<Secret>, "a comparison would tell about the text");
static_assert(!std::convertible_to<Secret, std::string>);
static_assert(!std::convertible_to<std::string, Secret>);

TEST_CASE("A secret prints as redacted, however it is printed", "[base][secret]") {
  const Secret secret("sk-very-private");
  std::ostringstream out;
  out << secret;
  CHECK(out.str() == "[redacted]");
  CHECK(ToString(secret) == "[redacted]");
  CHECK_FALSE(secret.empty());
}

TEST_CASE("A secret gives its text only to who asks by name", "[base][secret]") {
  CHECK(Secret("sk-very-private").Reveal() == "sk-very-private");
}

TEST_CASE("An empty secret prints as nothing", "[base][secret]") {
  std::ostringstream out;
  out << Secret();
  CHECK(out.str().empty());
  CHECK(Secret().empty());
  CHECK(Secret("").empty());
}

}  // namespace
}  // namespace llmdyno
