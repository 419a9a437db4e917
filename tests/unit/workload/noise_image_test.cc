#include "llmdyno/workload/noise_image.h"

#include <png.h>

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/escaping.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

struct Picture {
  int64_t width = 0;
  int64_t height = 0;
  std::vector<unsigned char> pixels;  // red, green, blue
};

Picture Decode(const std::string& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&image, file.data(), file.size()) != 0);
  CHECK(image.format == PNG_FORMAT_RGB);
  image.format = PNG_FORMAT_RGB;
  Picture picture{image.width, image.height, std::vector<unsigned char>(PNG_IMAGE_SIZE(image))};
  REQUIRE(png_image_finish_read(&image, nullptr, picture.pixels.data(), 0, nullptr) != 0);
  return picture;
}

}  // namespace

TEST_CASE("A noise picture is a PNG of the size that was asked for", "[workload][images]") {
  for (const auto& [width, height] :
       {std::pair{1, 1}, std::pair{64, 32}, std::pair{3, 500}, std::pair{513, 7}}) {
    const Picture picture = Decode(NoisePng(width, height, Rng(1)));
    CHECK(picture.width == width);
    CHECK(picture.height == height);
  }
  CHECK(Decode(NoisePng(kMaxNoiseImagePixels, 2, Rng(1))).width == kMaxNoiseImagePixels);
}

TEST_CASE("The same generator gives the same picture, another one another", "[workload][images]") {
  std::set<std::string> files;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const std::string file = NoisePng(16, 16, Rng(seed));
    CHECK(file == NoisePng(16, 16, Rng(seed)));
    files.insert(file);
  }
  CHECK(files.size() == 20);
}

TEST_CASE("Noise does not compress away", "[workload][images]") {
  const std::string file = NoisePng(512, 512, Rng(7));
  // 512 x 512 x 3 bytes, and a filter byte per row: 786,944.
  CHECK(file.size() >= 786'944);
  CHECK(file.size() < 786'944 * 1.005);
  const Picture picture = Decode(file);
  // Each of 256 values comes 3072 times, give or take 55.
  std::vector<int> counts(256);
  for (const unsigned char value : picture.pixels) ++counts[value];
  CHECK(*std::min_element(counts.begin(), counts.end()) > 3072 - 300);
  CHECK(*std::max_element(counts.begin(), counts.end()) < 3072 + 300);
}

TEST_CASE("A noise picture has the same pixels on every machine", "[workload][images]") {
  Rng rng(5);
  const uint64_t first = rng.Next();
  const std::vector<unsigned char> pixels = Decode(NoisePng(2, 1, Rng(5))).pixels;
  REQUIRE(pixels.size() == 6);
  for (size_t i = 0; i < 6; ++i) CHECK(pixels[i] == static_cast<unsigned char>(first >> (8 * i)));
}

TEST_CASE("A data URL holds the bytes in base64", "[workload][images]") {
  CHECK(DataUrl("image/png", std::string("\x89PNG\r\n\x1A\n", 8)) == "data:image/png;base64,iVBORw0KGgo=");
  CHECK(DataUrl("image/jpeg", "") == "data:image/jpeg;base64,");
  const std::string file = NoisePng(20, 20, Rng(1));
  const std::string url = DataUrl("image/png", file);
  std::string bytes;
  REQUIRE(absl::Base64Unescape(url.substr(url.find(',') + 1), &bytes));
  CHECK(bytes == file);
}
