// Tests the workload of custom_workload.cc linked into a program: the conformance suite, then a race against
// the simulated endpoint in virtual time, which takes milliseconds.
#include <cstdio>
#include <memory>
#include <string>

#include "llmdyno/base/simulated_clock.h"
#include "llmdyno/measure/measurement.h"
#include "llmdyno/plugin.h"
#include "llmdyno/sim/virtual_transport.h"
#include "llmdyno/testing/request_source_conformance.h"

namespace {

using namespace llmdyno;

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "try_custom_workload: %s\n", std::string(status.message()).c_str());
  return 1;
}

// The source as a program would make it from --workload `text`.
std::unique_ptr<RequestSource> MakeSource(const Catalog& catalog, const std::string& text) {
  const WorkloadSpec spec;
  const auto counter = MakeEstimatingTokenCounter();
  const Diagnostics diagnostics;
  auto source = catalog.workloads.Make(*Params::Parse(text), {spec, *counter, Rng(1), diagnostics});
  return source.ok() ? *std::move(source) : nullptr;
}

}  // namespace

int main() {
  Catalog catalog = MakeBuiltInCatalog();
  // What LLMDYNO_PLUGIN defines is there in a program, too.
  if (absl::Status added = llmdyno_plugin_descriptor.register_entries(catalog); !added.ok())
    return Fail(added);
  const auto violations = CheckRequestSource([&] { return MakeSource(catalog, "retrieval:words=20"); });
  for (const std::string& sentence : violations) std::fprintf(stderr, "%s\n", sentence.c_str());
  if (!violations.empty()) return 1;
  std::printf("the workload keeps to the rules\n");

  SimulatedClock clock;
  const auto transport = MakeVirtualTransport({}, clock);
  if (!transport.ok()) return Fail(transport.status());
  RunSpec spec;
  spec.endpoint.url.origin = std::string(kVirtualUrl);
  spec.endpoint.url.prefix = "/v1";
  spec.endpoint.model = "simulated";
  spec.workload.name = "retrieval:passages=2";
  spec.workload.request.max_output_tokens = 50;
  spec.load = ClosedLoopConfig{.users = 8, .ramp_users_per_second = 0};
  spec.stop.requests = 100;
  MeasurementOptions options;
  options.catalog = &catalog;
  options.clock = &clock;
  options.transport = transport->get();
  const auto result = Measure(spec, options);
  if (!result.ok()) return Fail(result.status());
  std::printf("SIMULATED: %lld of %lld requests, %lld tokens\n",
              static_cast<long long>(result->metrics.successful),
              static_cast<long long>(result->metrics.requests),
              static_cast<long long>(result->metrics.output_tokens));
  return result->metrics.successful == 100 ? 0 : 1;
}
