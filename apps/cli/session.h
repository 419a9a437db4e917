// What every measuring app sets up before it sends: simulator, descriptors, transport, token counter.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/endpoint_options.h"
#include "cli/extension_options.h"
#include "cli/extensions.h"
#include "llmdyno/base/clock.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/simulated_clock.h"
#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/core/record_sink.h"
#include "llmdyno/run/run_control.h"
#include "llmdyno/run/run_spec.h"
#include "llmdyno/sim/sim_server.h"

namespace llmdyno {

// Notes and warnings go to standard error, one line each.
Diagnostics ConsoleDiagnostics();

// Lives as long as the app measures; one thread.
class Session {
 public:
  Session();
  ~Session();

  // Takes in the extensions of the command line: what is called next sees them. InvalidArgument in a sentence
  // that names the flag. Sends nothing.
  absl::Status Extend(const ExtensionOptions& options);
  // The record sinks and report writers that were asked for.
  Extensions& extensions() { return extensions_; }

  // Starts the simulator that was asked for, if any, and writes its URL into the spec, opens the transports.
  // Sends nothing. `descriptors` is how many connections may be open at once: fewer than that is an error
  // when `must_have_descriptors`, else a warning.
  absl::Status Open(RunSpec& spec, const EndpointOptions& endpoint, int64_t descriptors,
                    bool must_have_descriptors);

  // Asks the endpoint for its tokenizer, unless counting prompts has done so already. Unavailable with a
  // sentence when nothing answers there.
  absl::Status Reach();

  const Clock& clock() const { return *clock_; }
  const Diagnostics& diagnostics() const { return diagnostics_; }
  const Catalog& catalog() const { return catalog_; }
  // The first shard's, for what is asked beside the runs.
  Transport& transport() const { return *transports_.front(); }
  // One for each shard.
  std::vector<Transport*> transports() const;
  // The endpoint's own tokenizer where it offers one, else the rule of thumb; asks when it is first used.
  TokenCounter& counter();
  // Where nothing counts tokens, learns from the endpoint's usage what these texts cost, with two requests
  // that are in no figure. Does nothing where the endpoint has a tokenizer. Unavailable as Reach().
  absl::Status LearnFromUsage(const RunSpec& spec, const std::shared_ptr<const Dialect>& dialect,
                              std::span<const std::string_view> texts);
  RunControl& control() { return control_; }
  RunSetting setting() { return {catalog_, transport(), *clock_, diagnostics_}; }
  bool is_simulated() const { return simulator_ != nullptr || virtual_clock_ != nullptr; }
  // How often, in the time of the run, to show progress that is wanted so often in real time.
  Duration ProgressInterval(Duration wanted) const;

  // Runs the warm-up of the spec, if it has one; the sinks receive its records under their phase. Unavailable
  // when it gave up.
  absl::Status WarmUp(const RunSpec& spec, const std::vector<RecordSink*>& sinks);

 private:
  class CounterOnDemand;

  absl::Status OpenVirtual(RunSpec& spec, const SimConfig& simulator);

  const Clock* clock_ = &SystemClock();
  const Diagnostics diagnostics_ = ConsoleDiagnostics();
  Catalog catalog_ = MakeBuiltInCatalog();
  Extensions extensions_;
  RunControl control_;
  std::unique_ptr<SimServer> simulator_;
  std::unique_ptr<SimulatedClock> virtual_clock_;  // with --virtual-time
  std::vector<std::unique_ptr<Transport>> transports_;
  std::unique_ptr<CounterOnDemand> counter_;
};

}  // namespace llmdyno
