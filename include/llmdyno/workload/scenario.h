// The shape of a workload in one word: "N(480,240)/(300,150)" is requests of about 480 tokens in and 300 out.
//
// A sweep parses it once from what the user wrote and draws a shape for each request; sources then find text,
// images or documents of that shape. The grammar, and how it differs from that of other tools with the same
// letters, is in docs/scenario-grammar.md.
//
//   D(in,out)                           each request the same
//   N(mean,std)/(mean,std)              normal: input / output
//   U(min,max)/(min,max)                uniform, both ends included: input / output
//   U(max_in,max_out)                   the same from 1 on
//   I(width,height)  I(width,height,n)  n images, or one
//   E(tokens)                           documents to embed
//   R(document,query)                   documents to rank by a query
//   0.7*N(480,240)/(300,150)+0.3*D(4000,200)   a mixture
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/random.h"
#include "llmdyno/workload/request_shape.h"

namespace llmdyno {

// Lengths in tokens, input and output independent of each other. A draw is rounded to the nearest whole
// number, and one below 1 becomes 1.
struct NormalLengths {
  int64_t input_mean = 1;
  int64_t input_standard_deviation = 0;
  int64_t output_mean = 1;
  int64_t output_standard_deviation = 0;

  friend bool operator==(const NormalLengths&, const NormalLengths&) = default;
};

// Lengths in tokens, both ends included, input and output independent of each other.
struct UniformLengths {
  int64_t input_min = 1;
  int64_t input_max = 1;
  int64_t output_min = 1;
  int64_t output_max = 1;

  friend bool operator==(const UniformLengths&, const UniformLengths&) = default;
};

// One term of a mixture, or the whole of a scenario that is none.
struct ScenarioPart {
  double weight = 1;  // as written, relative to the other parts; more than 0
  // D, I, E and R always draw the same shape, which is this one.
  std::variant<RequestShape, NormalLengths, UniformLengths> lengths;

  // Of the shapes that it draws; they all have the same.
  RequestKind Kind() const;
  friend bool operator==(const ScenarioPart&, const ScenarioPart&) = default;
};

// A value that never changes; safe to read from several threads, each with its own Rng.
class Scenario {
 public:
  // InvalidArgument points at the character (counted from 1) and says what could stand there:
  // "expected ')' at character 10 (the end), as in N(mean,std)/(mean,std): N(480,240".
  static absl::StatusOr<Scenario> Parse(std::string_view text);

  // The next shape. The same generator gives the same shapes on every platform; scenarios without chance (a
  // single D, I, E or R) leave it as it is.
  RequestShape Sample(Rng& rng) const;

  // The same for every shape it draws: a mixture never goes to two APIs.
  RequestKind Kind() const { return parts_.front().Kind(); }

  // In the order written; at least one.
  const std::vector<ScenarioPart>& parts() const { return parts_; }

  friend bool operator==(const Scenario&, const Scenario&) = default;

 private:
  explicit Scenario(std::vector<ScenarioPart> parts) : parts_(std::move(parts)) {}

  std::vector<ScenarioPart> parts_;
};

// The shortest spelling: Parse(ToString(scenario)) == scenario. Weights are kept as they were given; a
// scenario of one part shows its weight unless that is 1.
std::string ToString(const Scenario& scenario);

}  // namespace llmdyno
