// What the client needs: memory, allocations, time to start.
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "llmdyno/core/record_log.h"
#include "measurement_setup.h"
#include "measurements.h"

namespace llmdyno {
namespace {

int64_t PeakMemory(const LocalEndpoint& endpoint, int streams, const std::string& duration,
                   const Scratch& scratch) {
  return RunRace(endpoint,
                 {"--duration", duration, "--users", std::to_string(streams), "--spawn-rate", "0",
                  "--max-tokens", "1000000", "--drain-timeout", "0"},
                 scratch)
      .process.peak_memory_bytes;
}

struct Calls {
  double allocations = 0;
  double system_calls = 0;
  double copied_bytes = 0;    // into the program's memory
  double received_bytes = 0;  // bodies, as the records count them
};

Calls CountCalls(const LocalEndpoint& endpoint, int tokens) {
  const Scratch scratch;
  const std::string counts = scratch.File("calls");
  RunRace(endpoint,
          {"--num-requests", "200", "--max-num-seqs", "20", "--max-tokens", std::to_string(tokens),
           "--ignore-eos"},
          scratch,
          {.cpu = kClientCpu,
           .output_path = "",
           .environment = {{"LD_PRELOAD", kPrograms + "/llmdyno-count-calls.so"},
                           {"LLMDYNO_CALLS_FILE", counts}}});
  std::ifstream file(counts);
  Calls calls;
  file >> calls.allocations >> calls.system_calls >> calls.copied_bytes;
  (void)ReadRecordLog(scratch.ResultFile("records.jsonl"), [&](const RequestRecord& record) {
    calls.received_bytes += static_cast<double>(record.received_bytes);
  });
  return calls;
}

}  // namespace

std::vector<Measurement> MeasureMemory() {
  const Scratch scratch;
  const LocalEndpoint endpoint = StartEndpoint({"--profile", "scripted", "--ttft", "50ms", "--itl", "100ms",
                                                "--lockstep", "--output-tokens", "1000000"},
                                               scratch);
  const auto one = static_cast<double>(PeakMemory(endpoint, 1, "3s", scratch));
  const auto many = static_cast<double>(PeakMemory(endpoint, 5000, "10s", scratch));
  const auto longer = static_cast<double>(PeakMemory(endpoint, 5000, "20s", scratch));
  const double per_stream = (many - one) / 5000 / 1024;
  const double growth = (longer - many) / 1024 / 1024;
  // Ten seconds more are 500,000 tokens more; what stays of each is its place in the arrival log, about five
  // bytes.
  return {{"memory at 5000 streams x 10 tokens/s", "<= 32 KB per stream",
           Text("%.1f KB per stream", per_stream) + Text(" (one stream: %.1f MB in all)", one / 1024 / 1024),
           per_stream <= 32},
          {"memory with twice the tokens and time", "flat",
           Text("%+.1f MB", growth) + Text(" on %.0f MB", many / 1024 / 1024),
           growth <= 0.05 * many / 1024 / 1024}};
}

// Two runs that differ in the length of answers only: what a token costs is their difference.
std::vector<Measurement> MeasureAllocations() {
  const Scratch scratch;
  const LocalEndpoint endpoint =
      StartEndpoint({"--profile", "scripted", "--ttft", "5ms", "--itl", "1ms"}, scratch);
  const Calls few = CountCalls(endpoint, 200);
  const Calls many = CountCalls(endpoint, 1200);
  const auto per_token = [](double more, double less) { return (more - less) / (200.0 * 1000); };
  const double allocations = per_token(many.allocations, few.allocations);
  const double system_calls = per_token(many.system_calls, few.system_calls);
  const double copied = per_token(many.copied_bytes, few.copied_bytes);
  const double received = per_token(many.received_bytes, few.received_bytes);
  return {{"heap allocations per streamed token (200 requests, 1200 against 200 tokens each)", "0",
           Text("%.4f", allocations) + Text(" (%.0f", many.allocations) +
               Text(" against %.0f in all)", few.allocations),
           allocations < 0.01},
          {"system calls per streamed token of the same runs (20 streams, each token in a write of its own)",
           "<= 3",
           Text("%.2f", system_calls) + Text(" (%.0f", many.system_calls) +
               Text(" against %.0f in all)", few.system_calls),
           system_calls <= 3},
          {"bytes copied out of the kernel per streamed token of the same runs",
           "<= 1.1 x the bytes of its event",
           Text("%.0f", copied) + Text(" for events of %.0f bytes and their framing", received),
           copied <= 1.1 * received}};
}

std::vector<Measurement> MeasureStartUp() {
  const Scratch scratch;
  std::vector<double> times;
  for (int i = 0; i < 9; ++i) {
    const std::string log = scratch.File("truth.jsonl");
    const LocalEndpoint endpoint = StartEndpoint({"--profile", "fast", "--log", log}, scratch);
    const RaceResult race = RunRace(endpoint, {"--num-requests", "1", "--max-tokens", "5"}, scratch);
    endpoint.process->Terminate();
    endpoint.process->Wait();
    std::ifstream file(log);
    std::string line;
    std::getline(file, line);
    const auto first = nlohmann::json::parse(line).at("arrival_ns").get<int64_t>();
    times.push_back(static_cast<double>(first - race.process.launched_at_ns) / 1e6);
  }
  return {{"start-up to the first byte sent", "<= 30 ms",
           Text("%.1f ms", Median(times)) + " (9 runs: " + Range(times, "%.1f") + ")", Median(times) <= 30}};
}

}  // namespace llmdyno
