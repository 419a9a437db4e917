#include "catalog/built_in_arrivals.h"

#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/load/arrival_trace.h"

namespace llmdyno {
namespace {

using Process = absl::StatusOr<std::unique_ptr<ArrivalProcess>>;

// --arrivals constant
Process MakeConstant(const Params& params, const ArrivalContext& context) {
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Finish());
  return MakeConstantArrivals(context.schedule);
}

// --arrivals poisson
Process MakePoisson(const Params& params, const ArrivalContext& context) {
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Finish());
  return MakePoissonArrivals(context.schedule, context.rng);
}

// --arrivals gamma:burstiness=0.5
Process MakeGamma(const Params& params, const ArrivalContext& context) {
  double burstiness = 1;
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Read("burstiness", burstiness).Finish());
  return MakeGammaArrivals(context.schedule, burstiness, context.rng);
}

// --arrivals trace:path=trace.jsonl,speedup=2
Process MakeTrace(const Params& params, const ArrivalContext& context) {
  std::string path = context.trace_path;
  double speedup = 1;
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Read("path", path).Read("speedup", speedup).Finish());
  LLMDYNO_ASSIGN_OR_RETURN(std::vector<Duration> offsets, ReadArrivalTrace(path));
  context.diagnostics.Note(path + ": " + WithThousands(std::ssize(offsets)) + " arrivals");
  return MakeTraceArrivals(std::move(offsets), speedup);
}

void Add(ArrivalRegistry& registry, std::string name, std::string summary, std::vector<SettingHelp> settings,
         ArrivalRegistry::Factory factory) {
  // A name twice would be our own mistake, and the catalog's test would find it.
  (void)registry.Add({std::move(name), std::move(summary), std::move(factory), std::move(settings)});
}

}  // namespace

void AddBuiltInArrivals(ArrivalRegistry& registry) {
  Add(registry, "constant", "equal gaps", {}, MakeConstant);
  Add(registry, "poisson", "independent of one another, as from many users who do not know of each other", {},
      MakePoisson);
  Add(registry, "gamma", "gaps from a gamma distribution",
      {{"burstiness", "1", "its shape: 1 is Poisson, less comes in bursts, more is more even"}}, MakeGamma);
  Add(registry, "trace", "as recorded",
      {{"path", "", "JSON Lines with a timestamp in ms; by itself the dataset's file"},
       {"speedup", "1", "replays so many times faster"}},
      MakeTrace);
}

}  // namespace llmdyno
