// Turns a RunSpec into a RunPlan: finds out how tokens can be counted, reads the dataset, builds the live
// objects. Called by apps and tools that link llmdyno before each run, on its thread; blocks while files are
// read and prompts are counted.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/base/clock.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/net/transport.h"
#include "llmdyno/run/run_plan.h"
#include "llmdyno/run/run_spec.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// What the plans of a run share.
struct RunSetting {
  const Catalog& catalog;
  Transport& transport;
  const Clock& clock;
  const Diagnostics& diagnostics;
};

// The endpoint's own tokenizer when it offers one, else the rule of thumb. Unavailable when nothing answers
// there.
absl::StatusOr<std::unique_ptr<TokenCounter>> MakeTokenCounter(const RunSpec& spec,
                                                               const RunSetting& setting);

// The dialect that the spec names. InvalidArgument and NotFound are the user's: an unknown name, settings
// that it does not know, or something in spec.dialect that it cannot do. Sends nothing.
absl::StatusOr<std::shared_ptr<const Dialect>> MakeDialect(const RunSpec& spec, const Catalog& catalog,
                                                           const Diagnostics& diagnostics);

// The measured run. Counting prompts may send requests through the transport; nothing else does.
// InvalidArgument and NotFound are the user's: an unknown workload, arrival process or dialect, a file
// without usable rows.
absl::StatusOr<RunPlan> MakePlan(const RunSpec& spec, const RunSetting& setting, TokenCounter& counter);

// The warm-up: its requests come from another random stream and are ended by their number. A closed loop's
// warm-up has at most as many users as the run; that of an open loop is a closed loop of at most eight.
// Errors are MakePlan's.
absl::StatusOr<RunPlan> MakeWarmUpPlan(const RunSpec& spec, const RunSetting& setting, TokenCounter& counter);

}  // namespace llmdyno
