#include "measurements.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "arrival_error.h"
#include "bare_epoll_loop.h"
#include "bare_request_loop.h"
#include "process.h"
#include "send_error.h"

namespace llmdyno {
namespace {

using Json = nlohmann::json;

constexpr int kEndpointCpu = 0;
constexpr int kClientCpu = 1;

const std::string kPrograms = LLMDYNO_BINARY_DIR;

// A folder of its own for each measurement, removed afterwards.
class Scratch {
 public:
  Scratch() : path_(std::filesystem::temp_directory_path() / ("llmdyno-perf-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  std::string File(const std::string& name) const { return (path_ / name).string(); }
  // The one result folder that a race has left here.
  std::string ResultFile(const std::string& name) const {
    for (const auto& entry : std::filesystem::directory_iterator(path_ / "results"))
      return (entry.path() / name).string();
    std::fprintf(stderr, "the race left no results:\n");
    std::ifstream log(File("race.log"));
    for (std::string line; std::getline(log, line);) std::fprintf(stderr, "  %s\n", line.c_str());
    std::exit(1);
  }

 private:
  std::filesystem::path path_;
};

// A simulated endpoint on a free port, in a process of its own.
struct Endpoint {
  std::unique_ptr<Process> process;
  int port = 0;
};

Endpoint StartEndpoint(std::vector<std::string> flags, const Scratch& scratch) {
  std::vector<std::string> arguments = {kPrograms + "/llmdyno-sim", "--port", "0"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  const std::string output = scratch.File("sim.log");
  std::filesystem::remove(output);
  auto process = std::make_unique<Process>(
      arguments, ProcessOptions{.cpu = kEndpointCpu, .output_path = output, .environment = {}});
  // Its first line says where it serves: "… http://127.0.0.1:PORT/v1 …".
  for (int i = 0; i < 500; ++i) {
    std::string line;
    std::ifstream file(output);
    const size_t at = std::getline(file, line) ? line.find("127.0.0.1:") : std::string::npos;
    if (at != std::string::npos && !file.eof())
      return {std::move(process), std::atoi(line.c_str() + at + 10)};
    ::usleep(10'000);
  }
  std::fprintf(stderr, "the simulated endpoint did not start\n");
  std::exit(1);
}

struct RaceResult {
  ProcessResult process;
  Json summary;
  double tokens = 0;
  double TokensPerCpuSecond() const { return tokens / process.cpu_seconds; }
};

RaceResult RunRace(const Endpoint& endpoint, std::vector<std::string> flags, const Scratch& scratch,
                   ProcessOptions options = {}) {
  std::filesystem::remove_all(scratch.File("results"));
  std::vector<std::string> arguments = {kPrograms + "/llmdyno-race",
                                        "--host",
                                        "127.0.0.1:" + std::to_string(endpoint.port),
                                        "--model",
                                        "perf",
                                        "--engine",
                                        "perf",
                                        "--output-dir",
                                        scratch.File("results")};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  options.cpu = kClientCpu;
  options.output_path = scratch.File("race.log");
  Process process(arguments, options);
  RaceResult result;
  result.process = process.Wait();
  std::ifstream file(scratch.ResultFile("summary.json"));
  result.summary = Json::parse(file);
  result.tokens = result.summary.at("metrics").at("output_tokens").get<double>();
  return result;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string Text(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string Range(const std::vector<double>& values, const char* format) {
  return Text(format, *std::min_element(values.begin(), values.end())) + " to " +
         Text(format, *std::max_element(values.begin(), values.end()));
}

std::vector<Measurement> MeasureBurst() {
  const Scratch scratch;
  const Endpoint endpoint = StartEndpoint({"--profile", "fast"}, scratch);
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

const std::vector<std::string> kPacedEndpoint = {
    "--profile", "scripted", "--ttft", "50ms", "--itl", "20ms", "--lockstep", "--output-tokens", "1000000"};

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

std::vector<Measurement> MeasurePaced() {
  const Scratch scratch;
  std::vector<double> ratios;
  std::vector<double> ours;
  std::vector<double> bare;
  for (int i = 0; i < 5; ++i) {
    const Endpoint endpoint = StartEndpoint(kPacedEndpoint, scratch);
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
           ">= 0.5 x the bare epoll loop of the same run",
           Text("%.2f x", median) + " (5 pairs: " + Range(ratios, "%.2f") + "; " +
               Text("%.0f k", Median(ours)) + " against " + Text("%.0f k", Median(bare)) +
               " tokens per CPU-second)",
           median >= 0.5}};
}

std::vector<Measurement> MeasureRequests() {
  const Scratch scratch;
  const Endpoint endpoint = StartEndpoint({"--profile", "fast"}, scratch);
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
  const Endpoint endpoint = StartEndpoint(flags, scratch);
  RunRace(endpoint,
          {"--duration", "10s", "--users", "1000", "--spawn-rate", "0", "--max-tokens", "1000000",
           "--drain-timeout", "0"},
          scratch);
  endpoint.process->Terminate();
  endpoint.process->Wait();
  const ArrivalError error = MeasureArrivalError(scratch.ResultFile("records.jsonl"), log);
  return {{"arrival error against the simulator's ground truth, 1000 streams x 50 tokens/s",
           "p50 <= 5 us, p99 <= 20 us",
           Text("p50 %.1f us, ", error.p50_us) + Text("p99 %.1f us, ", error.p99_us) +
               Text("max %.0f us", error.max_us) + Text(" (n = %.0f", static_cast<double>(error.tokens)) +
               Text(", upper bounds %.2f %%)",
                    100.0 * static_cast<double>(error.upper_bounds) / static_cast<double>(error.tokens)),
           error.p50_us <= 5 && error.p99_us <= 20}};
}

int64_t PeakMemory(const Endpoint& endpoint, int streams, const std::string& duration,
                   const Scratch& scratch) {
  return RunRace(endpoint,
                 {"--duration", duration, "--users", std::to_string(streams), "--spawn-rate", "0",
                  "--max-tokens", "1000000", "--drain-timeout", "0"},
                 scratch)
      .process.peak_memory_bytes;
}

std::vector<Measurement> MeasureMemory() {
  const Scratch scratch;
  const Endpoint endpoint = StartEndpoint({"--profile", "scripted", "--ttft", "50ms", "--itl", "100ms",
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

double CountAllocations(const Endpoint& endpoint, int tokens, const Scratch& scratch) {
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

std::vector<Measurement> MeasureAllocations() {
  const Scratch scratch;
  const Endpoint endpoint =
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
    const Endpoint endpoint = StartEndpoint({"--profile", "fast", "--log", log}, scratch);
    const RaceResult race = RunRace(endpoint, {"--num-requests", "1", "--max-tokens", "5"}, scratch);
    endpoint.process->Terminate();
    endpoint.process->Wait();
    std::ifstream file(log);
    std::string line;
    std::getline(file, line);
    const auto first = Json::parse(line).at("arrival_ns").get<int64_t>();
    times.push_back(static_cast<double>(first - race.process.launched_at_ns) / 1e6);
  }
  return {{"start-up to the first byte sent", "<= 30 ms",
           Text("%.1f ms", Median(times)) + " (9 runs: " + Range(times, "%.1f") + ")", Median(times) <= 30}};
}

Measurement SendErrorRow(const std::string& arrivals, const Endpoint& endpoint, const Scratch& scratch) {
  const SendError error = MeasureSendError({.port = endpoint.port,
                                            .cpu = kClientCpu,
                                            .arrivals = arrivals,
                                            .record_log_path = scratch.File("records.jsonl")});
  return {"send error at 2000 requests/s, " + arrivals + " arrivals, 8 streamed tokens each",
          "p50 <= 50 us, p99 <= 300 us",
          Text("p50 %.1f us, ", error.p50_us) + Text("p99 %.1f us, ", error.p99_us) +
              Text("max %.0f us", error.max_us) + Text(" (n = %.0f", static_cast<double>(error.requests)) +
              Text(", %.0f ok", static_cast<double>(error.successful)) +
              Text(", loop on the processor %.0f %%)", 100 * error.cpu_seconds / error.elapsed_seconds),
          error.p50_us <= 50 && error.p99_us <= 300 && error.successful == error.requests};
}

std::vector<Measurement> MeasureSends() {
  const Scratch scratch;
  const Endpoint endpoint =
      StartEndpoint({"--profile", "scripted", "--ttft", "20ms", "--itl", "5ms"}, scratch);
  return {SendErrorRow("constant", endpoint, scratch), SendErrorRow("poisson", endpoint, scratch)};
}

}  // namespace

const std::vector<Benchmark>& Benchmarks() {
  static const std::vector<Benchmark> benchmarks = {
      {"burst", MeasureBurst},       {"paced", MeasurePaced},      {"requests", MeasureRequests},
      {"arrivals", MeasureArrivals}, {"memory", MeasureMemory},    {"allocations", MeasureAllocations},
      {"start-up", MeasureStartUp},  {"send-error", MeasureSends},
  };
  return benchmarks;
}

}  // namespace llmdyno
