#include "llmdyno/workload/text_length.h"

#include <array>
#include <cassert>
#include <utility>

#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/scenario.h"

namespace llmdyno {
namespace {

using Kind = TextLength::Kind;

constexpr int64_t kMostWords = 1'000'000;
constexpr std::array<std::pair<std::string_view, Kind>, 4> kCategories = {
    {{"short", Kind::kShort}, {"medium", Kind::kMedium}, {"long", Kind::kLong}, {"mixed", Kind::kMixed}}};

absl::Status Wrong(std::string_view text) {
  std::vector<std::string> names;
  for (const auto& [name, kind] : kCategories) names.emplace_back(name);
  const auto nearest = FindNearestName(std::string(text), names);
  return absl::InvalidArgumentError("expected short, medium, long, mixed, a number of words from 1 to " +
                                    WithThousands(kMostWords) + " or E(tokens), got '" + std::string(text) +
                                    "'" + (nearest ? "; did you mean '" + *nearest + "'?" : ""));
}

}  // namespace

absl::StatusOr<TextLength> TextLength::Parse(std::string_view text) {
  for (const auto& [name, kind] : kCategories) {
    if (text == name) return TextLength{kind, 0};
  }
  if (text.starts_with("E(")) {
    LLMDYNO_ASSIGN_OR_RETURN(const Scenario scenario, Scenario::Parse(text));
    const auto* shape = std::get_if<RequestShape>(&scenario.parts().front().lengths);
    if (scenario.parts().size() != 1 || shape == nullptr || !shape->embedding_tokens) return Wrong(text);
    return TextLength{Kind::kTokens, *shape->embedding_tokens};
  }
  const auto words = ParseInteger(text);
  if (!words || *words < 1 || *words > kMostWords) return Wrong(text);
  return TextLength{Kind::kWords, *words};
}

int64_t TextLength::DrawWords(Rng& rng) const {
  switch (kind) {
    case Kind::kShort:
      return rng.UniformInt(5, 15);
    case Kind::kMedium:
      return rng.UniformInt(18, 46);
    case Kind::kLong: {
      int64_t words = 0;
      for (int64_t sentence = rng.UniformInt(4, 8); sentence > 0; --sentence) words += rng.UniformInt(18, 46);
      return words;
    }
    case Kind::kMixed: {
      constexpr std::array kThree = {Kind::kShort, Kind::kMedium, Kind::kLong};
      return TextLength{kThree[static_cast<size_t>(rng.UniformInt(0, 2))], 0}.DrawWords(rng);
    }
    case Kind::kWords:
      return count;
    case Kind::kTokens:
      break;
  }
  assert(false && "texts of exact tokens are a scenario's");
  return count;
}

std::string ToString(const TextLength& length) {
  for (const auto& [name, kind] : kCategories) {
    if (kind == length.kind) return std::string(name);
  }
  const std::string count = std::to_string(length.count);
  return length.kind == Kind::kTokens ? "E(" + count + ")" : count;
}

}  // namespace llmdyno
