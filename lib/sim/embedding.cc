#include "embedding.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "absl/strings/escaping.h"
#include "base/as_absl.h"
#include "llmdyno/base/random.h"
#include "vocabulary.h"

namespace llmdyno {
namespace {

// The bytes of the floats go over the wire as they lie in memory.
static_assert(std::endian::native == std::endian::little);

std::vector<float> MakeVector(std::string_view text, int64_t dimensions) {
  Rng rng = RandomStreams(1).Stream(text);
  std::vector<float> values(static_cast<size_t>(dimensions));
  double square_sum = 0;
  for (float& value : values) {
    value = static_cast<float>(rng.UniformReal() * 2 - 1);
    square_sum += static_cast<double>(value) * static_cast<double>(value);
  }
  const double scale = square_sum > 0 ? 1 / std::sqrt(square_sum) : 1;
  for (float& value : values) value = static_cast<float>(static_cast<double>(value) * scale);
  return values;
}

}  // namespace

void AppendEmbedding(std::string_view text, int64_t dimensions, bool as_base64, std::string& out,
                     std::string_view not_a_number) {
  std::vector<float> values = MakeVector(text, dimensions);
  if (!not_a_number.empty()) values[values.size() / 2] = std::numeric_limits<float>::quiet_NaN();
  if (as_base64) {
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    out.append("\"").append(absl::Base64Escape(AsAbsl(bytes))).append("\"");
    return;
  }
  char digits[32];
  char separator = '[';
  for (const float value : values) {
    out += separator;
    if (std::isnan(value)) {
      out.append(not_a_number);
    } else {
      out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    }
    separator = ',';
  }
  out += ']';
}

double RelevanceScore(std::string_view query, std::string_view document) {
  std::vector<uint32_t> wanted;
  std::vector<uint32_t> present;
  AppendTokenIds(query, wanted);
  AppendTokenIds(document, present);
  std::sort(present.begin(), present.end());
  const auto found = std::count_if(wanted.begin(), wanted.end(), [&present](uint32_t id) {
    return std::binary_search(present.begin(), present.end(), id);
  });
  const double share = wanted.empty() ? 0 : static_cast<double>(found) / static_cast<double>(wanted.size());
  const double nudge = RandomStreams(1).Stream(document).UniformReal();
  return 0.95 * share + 0.05 * nudge;
}

}  // namespace llmdyno
