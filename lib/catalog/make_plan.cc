#include "llmdyno/catalog/make_plan.h"

#include <algorithm>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/run/server_tokenizer.h"

namespace llmdyno {
namespace {

constexpr int kProbeAttempts = 3;
// A warm-up opens connections and fills caches; it must not be a load test of its own.
constexpr int64_t kMostWarmUpUsers = 8;

absl::StatusOr<std::unique_ptr<LoadModel>> MakeLoad(const OpenLoopConfig& config, const RunSpec& spec,
                                                    const RunSetting& setting, const std::string& purpose) {
  LLMDYNO_ASSIGN_OR_RETURN(Params arrivals, Params::Parse(config.arrivals));
  const ArrivalContext context{config.schedule, RandomStreams(spec.seed).Stream(purpose + " arrivals"),
                               spec.workload.path, setting.diagnostics};
  LLMDYNO_ASSIGN_OR_RETURN(std::unique_ptr<ArrivalProcess> process,
                           setting.catalog.arrivals.Make(arrivals, context));
  return MakeOpenLoop(std::move(process), config.max_in_flight);
}

absl::StatusOr<std::unique_ptr<LoadModel>> MakeLoad(const ClosedLoopConfig& config, const RunSpec& spec,
                                                    const RunSetting& /*setting*/,
                                                    const std::string& purpose) {
  return MakeClosedLoop(config, RandomStreams(spec.seed).Stream(purpose + " back-off"));
}

// `purpose` names the random streams, so that warm-up and measured requests differ. The level is no part of
// the name: all levels send the same requests.
absl::StatusOr<RunPlan> MakePlanFor(const RunSpec& spec, const RunSetting& setting, TokenCounter& counter,
                                    const std::string& purpose) {
  LLMDYNO_RETURN_IF_ERROR(spec.Validate());
  const RandomStreams streams(spec.seed);
  RunPlan plan;
  plan.endpoint = spec.endpoint;
  plan.stop = spec.stop;
  plan.drain_timeout = spec.drain_timeout;
  plan.level = spec.level;
  plan.first_request_id = spec.first_request_id;
  plan.keep_texts = spec.keep_texts;
  LLMDYNO_ASSIGN_OR_RETURN(plan.dialect, MakeDialect(spec, setting.catalog, setting.diagnostics));
  LLMDYNO_ASSIGN_OR_RETURN(
      plan.load,
      std::visit([&](const auto& config) { return MakeLoad(config, spec, setting, purpose); }, spec.load));
  LLMDYNO_ASSIGN_OR_RETURN(Params workload, Params::Parse(spec.workload.name));
  const WorkloadContext context{spec.workload, counter, streams.Stream(purpose + " prompts"),
                                setting.diagnostics};
  LLMDYNO_ASSIGN_OR_RETURN(plan.source, setting.catalog.workloads.Make(workload, context));
  return plan;
}

// A warm-up waits for its answers, whatever the measured part does.
ClosedLoopConfig WarmUpLoad(const RunSpec& spec) {
  ClosedLoopConfig load{.users = kMostWarmUpUsers, .ramp_users_per_second = 0};
  if (const auto* measured = std::get_if<ClosedLoopConfig>(&spec.load)) load = *measured;
  load.users = std::min(load.users, spec.warm_up_requests);
  return load;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenCounter>> MakeTokenCounter(const RunSpec& spec,
                                                               const RunSetting& setting) {
  LLMDYNO_ASSIGN_OR_RETURN(TokenizerProbe probe, ProbeServerTokenizer(spec.endpoint, setting.transport,
                                                                      setting.clock, kProbeAttempts));
  if (probe.counter != nullptr) return std::move(probe.counter);
  setting.diagnostics.Note("the endpoint offers no /tokenize route (" + probe.why_not +
                           "): prompt lengths are estimated until its own usage tells");
  return MakeEstimatingTokenCounter();
}

absl::StatusOr<std::shared_ptr<const Dialect>> MakeDialect(const RunSpec& spec, const Catalog& catalog,
                                                           const Diagnostics& diagnostics) {
  LLMDYNO_ASSIGN_OR_RETURN(const Params params, Params::Parse(spec.dialect_name));
  LLMDYNO_ASSIGN_OR_RETURN(std::shared_ptr<const Dialect> dialect,
                           catalog.dialects.Make(params, DialectContext{spec, diagnostics}));
  // A factory may be someone else's.
  if (dialect == nullptr) return absl::InternalError("dialect '" + params.name + "' made nothing");
  return dialect;
}

absl::StatusOr<RunPlan> MakePlan(const RunSpec& spec, const RunSetting& setting, TokenCounter& counter) {
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, MakePlanFor(spec, setting, counter, "measured"));
  plan.first_request_id = spec.first_request_id + spec.warm_up_requests;
  return plan;
}

absl::StatusOr<RunPlan> MakeWarmUpPlan(const RunSpec& spec, const RunSetting& setting,
                                       TokenCounter& counter) {
  RunSpec warm_up = spec;
  warm_up.load = WarmUpLoad(spec);
  warm_up.workload.requests = std::max<int64_t>(1, spec.warm_up_requests);
  warm_up.stop = StopCondition();
  warm_up.stop.requests = spec.warm_up_requests;
  warm_up.stop.consecutive_failures_at_start = spec.stop.consecutive_failures_at_start;
  warm_up.stop.refusals_at_start = spec.stop.refusals_at_start;
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, MakePlanFor(warm_up, setting, counter, "warm-up"));
  plan.phase = RunPhase::kWarmUp;
  return plan;
}

}  // namespace llmdyno
