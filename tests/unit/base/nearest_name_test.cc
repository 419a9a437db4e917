#include "llmdyno/base/nearest_name.h"

#include <vector>

#include "support/catch.h"

namespace llmdyno {
namespace {

const std::vector<std::string> kFlags = {"users", "spawn-rate", "max-tokens", "model", "host"};

TEST_CASE("The nearest name forgives one slip of the finger", "[base][nearest_name]") {
  CHECK(FindNearestName("user", kFlags) == "users");    // left out
  CHECK(FindNearestName("userss", kFlags) == "users");  // once too often
  CHECK(FindNearestName("usars", kFlags) == "users");   // replaced
  CHECK(FindNearestName("uesrs", kFlags) == "users");   // swapped
  CHECK(FindNearestName("max_tokens", kFlags) == "max-tokens");
  CHECK(FindNearestName("host", kFlags) == "host");
}

TEST_CASE("The nearest of several is chosen", "[base][nearest_name]") {
  CHECK(FindNearestName("modes", std::vector<std::string>{"nodes", "models", "modes2"}) == "nodes");
  CHECK(FindNearestName("spwan-rat", kFlags) == "spawn-rate");
}

TEST_CASE("A name that is like none of the known ones has no nearest", "[base][nearest_name]") {
  CHECK_FALSE(FindNearestName("temperature", kFlags));
  CHECK_FALSE(FindNearestName("", kFlags));
  CHECK_FALSE(FindNearestName("users", std::vector<std::string>{}));
  // "hots" and "host": one swap in four letters is near; "tsoh": three changes in four letters are not.
  CHECK(FindNearestName("hots", kFlags) == "host");
  CHECK_FALSE(FindNearestName("tsoh", kFlags));
}

}  // namespace
}  // namespace llmdyno
