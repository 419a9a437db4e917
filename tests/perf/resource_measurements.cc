// What the client needs: memory, allocations, time to start.
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

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

double CountAllocations(const LocalEndpoint& endpoint, int tokens, const Scratch& scratch) {
  const std::string counts = scratch.File("allocations");
  RunRace(endpoint,
          {"--num-requests", "200", "--max-num-seqs", "20", "--max-tokens", std::to_string(tokens),
           "--ignore-eos"},
          scratch,
          {.cpu = kClientCpu,
           .output_path = "",
           .environment = {{"LD_PRELOAD", kPrograms + "/llmdyno-count-allocations.so"},
                           {"LLMDYNO_ALLOCATIONS_FILE", counts}}});
  std::ifstream file(counts);
  double count = 0;
  file >> count;
  return count;
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

std::vector<Measurement> MeasureAllocations() {
  const Scratch scratch;
  const LocalEndpoint endpoint =
      StartEndpoint({"--profile", "scripted", "--ttft", "5ms", "--itl", "1ms"}, scratch);
  const double few = CountAllocations(endpoint, 200, scratch);
  const double many = CountAllocations(endpoint, 1200, scratch);
  const double per_token = (many - few) / (200.0 * 1000);
  return {{"heap allocations per streamed token (200 requests, 1200 against 200 tokens each)", "0",
           Text("%.4f", per_token) + Text(" (%.0f", many) + Text(" against %.0f in all)", few),
           per_token < 0.01}};
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
