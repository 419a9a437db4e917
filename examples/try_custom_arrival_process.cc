// Tests the arrival process of custom_arrival_process.cc linked into a program: the conformance suite, then
// its schedule, then a level of 200 requests against the simulated endpoint in virtual time.
#include <cstdio>
#include <memory>
#include <string>

#include "llmdyno/base/simulated_clock.h"
#include "llmdyno/measure/measurement.h"
#include "llmdyno/plugin.h"
#include "llmdyno/sim/virtual_transport.h"
#include "llmdyno/testing/arrival_process_conformance.h"

namespace {

using namespace llmdyno;

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "try_custom_arrival_process: %s\n", std::string(status.message()).c_str());
  return 1;
}

// The process as a program would make it from --arrival `text`.
std::unique_ptr<ArrivalProcess> MakeProcess(const Catalog& catalog, const ArrivalSchedule& schedule,
                                            const std::string& text) {
  const std::string no_trace;
  const Diagnostics diagnostics;
  auto process = catalog.arrivals.Make(*Params::Parse(text), {schedule, Rng(1), no_trace, diagnostics});
  return process.ok() ? *std::move(process) : nullptr;
}

}  // namespace

int main() {
  Catalog catalog = MakeBuiltInCatalog();
  // What LLMDYNO_PLUGIN defines is there in a program, too.
  if (absl::Status added = llmdyno_plugin_descriptor.register_entries(catalog); !added.ok())
    return Fail(added);
  ArrivalSchedule schedule;
  schedule.rate.final_per_second = 20;
  schedule.requests = 200;
  const auto make = [&] { return MakeProcess(catalog, schedule, "shift:peak=3"); };
  const auto violations = CheckArrivalProcess(make, {.requests = 200, .window = std::chrono::seconds(10)});
  for (const std::string& sentence : violations) std::fprintf(stderr, "%s\n", sentence.c_str());
  if (!violations.empty()) return 1;
  std::printf("the arrival process keeps to the rules\nrequests in each second:");
  const std::unique_ptr<ArrivalProcess> process = make();
  int64_t of_second[10] = {};
  while (const auto offset = process->Next()) ++of_second[*offset / std::chrono::seconds(1)];
  for (const int64_t requests : of_second) std::printf(" %lld", static_cast<long long>(requests));
  std::printf("\n");

  SimulatedClock clock;
  const auto transport = MakeVirtualTransport({}, clock);
  if (!transport.ok()) return Fail(transport.status());
  RunSpec spec;
  spec.endpoint.url.origin = std::string(kVirtualUrl);
  spec.endpoint.url.prefix = "/v1";
  spec.endpoint.model = "simulated";
  spec.workload.name = "synthetic";
  spec.workload.request.max_output_tokens = 20;
  OpenLoopConfig load;
  load.schedule = schedule;
  load.arrivals = "shift:peak=3";
  spec.load = load;
  spec.stop.requests = schedule.requests;
  MeasurementOptions options;
  options.catalog = &catalog;
  options.clock = &clock;
  options.transport = transport->get();
  const auto result = Measure(spec, options);
  if (!result.ok()) return Fail(result.status());
  std::printf("SIMULATED: %lld of %lld requests\n", static_cast<long long>(result->metrics.successful),
              static_cast<long long>(result->metrics.requests));
  return result->metrics.successful == 200 ? 0 : 1;
}
