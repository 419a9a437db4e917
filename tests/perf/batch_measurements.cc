// How simultaneous a batch is: the time between its first and its last send.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "measurement_setup.h"
#include "measurements.h"

namespace llmdyno {
namespace {

// Milliseconds from the first to the last request that the transport was ready to write, by run.
std::vector<double> SendSpreads(const std::string& record_log) {
  std::map<int64_t, std::pair<int64_t, int64_t>> runs;
  std::ifstream file(record_log);
  for (std::string line; std::getline(file, line);) {
    const nlohmann::json record = nlohmann::json::parse(line);
    if (record["type"] != "record" || record["phase"] != "measured" || record["sent_ns"].is_null()) continue;
    const auto sent = record["sent_ns"].get<int64_t>();
    auto [run, is_first] = runs.try_emplace(record.value("run", int64_t{0}), sent, sent);
    run->second.first = std::min(run->second.first, sent);
    run->second.second = std::max(run->second.second, sent);
  }
  std::vector<double> spreads;
  for (const auto& [run, range] : runs)
    spreads.push_back(static_cast<double>(range.second - range.first) / 1e6);
  return spreads;
}

// The first run opens the connections that the others find warm.
Measurement MeasureBatch(const std::string& program, const std::vector<std::string>& flags, const char* work,
                         double limit_ms) {
  const Scratch scratch;
  const LocalEndpoint endpoint = StartEndpoint({"--ttft", "200ms", "--itl", "1ms"}, scratch);
  std::vector<std::string> arguments = {kPrograms + "/" + program,
                                        "--api-base",
                                        "http://127.0.0.1:" + std::to_string(endpoint.port) + "/v1",
                                        "--model",
                                        "perf",
                                        "--num-runs",
                                        "11",
                                        "--warmup-runs",
                                        "0",
                                        "--results-file",
                                        scratch.File("batch.json")};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  Process process(
      arguments,
      ProcessOptions{.cpu = kClientCpu, .output_path = scratch.File("batch.log"), .environment = {}});
  process.Wait();
  std::vector<double> spreads = SendSpreads(scratch.File("batch.records.jsonl"));
  if (spreads.size() != 11) {
    std::fprintf(stderr, "%s made no 11 runs; it has said:\n%s", program.c_str(), "see batch.log\n");
    std::exit(1);
  }
  const double cold = spreads.front();
  spreads.erase(spreads.begin());
  const double median = Median(spreads);
  return {work, "<= " + Text("%.0f ms", limit_ms),
          Text("%.1f ms", median) + " (median of 10 warm runs, " + Range(spreads, "%.1f") + "); " +
              Text("%.1f ms", cold) + " with connections to be opened",
          median <= limit_ms};
}

}  // namespace

std::vector<Measurement> MeasureBatches() {
  return {MeasureBatch("llmdyno-sweep", {"--scenario", "D(50,4)", "--batch-sizes", "1000"},
                       "batch of 1000 completions: first to last send, warm connections", 25),
          MeasureBatch("llmdyno-embed", {"--sequence-lengths", "50", "--batch-sizes", "512"},
                       "batch of 512 embeddings: first to last send, warm connections", 15)};
}

}  // namespace llmdyno
