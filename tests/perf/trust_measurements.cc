// How exact the client stays at and beyond its limit, and what a second thread is worth.
#include <sched.h>

#include <atomic>
#include <thread>

#include "arrival_error.h"
#include "llmdyno/core/record_log.h"
#include "measurement_setup.h"
#include "measurements.h"

namespace llmdyno {
namespace {

// A thread that wants the client's processor all the time, as another program might.
class Competitor {
 public:
  Competitor()
      : thread_([this] {
          PinTo(kClientCpu);
          while (!over_.load(std::memory_order_relaxed)) {
          }
        }) {}
  ~Competitor() {
    over_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

struct PacedRun {
  ArrivalError error;
  RaceResult race;
};

// All streams get a token at common instants, `rate` times a second.
PacedRun RunPaced(int streams, int rate, const std::string& duration) {
  const Scratch scratch;
  const std::string log = scratch.File("truth.jsonl");
  const LocalEndpoint endpoint =
      StartEndpoint({"--profile", "scripted", "--ttft", "50ms", "--itl", std::to_string(1000 / rate) + "ms",
                     "--lockstep", "--output-tokens", "1000000", "--log", log},
                    scratch);
  PacedRun run;
  run.race = RunRace(endpoint,
                     {"--duration", duration, "--users", std::to_string(streams), "--spawn-rate", "0",
                      "--max-tokens", "1000000", "--drain-timeout", "0"},
                     scratch);
  endpoint.process->Terminate();
  endpoint.process->Wait();
  run.error = MeasureArrivalError(scratch.ResultFile("records.jsonl"), log);
  return run;
}

std::string Describe(const PacedRun& run) {
  const auto& validity = run.race.summary["verdict"];
  std::string text =
      Text("p50 %.1f us, ", run.error.arrival.p50_us) + Text("p99 %.1f us, ", run.error.arrival.p99_us) +
      Text("max %.0f us", run.error.arrival.max_us) +
      Text(" (n = %.0f", static_cast<double>(run.error.tokens)) +
      Text(", upper bounds %.2f %%); ",
           100.0 * static_cast<double>(run.error.upper_bounds) / static_cast<double>(run.error.tokens));
  return text + (validity.value("valid", false) ? "VALID" : "SUSPECT");
}

// Tokens for each second of the client's processor time.
double BurstRate(const std::string& threads, bool both_cores) {
  const Scratch scratch;
  const LocalEndpoint endpoint = StartEndpoint({"--profile", "fast"}, scratch);
  return RunRace(endpoint,
                 {"--target-tokens", "4000000", "--users", "80", "--spawn-rate", "0", "--max-tokens", "1000",
                  "--ignore-eos", "--threads", threads},
                 scratch, {.cpu = both_cores ? kAnyCpu : kClientCpu, .output_path = "", .environment = {}})
      .TokensPerCpuSecond();
}

}  // namespace

std::vector<Measurement> MeasureSaturation() {
  const PacedRun fast = RunPaced(1000, 100, "10s");
  PacedRun starved;
  {
    const Competitor competitor;
    starved = RunPaced(3000, 50, "10s");
  }
  const PacedRun alone = RunPaced(3000, 50, "10s");
  const bool suspect = !starved.race.summary["verdict"].value("valid", true);
  return {{"arrival error, 1000 streams x 100 tokens/s, one core for the client", "p99 <= 20 us",
           Describe(fast), fast.error.arrival.p99_us <= 20},
          {"arrival error, 3000 streams x 50 tokens/s, one core for the client", "p50 <= 5 us",
           Describe(alone), alone.error.arrival.p50_us <= 5},
          {"the same with another program on the client's core: saturated", "SUSPECT, p50 <= 5 us",
           Describe(starved), suspect && starved.error.arrival.p50_us <= 5}};
}

std::vector<Measurement> MeasureShards() {
  std::vector<double> ratios;
  for (int i = 0; i < 7; ++i) {
    const double one = BurstRate("1", false);
    const double two = BurstRate("2", true);
    ratios.push_back(2 * two / one);
  }
  const double median = Median(ratios);
  return {{"two shards on two cores, by what each core gets done: 2 x tokens per CPU-second of two / of one",
           ">= 1.8 x", Text("%.2f x", median) + " (7 pairs: " + Range(ratios, "%.2f") + ")", median >= 1.8}};
}

std::vector<Measurement> MeasureTenThousand() {
  const Scratch scratch;
  const LocalEndpoint endpoint = StartEndpoint({"--profile", "scripted", "--ttft", "50ms", "--itl", "200ms",
                                                "--lockstep", "--output-tokens", "1000000"},
                                               scratch);
  const RaceResult race = RunRace(endpoint,
                                  {"--duration", "15s", "--users", "10000", "--spawn-rate", "0",
                                   "--max-tokens", "1000000", "--drain-timeout", "0"},
                                  scratch);
  const double megabytes = static_cast<double>(race.process.peak_memory_bytes) / 1024 / 1024;
  // Streams never end by themselves: whoever got a token was there until the end.
  int64_t streams = 0;
  (void)ReadRecordLog(scratch.ResultFile("records.jsonl"),
                      [&](const RequestRecord& record) { streams += !record.arrivals.empty(); });
  return {{"10,000 concurrent streams x 5 tokens/s", "runs, <= 320 MB",
           Text("%.0f MB", megabytes) + Text(", %.0f at once", static_cast<double>(streams)) +
               Text(", %.0f tokens", race.tokens),
           megabytes <= 320 && streams == 10000}};
}

}  // namespace llmdyno
