#include "sim/image_kind.h"

#include "absl/strings/escaping.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

// The beginning of a PNG of 64 x 32 pixels.
const std::string kPng("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x20\x08\x02\0\0\0", 29);

std::string Url(const std::string& bytes) { return "data:image/png;base64," + absl::Base64Escape(bytes); }

TEST_CASE("The size of a PNG is read from its header", "[sim][images]") {
  CHECK(DescribeImage(Url(kPng)).size == "64x32");
  CHECK(DescribeImage(Url(kPng + std::string(10'000, '\xAB'))).size == "64x32");
}

TEST_CASE("What is no PNG in a data URL has no size but a hash", "[sim][images]") {
  for (const std::string& url :
       {std::string("https://pictures.test/a.png"), std::string(""), std::string("data:image/png;base64,"),
        std::string("data:image/png;base64,!!!!"), Url("\xFF\xD8\xFF\xE0 a JPEG of some bytes ....."),
        Url(kPng.substr(0, 20)), std::string("data:image/svg+xml,<svg/>")}) {
    INFO(url);
    CHECK_FALSE(DescribeImage(url).size);
  }
}

TEST_CASE("The hash of an image is FNV-1a of its URL", "[sim][images]") {
  // Test vectors of http://www.isthe.com/chongo/src/fnv/test_fnv.c
  CHECK(DescribeImage("").hash == 0xCBF29CE484222325U);
  CHECK(DescribeImage("a").hash == 0xAF63DC4C8601EC8CU);
  CHECK(DescribeImage("foobar").hash == 0x85944171F73967E8U);
}

}  // namespace
}  // namespace llmdyno
