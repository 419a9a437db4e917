// A RunSpec as a JSON text: what other languages, configuration files and results use
// (docs/run-spec.md has every member with its default; docs/schemas/run-spec.schema.json is its JSON Schema).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/run/run_spec.h"

namespace llmdyno {

// The smallest spec is {"endpoint": {"url": "http://localhost:8000/v1", "model": "m"}, "stop": {"requests":
// 100}}: a closed loop of 80 users with synthetic prompts. Durations are texts ("250ms") or numbers of
// seconds; null stands for "none" where that is possible. `endpoint.api_key_env` names the environment
// variable that holds the key, which is read here and then. Checks what RunSpec::Validate checks; whether
// workloads and arrival processes exist is for MakePlan. InvalidArgument names the member, what was given and
// what is accepted; for an unknown member the nearest known one. Never quotes keys or headers.
absl::StatusOr<RunSpec> ParseRunSpec(std::string_view json);

// Every member, also those with their defaults, so that a later version with other defaults reads the same
// run. Without the key and the headers: ParseRunSpec gives the same spec but for these.
std::string ToJson(const RunSpec& spec);

// All that ParseRunSpec knows: "endpoint.url", "load.users", "seed", … in the order of ToJson.
std::vector<std::string> RunSpecMembers();

}  // namespace llmdyno
