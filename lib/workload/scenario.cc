#include "llmdyno/workload/scenario.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "llmdyno/base/status_macros.h"
#include "workload/scenario_parser.h"

namespace llmdyno {
namespace {

// Box-Muller never leaves nine standard deviations, so that what the parser lets through fits the integer.
int64_t DrawNormal(int64_t mean, int64_t standard_deviation, Rng& rng) {
  const double drawn = rng.Normal(static_cast<double>(mean), static_cast<double>(standard_deviation));
  return std::max<int64_t>(1, std::llround(drawn));
}

RequestShape Draw(const RequestShape& shape, Rng&) { return shape; }

RequestShape Draw(const NormalLengths& lengths, Rng& rng) {
  RequestShape shape;  // statement by statement: the input is drawn first
  shape.input_tokens = DrawNormal(lengths.input_mean, lengths.input_standard_deviation, rng);
  shape.output_tokens = DrawNormal(lengths.output_mean, lengths.output_standard_deviation, rng);
  return shape;
}

RequestShape Draw(const UniformLengths& lengths, Rng& rng) {
  RequestShape shape;
  shape.input_tokens = rng.UniformInt(lengths.input_min, lengths.input_max);
  shape.output_tokens = rng.UniformInt(lengths.output_min, lengths.output_max);
  return shape;
}

const ScenarioPart& ChoosePart(const std::vector<ScenarioPart>& parts, Rng& rng) {
  if (parts.size() == 1) return parts.front();
  double total = 0;
  for (const ScenarioPart& part : parts) total += part.weight;
  double left = rng.UniformReal() * total;
  for (const ScenarioPart& part : parts) {
    left -= part.weight;
    if (left < 0) return part;
  }
  return parts.back();  // the subtractions were rounded
}

// "(480,240)"
std::string Group(int64_t first, int64_t second) {
  return "(" + std::to_string(first) + "," + std::to_string(second) + ")";
}

std::string Spell(const RequestShape& shape) {
  if (shape.embedding_tokens) return "E(" + std::to_string(*shape.embedding_tokens) + ")";
  if (shape.rerank) return "R" + Group(shape.rerank->document_tokens, shape.rerank->query_tokens);
  if (!shape.images) return "D" + Group(shape.input_tokens.value_or(1), shape.output_tokens.value_or(1));
  std::string text = "I" + Group(shape.images->width_px, shape.images->height_px);
  if (shape.images->count != 1) text.insert(text.size() - 1, "," + std::to_string(shape.images->count));
  return text;
}

std::string Spell(const NormalLengths& lengths) {
  return "N" + Group(lengths.input_mean, lengths.input_standard_deviation) + "/" +
         Group(lengths.output_mean, lengths.output_standard_deviation);
}

std::string Spell(const UniformLengths& lengths) {
  if (lengths.input_min == 1 && lengths.output_min == 1) {
    return "U" + Group(lengths.input_max, lengths.output_max);
  }
  return "U" + Group(lengths.input_min, lengths.input_max) + "/" +
         Group(lengths.output_min, lengths.output_max);
}

// The shortest decimal that reads as the same number, never with an exponent, which the grammar does not
// have.
std::string SpellWeight(double weight) {
  std::array<char, 64> buffer;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), weight, std::chars_format::fixed);
  return {buffer.data(), end};
}

}  // namespace

RequestKind ScenarioPart::Kind() const {
  const auto* shape = std::get_if<RequestShape>(&lengths);
  return shape == nullptr ? RequestKind::kGeneration : shape->Kind();
}

absl::StatusOr<Scenario> Scenario::Parse(std::string_view text) {
  LLMDYNO_ASSIGN_OR_RETURN(std::vector<ScenarioPart> parts, ParseScenarioParts(text));
  return Scenario(std::move(parts));
}

RequestShape Scenario::Sample(Rng& rng) const {
  const ScenarioPart& part = ChoosePart(parts_, rng);
  return std::visit([&rng](const auto& lengths) { return Draw(lengths, rng); }, part.lengths);
}

std::string ToString(const Scenario& scenario) {
  std::string text;
  for (const ScenarioPart& part : scenario.parts()) {
    if (!text.empty()) text += '+';
    if (scenario.parts().size() > 1 || part.weight != 1) text += SpellWeight(part.weight) + "*";
    text += std::visit([](const auto& lengths) { return Spell(lengths); }, part.lengths);
  }
  return text;
}

}  // namespace llmdyno
