#include "sweep/sweep.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/session.h"
#include "cli/sweep_dry_run.h"
#include "cli/sweep_job.h"
#include "cli/watched_counter.h"
#include "llmdyno/base/status_macros.h"
#include "sweep/describe_sweep.h"
#include "sweep/sweep_requests.h"
#include "sweep/sweep_spec.h"

namespace llmdyno {
namespace {

// Making prompts of exact lengths, and pictures, may take minutes: people are told so, and may stop it.
class PreparationWatch {
 public:
  explicit PreparationWatch(Session& session) : session_(session) {}

  void Begin(const SweepLevel& level, int64_t run) {
    what_ =
        "the requests of level " + level.key + (run < 0 ? ", warm-up" : ", run " + std::to_string(run + 1));
    began_ = session_.clock().Now();
  }

  absl::Status Check() {
    if (session_.control().stop_requested()) return absl::CancelledError("interrupted");
    constexpr Duration kPatience = std::chrono::seconds(3);
    if (began_ && session_.clock().Now() - *began_ > kPatience) {
      session_.diagnostics().Note("preparing " + what_ + " takes a while");
      began_.reset();
    }
    return absl::OkStatus();
  }

 private:
  Session& session_;
  std::string what_;
  std::optional<TimePoint> began_;  // nothing once it was said
};

}  // namespace

absl::StatusOr<ExitStatus> RunSweepApp(SweepOptions& options, const FlagTable& flags) {
  Session session;
  LLMDYNO_RETURN_IF_ERROR(session.Extend(options.extensions));
  LLMDYNO_ASSIGN_OR_RETURN(SweepSpec spec,
                           MakeSweepSpec(options, flags, session.catalog(), session.diagnostics()));
  LLMDYNO_ASSIGN_OR_RETURN(SelftestFile selftest, SelftestFile::Read(options.trust, session.diagnostics()));
  LLMDYNO_RETURN_IF_ERROR(session.Open(spec.run, options.endpoint, spec.most_in_flight, false));
  // A dry run estimates lengths, so that nothing at all is sent.
  const auto estimate = MakeEstimatingTokenCounter();
  LearnLengths learn;
  if (!options.dry_run && !options.prompt_token_ids) {
    learn = [&](std::span<const std::string_view> texts) {
      return session.LearnFromUsage(spec.run, spec.dialect, texts);
    };
  }
  PreparationWatch watch(session);
  const auto check = [&] { return watch.Check(); };
  const auto counter = MakeWatchedCounter(options.dry_run ? *estimate : session.counter(), check);
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<SweepRequests> requests,
                           SweepRequests::Make(spec, options, session.setting(), *counter, learn, check));
  const auto prepare = [&](const SweepLevel& level, int64_t run) {
    watch.Begin(level, run);
    return requests->Prepare(level, run);
  };
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
  job.selftest = std::move(selftest);
  job.trust = options.trust;
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
