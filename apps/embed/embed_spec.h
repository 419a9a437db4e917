// From flags to an embedding benchmark: what they mean, and what is wrong with them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "embed/embed_options.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/experiment/sweep.h"
#include "llmdyno/run/run_spec.h"
#include "llmdyno/workload/scenario.h"
#include "llmdyno/workload/text_length.h"

namespace llmdyno {

// What the requests of one or more levels hold: a length as it was written, and what it means.
struct EmbedLength {
  std::string text;                  // "short", "200", "E(128)", "R(128,16)"
  TextLength length;                 // unless a scenario makes the texts
  std::optional<Scenario> scenario;  // E(tokens), R(document,query)
                                     // With --workload the only one, and neither of them.
};

struct EmbedLevel {
  size_t length = 0;             // index into EmbedSpec::lengths
  std::optional<double> rate{};  // requests per second, in an open loop
};

struct EmbedSpec {
  RunSpec run;  // endpoint and connection; its load and its workload are not looked at
  std::shared_ptr<const Dialect> dialect;
  bool ranks = false;  // R(document,query) instead of embeddings
  std::vector<EmbedLength> lengths;
  SweepConfig sweep;
  std::vector<EmbedLevel> levels;  // one for each level of `sweep`
  std::vector<int64_t> sweep_values;
  int64_t most_in_flight = 1;
  std::string results_file;
};

// InvalidArgument in a sentence that names the flag, what was given and what is accepted. Sends nothing.
absl::StatusOr<EmbedSpec> MakeEmbedSpec(EmbedOptions& options, const FlagTable& flags, const Catalog& catalog,
                                        const Diagnostics& diagnostics);

}  // namespace llmdyno
