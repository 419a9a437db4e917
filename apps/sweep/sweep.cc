#include "sweep/sweep.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "cli/session.h"
#include "cli/sweep_dry_run.h"
#include "cli/sweep_job.h"
#include "llmdyno/base/status_macros.h"
#include "sweep/describe_sweep.h"
#include "sweep/sweep_requests.h"
#include "sweep/sweep_spec.h"

namespace llmdyno {

absl::StatusOr<ExitStatus> RunSweepApp(SweepOptions& options, const FlagTable& flags) {
  LLMDYNO_ASSIGN_OR_RETURN(SweepSpec spec, MakeSweepSpec(options, flags));
  Session session;
  LLMDYNO_RETURN_IF_ERROR(session.Open(spec.run, options.endpoint.simulate, spec.most_in_flight, false));
  // A dry run estimates lengths, so that nothing at all is sent.
  const auto estimate = MakeEstimatingTokenCounter();
  LearnLengths learn;
  if (!options.dry_run && !options.prompt_token_ids) {
    learn = [&](std::span<const std::string_view> texts) {
      return session.LearnFromUsage(spec.run, spec.dialect, texts);
    };
  }
  TokenCounter& counter = options.dry_run ? *estimate : session.counter();
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<SweepRequests> requests,
                           SweepRequests::Make(spec, options, session.setting(), counter, learn));
  const auto prepare = [&](const SweepLevel& level, int64_t run) { return requests->Prepare(level, run); };
  if (options.dry_run) {
    LLMDYNO_ASSIGN_OR_RETURN(const std::string text,
                             DescribeDryRun(spec.run, *spec.dialect, spec.sweep, prepare));
    std::fputs(text.c_str(), stdout);
    return kExitOk;
  }
  LLMDYNO_RETURN_IF_ERROR(session.Reach());
  SweepJob job;
  job.program = options.is_simple() ? "llmdyno-sweep simple" : "llmdyno-sweep";
  job.run = spec.run;
  job.dialect = spec.dialect;
  job.sweep = spec.sweep;
  requests->SizeLevels(job.sweep.levels);
  job.cells = spec.cells;
  job.report = DescribeSweep(spec, options, flags, session.is_simulated(), session.clock().WallNow());
  job.report.notes = requests->notes();
  job.results_file = spec.results_file;
  job.resume = options.resume;
  job.plot = options.plot;
  job.plain = options.plain;
  job.prepare = prepare;
  return RunSweepJob(std::move(job), session);
}

}  // namespace llmdyno
