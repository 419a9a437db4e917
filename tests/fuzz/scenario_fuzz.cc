// Scenarios: what is accepted reads the same when it is written out and read again, and draws sensible
// shapes.
#include "llmdyno/workload/scenario.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace llmdyno;

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

bool IsSensible(const std::optional<int64_t>& tokens) {
  return !tokens || (*tokens >= 1 && *tokens <= 100'000'000);  // ten million, and nine deviations of as many
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto scenario = Scenario::Parse({reinterpret_cast<const char*>(data), size});
  if (!scenario.ok()) {
    Require(!scenario.status().message().empty());
    return 0;
  }
  const auto again = Scenario::Parse(ToString(*scenario));
  Require(again.ok() && *again == *scenario);
  Rng rng(size);
  for (int i = 0; i < 10; ++i) {
    const RequestShape shape = scenario->Sample(rng);
    Require(shape != RequestShape() && shape.Kind() == scenario->Kind());
    Require(IsSensible(shape.input_tokens) && IsSensible(shape.output_tokens));
    Require(shape.input_tokens.has_value() == shape.output_tokens.has_value());
  }
  return 0;
}
