#include "llmdyno/catalog/make_plan.h"

#include <algorithm>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/run/server_tokenizer.h"

namespace llmdyno {
namespace {

constexpr int kProbeAttempts = 3;

// `purpose` names the random streams, so that warm-up and measured requests differ.
absl::StatusOr<RunPlan> MakePlanFor(const RunSpec& spec, const RunSetting& setting, TokenCounter& counter,
                                    const std::string& purpose) {
  LLMDYNO_RETURN_IF_ERROR(spec.Validate());
  const RandomStreams streams(spec.seed);
  RunPlan plan;
  plan.endpoint = spec.endpoint;
  plan.stop = spec.stop;
  plan.drain_timeout = spec.drain_timeout;
  plan.keep_texts = spec.keep_texts;
  LLMDYNO_ASSIGN_OR_RETURN(plan.dialect, MakeOpenAiDialect(spec.dialect));
  LLMDYNO_ASSIGN_OR_RETURN(plan.load, MakeClosedLoop(spec.load, streams.Stream(purpose + " back-off")));
  LLMDYNO_ASSIGN_OR_RETURN(Params workload, Params::Parse(spec.workload.name));
  const WorkloadContext context{spec.workload, counter, streams.Stream(purpose + " prompts"),
                                setting.diagnostics};
  LLMDYNO_ASSIGN_OR_RETURN(plan.source, setting.catalog.workloads.Make(workload, context));
  return plan;
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

absl::StatusOr<RunPlan> MakePlan(const RunSpec& spec, const RunSetting& setting, TokenCounter& counter) {
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, MakePlanFor(spec, setting, counter, "measured"));
  plan.first_request_id = spec.warm_up_requests;
  return plan;
}

absl::StatusOr<RunPlan> MakeWarmUpPlan(const RunSpec& spec, const RunSetting& setting,
                                       TokenCounter& counter) {
  RunSpec warm_up = spec;
  warm_up.load.users = std::min(spec.load.users, spec.warm_up_requests);
  warm_up.stop = StopCondition();
  warm_up.stop.requests = spec.warm_up_requests;
  warm_up.stop.consecutive_failures_at_start = spec.stop.consecutive_failures_at_start;
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, MakePlanFor(warm_up, setting, counter, "warm-up"));
  plan.phase = RunPhase::kWarmUp;
  return plan;
}

}  // namespace llmdyno
