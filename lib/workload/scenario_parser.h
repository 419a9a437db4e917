// Reads the text of a scenario (docs/scenario-grammar.md).
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/workload/scenario.h"

namespace llmdyno {

// At least one part, all of one RequestKind. InvalidArgument says what was expected where.
absl::StatusOr<std::vector<ScenarioPart>> ParseScenarioParts(std::string_view text);

}  // namespace llmdyno
