// What simulated tokens cost: the race's run loop, metrics and files over the simulated endpoint in virtual
// time.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>

#include "llmdyno/base/simulated_clock.h"
#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/metrics/run_metrics_builder.h"
#include "llmdyno/report/race_csv.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/sim/virtual_transport.h"
#include "measurement_setup.h"
#include "measurements.h"

namespace llmdyno {
namespace {

struct VirtualRace {
  std::string profile;
  int64_t users = 0;
  int64_t target_tokens = 0;
};

struct VirtualRaceResult {
  double tokens = 0;
  double cpu_seconds = 0;  // of the whole process, start-up and files included
  double simulated_seconds = 0;
};

template <typename T>
T OrExit(absl::StatusOr<T> result) {
  if (result.ok()) return *std::move(result);
  std::fprintf(stderr, "%s\n", std::string(result.status().message()).c_str());
  std::exit(1);
}

double ProcessCpuSeconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// As llmdyno-race wires it, the record log and the CSV included.
VirtualRaceResult RunVirtualRace(const VirtualRace& race, const Scratch& scratch) {
  SimulatedClock clock;
  const auto transport =
      OrExit(MakeVirtualTransport(OrExit(MakeSimConfig(OrExit(Params::Parse(race.profile)))), clock,
                                  {.first_byte = {}, .idle = {}, .total = {}}));
  RunSpec spec;
  spec.endpoint.url = OrExit(BaseUrl::Parse(std::string(kVirtualUrl)));
  spec.endpoint.model = "simulated";
  spec.workload.name = "synthetic";
  spec.workload.tokens = {20, 200};
  spec.workload.request.max_output_tokens = 1000;
  spec.load = ClosedLoopConfig{.users = race.users, .ramp_users_per_second = 0};
  spec.stop.output_tokens = race.target_tokens;
  const Catalog catalog = MakeBuiltInCatalog();
  const Diagnostics diagnostics;
  const RunSetting setting{catalog, *transport, clock, diagnostics};
  const auto counter = OrExit(MakeTokenCounter(spec, setting));
  RunPlan plan = OrExit(MakePlan(spec, setting, *counter));
  RunMetricsBuilder metrics;
  const auto csv = OrExit(OpenRaceCsv({scratch.File("race.csv"), clock.Now(), clock.WallNow()}));
  const auto log = OrExit(OpenRecordLog(scratch.File("records.jsonl"), {clock.Now(), clock.WallNow()}));
  RunControl control;
  const RunResult result = OrExit(ExecuteRun(
      plan, {clock, {transport.get()}, control, {&metrics, csv.get(), log.get()}, {}, {}, diagnostics}));
  if (!csv->Close().ok() || !log->Close().ok()) std::exit(1);
  const RunMetrics built = metrics.Build({.users = race.users});
  return {static_cast<double>(built.output_tokens), ProcessCpuSeconds(),
          ToSeconds(result.finish_line - result.started_at)};
}

// In a child process, so that its processor time is its own.
VirtualRaceResult RunInChild(const VirtualRace& race, const Scratch& scratch) {
  int ends[2];
  if (::pipe(ends) != 0) std::exit(1);
  const pid_t child = ::fork();
  if (child == 0) {
    const VirtualRaceResult result = RunVirtualRace(race, scratch);
    ::_exit(::write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
  }
  ::close(ends[1]);
  VirtualRaceResult result;
  if (::read(ends[0], &result, sizeof result) != sizeof result) std::exit(1);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return result;
}

Measurement MeasureVirtualRace(const std::string& work, const VirtualRace& race) {
  const Scratch scratch;
  std::vector<double> rates;
  VirtualRaceResult last;
  for (int i = 0; i < 5; ++i) {
    last = RunInChild(race, scratch);
    rates.push_back(last.tokens / last.cpu_seconds / 1e6);
  }
  const double median = Median(rates);
  return {work, ">= 5 M simulated tokens per CPU-second of the process",
          Text("%.2f M", median) + " (5 runs: " + Range(rates, "%.2f") +
              Text("; %.0f", last.simulated_seconds) + Text(" s simulated in %.1f s)", last.cpu_seconds),
          median >= 5};
}

}  // namespace

std::vector<Measurement> MeasureVirtualTime() {
  return {MeasureVirtualRace("virtual time: race to 20,000,000 tokens, 300 users, engine model of an H100",
                             {"h100-llama-3.1-8b:output_tokens=500-1000", 300, 20'000'000}),
          MeasureVirtualRace(
              "virtual time: race to 20,000,000 tokens, 100,000 users, engine model of an H100",
              {"h100-llama-3.1-8b:output_tokens=500-1000,max_waiting=100000", 100'000, 20'000'000})};
}

}  // namespace llmdyno
