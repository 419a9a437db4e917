#include "embed/embed.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/request_route.h"
#include "cli/session.h"
#include "cli/sweep_dry_run.h"
#include "cli/sweep_job.h"
#include "embed/embed_requests.h"
#include "embed/embed_spec.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/load/open_loop.h"

namespace llmdyno {
namespace {

SweepReport DescribeEmbed(const EmbedSpec& spec, const EmbedOptions& options, const FlagTable& flags,
                          const Session& session) {
  SweepReport report;
  report.title = spec.ranks ? "Rerank benchmark" : "Embedding benchmark";
  report.kind = SweepKind::kEmbedding;
  report.model = spec.run.endpoint.model;
  report.api_base = spec.run.endpoint.url.origin + spec.run.endpoint.url.prefix;
  report.endpoint = RequestRoute(spec.run, *spec.dialect);
  report.is_simulated = session.is_simulated();
  report.seed = spec.run.seed;
  report.prompt_source = options.extensions.workload.empty() ? "synthetic" : options.extensions.workload;
  report.sweep_values = spec.sweep_values;
  for (const EmbedLength& length : spec.lengths) report.sequence_lengths.push_back(length.text);
  report.is_sustained = !options.max_concurrency.empty();
  report.request_rate = options.request_rate;
  report.texts_per_request = options.texts_per_request;
  report.num_prompts = options.num_requests;
  if (options.duration) report.duration_s = ToSeconds(*options.duration);
  report.num_runs = options.num_runs;
  report.warmup_runs = options.warmup_runs;
  report.stream = false;
  report.description = options.description;
  report.configuration_json = flags.ConfigurationJson();
  report.provenance = {LLMDYNO_VERSION, __VERSION__, session.clock().WallNow()};
  return report;
}

// The open loop of a level that has a rate; every other one is closed.
absl::StatusOr<std::unique_ptr<LoadModel>> MakeRateLoad(const EmbedSpec& spec, const EmbedOptions& options,
                                                        Session& session, const SweepLevel& level) {
  size_t index = 0;
  while (spec.sweep.levels[index].key != level.key) ++index;
  ArrivalSchedule schedule;
  schedule.rate.final_per_second = *spec.levels[index].rate;
  schedule.requests = level.requests.value_or(1);
  LLMDYNO_ASSIGN_OR_RETURN(const Params params, Params::Parse(options.arrival));
  const ArrivalContext context{schedule, RandomStreams(spec.run.seed).Stream(level.key + " arrivals"), "",
                               session.diagnostics()};
  LLMDYNO_ASSIGN_OR_RETURN(std::unique_ptr<ArrivalProcess> arrivals,
                           session.catalog().arrivals.Make(params, context));
  return MakeOpenLoop(std::move(arrivals), std::nullopt);
}

}  // namespace

absl::StatusOr<ExitStatus> RunEmbed(EmbedOptions& options, const FlagTable& flags) {
  Session session;
  LLMDYNO_RETURN_IF_ERROR(session.Extend(options.extensions));
  LLMDYNO_ASSIGN_OR_RETURN(EmbedSpec spec,
                           MakeEmbedSpec(options, flags, session.catalog(), session.diagnostics()));
  LLMDYNO_ASSIGN_OR_RETURN(SelftestFile selftest, SelftestFile::Read(options.trust, session.diagnostics()));
  LLMDYNO_RETURN_IF_ERROR(session.Open(spec.run, options.endpoint, spec.most_in_flight, false));
  const auto estimate = MakeEstimatingTokenCounter();
  TokenCounter& counter = options.dry_run ? *estimate : session.counter();
  LLMDYNO_ASSIGN_OR_RETURN(EmbedRequests requests,
                           EmbedRequests::Make(spec, options, session.setting(), counter));
  const auto prepare = [&](const SweepLevel& level, int64_t run) { return requests.Prepare(level, run); };
  if (options.dry_run) {
    LLMDYNO_ASSIGN_OR_RETURN(const std::string text,
                             DescribeDryRun(spec.run, *spec.dialect, spec.sweep, prepare));
    std::fputs(text.c_str(), stdout);
    return kExitOk;
  }
  LLMDYNO_RETURN_IF_ERROR(session.Reach());
  SweepJob job;
  job.program = "llmdyno-embed";
  job.run = spec.run;
  job.dialect = spec.dialect;
  job.sweep = spec.sweep;
  job.selftest = std::move(selftest);
  job.trust = options.trust;
  for (const EmbedLevel& level : spec.levels) job.sequence_lengths.push_back(spec.lengths[level.length].text);
  job.dimension = options.dimensions;
  job.retry.max_attempts = static_cast<int>(options.retries) + 1;
  job.report = DescribeEmbed(spec, options, flags, session);
  job.results_file = spec.results_file;
  job.resume = options.resume;
  job.plot = options.plot;
  job.plain = options.plain;
  job.prepare = prepare;
  if (!options.request_rate.empty()) {
    job.make_load = [&](const SweepLevel& level) { return MakeRateLoad(spec, options, session, level); };
  }
  return RunSweepJob(std::move(job), session);
}

}  // namespace llmdyno
