#include "sim/embedding.h"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

std::vector<float> AsFloats(std::string_view text, int64_t dimensions) {
  std::string json;
  AppendEmbedding(text, dimensions, false, json);
  return nlohmann::json::parse(json).get<std::vector<float>>();
}

TEST_CASE("Embeddings have length one, and the same text always has the same", "[sim][embedding]") {
  const auto vector = AsFloats("some text", 384);
  REQUIRE(vector.size() == 384);
  double square_sum = 0;
  for (const float value : vector) square_sum += static_cast<double>(value) * static_cast<double>(value);
  CHECK(square_sum == Approx(1).epsilon(1e-5));
  CHECK(vector == AsFloats("some text", 384));
  CHECK(vector != AsFloats("other text", 384));
}

TEST_CASE("A number in the middle can be none, in either encoding", "[sim][embedding]") {
  std::string json;
  AppendEmbedding("some text", 3, false, json, "NaN");
  CHECK(json.find(",NaN,") != std::string::npos);
  json.clear();
  AppendEmbedding("some text", 3, true, json, "NaN");
  std::string bytes;
  REQUIRE(absl::Base64Unescape(nlohmann::json::parse(json).get<std::string>(), &bytes));
  float values[3] = {};
  REQUIRE(bytes.size() == sizeof values);
  std::memcpy(values, bytes.data(), bytes.size());
  CHECK(std::isnan(values[1]));
  CHECK(values[0] == AsFloats("some text", 3)[0]);
}

TEST_CASE("Base64 holds the same 32-bit floats as the list", "[sim][embedding]") {
  std::string json;
  AppendEmbedding("some text", 16, true, json);
  std::string bytes;
  REQUIRE(absl::Base64Unescape(nlohmann::json::parse(json).get<std::string>(), &bytes));
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  CHECK(values == AsFloats("some text", 16));
}

TEST_CASE("A document with more of the query's words scores higher", "[sim][embedding]") {
  CHECK(RelevanceScore("red car", "a red car drives") > RelevanceScore("red car", "a red house"));
  CHECK(RelevanceScore("red car", "a red house") > RelevanceScore("red car", "blue sky"));
  CHECK(RelevanceScore("", "anything") <= 1);
}

}  // namespace
}  // namespace llmdyno
