// From flags to a sweep: what they mean, and what is wrong with them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/experiment/sweep.h"
#include "llmdyno/report/sweep_report.h"
#include "llmdyno/run/run_spec.h"
#include "llmdyno/workload/adapter_mix.h"
#include "llmdyno/workload/dataset_config.h"
#include "llmdyno/workload/scenario.h"
#include "sweep/sweep_options.h"

namespace llmdyno {

struct SweepSpec {
  SweepKind kind = SweepKind::kCompletion;
  RunSpec run;  // endpoint, spelling and connection; its load and its workload are not looked at
  RequestKind requests = RequestKind::kGeneration;
  std::shared_ptr<const Dialect> dialect;

  std::optional<Scenario> scenario;  // none: replay, a grid, or questions
  std::optional<DatasetConfig> dataset;
  std::optional<ImageShape> images;  // sent with every request, beside the scenario's text
  std::optional<AdapterMixConfig> adapters;
  int64_t max_output_tokens = 4096;
  std::string prompt_source;  // as in the result files

  SweepConfig sweep;
  std::vector<ShapeCell> cells;  // of a grid, one per level
  int64_t most_in_flight = 1;
  std::string results_file;
};

// InvalidArgument in a sentence that names the flag, what was given and what is accepted. Sends nothing;
// reads the dataset's configuration, but not the dataset.
absl::StatusOr<SweepSpec> MakeSweepSpec(SweepOptions& options, const FlagTable& flags, const Catalog& catalog,
                                        const Diagnostics& diagnostics);

}  // namespace llmdyno
