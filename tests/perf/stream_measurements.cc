// What streams and short answers cost, and how exact arrivals are.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "arrival_error.h"
#include "bare_epoll_loop.h"
#include "bare_request_loop.h"
#include "measurement_setup.h"
#include "measurements.h"

namespace llmdyno {
namespace {

// The bare loop in a child process, so that its processor time is its own.
double BareLoopRate(BareLoopResult (*loop)(int, int, double), int port, int connections, double seconds) {
  int ends[2];
  if (::pipe(ends) != 0) std::exit(1);
  const pid_t child = ::fork();
  if (child == 0) {
    PinTo(kClientCpu);
    const BareLoopResult result = loop(port, connections, seconds);
    const double rate = static_cast<double>(result.count) / result.cpu_seconds;
    ::_exit(::write(ends[1], &rate, sizeof rate) == sizeof rate ? 0 : 1);
  }
  ::close(ends[1]);
  double rate = 0;
  if (::read(ends[0], &rate, sizeof rate) != sizeof rate) std::exit(1);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return rate;
}

}  // namespace

std::vector<Measurement> MeasureBurst() {
  const Scratch scratch;
  const LocalEndpoint endpoint = StartEndpoint({"--profile", "fast"}, scratch);
  std::vector<double> rates;
  for (int i = 0; i < 7; ++i) {
    rates.push_back(RunRace(endpoint,
                            {"--target-tokens", "1000000", "--users", "80", "--spawn-rate", "0",
                             "--max-tokens", "1000", "--ignore-eos"},
                            scratch)
                        .TokensPerCpuSecond() /
                    1e6);
  }
  const double median = Median(rates);
  return {{"burst: 1,000,000 tokens as fast as the endpoint writes, 80 users",
           ">= 2 M tokens per client CPU-second",
           Text("%.2f M", median) + " (7 runs: " + Range(rates, "%.2f") + ")", median >= 2}};
}

std::vector<Measurement> MeasurePaced() {
  const Scratch scratch;
  std::vector<double> ratios;
  std::vector<double> ours;
  std::vector<double> bare;
  for (int i = 0; i < 5; ++i) {
    const LocalEndpoint endpoint = StartEndpoint(kPacedEndpoint, scratch);
    bare.push_back(BareLoopRate(&RunBareLoop, endpoint.port, 1000, 5) / 1e3);
    ours.push_back(RunRace(endpoint,
                           {"--duration", "15s", "--users", "1000", "--spawn-rate", "0", "--max-tokens",
                            "1000000", "--drain-timeout", "0"},
                           scratch)
                       .TokensPerCpuSecond() /
                   1e3);
    ratios.push_back(ours.back() / bare.back());
  }
  const double median = Median(ratios);
  return {{"paced: 1000 streams x 50 tokens/s, one token per write",
           ">= 0.65 x the bare epoll loop of the same run",
           Text("%.2f x", median) + " (5 pairs: " + Range(ratios, "%.2f") + "; " +
               Text("%.0f k", Median(ours)) + " against " + Text("%.0f k", Median(bare)) +
               " tokens per CPU-second)",
           median >= 0.65}};
}

std::vector<Measurement> MeasureRequests() {
  const Scratch scratch;
  const LocalEndpoint endpoint = StartEndpoint({"--profile", "fast"}, scratch);
  constexpr double kRequests = 100'000;
  std::vector<double> ratios;
  std::vector<double> ours;
  std::vector<double> bare;
  for (int i = 0; i < 5; ++i) {
    bare.push_back(BareLoopRate(&RunBareRequestLoop, endpoint.port, 64, 2) / 1e3);
    const RaceResult race =
        RunRace(endpoint,
                {"--no-stream", "--max-tokens", "4", "--num-requests", "100000", "--max-num-seqs", "64",
                 "--dataset", "synthetic", "--prompt-min-tokens", "8", "--prompt-max-tokens", "64"},
                scratch);
    ours.push_back(kRequests / race.process.cpu_seconds / 1e3);
    ratios.push_back(ours.back() / bare.back());
  }
  const double median = Median(ours);
  return {{"requests: 100,000 answers of 4 tokens, not streamed, 64 connections",
           ">= 30 k requests per client CPU-second",
           Text("%.1f k", median) + " (5 runs: " + Range(ours, "%.1f") + "); " +
               Text("%.2f x", Median(ratios)) + Text(" the bare loop's %.0f k", Median(bare)),
           median >= 30}};
}

std::vector<Measurement> MeasureArrivals() {
  const Scratch scratch;
  const std::string log = scratch.File("truth.jsonl");
  std::vector<std::string> flags = kPacedEndpoint;
  flags.insert(flags.end(), {"--log", log});
  const LocalEndpoint endpoint = StartEndpoint(flags, scratch);
  RunRace(endpoint,
          {"--duration", "10s", "--users", "1000", "--spawn-rate", "0", "--max-tokens", "1000000",
           "--drain-timeout", "0"},
          scratch);
  endpoint.process->Terminate();
  endpoint.process->Wait();
  const ArrivalError error = MeasureArrivalError(scratch.ResultFile("records.jsonl"), log);
  return {{"arrival error against the simulator's ground truth, 1000 streams x 50 tokens/s",
           "p50 <= 5 us, p99 <= 20 us",
           Text("p50 %.1f us, ", error.arrival.p50_us) + Text("p99 %.1f us, ", error.arrival.p99_us) +
               Text("max %.0f us", error.arrival.max_us) +
               Text(" (n = %.0f", static_cast<double>(error.tokens)) +
               Text(", upper bounds %.2f %%)",
                    100.0 * static_cast<double>(error.upper_bounds) / static_cast<double>(error.tokens)),
           error.arrival.p50_us <= 5 && error.arrival.p99_us <= 20}};
}

}  // namespace llmdyno
