#include "measurement_setup.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace llmdyno {

const std::string kPrograms = LLMDYNO_BINARY_DIR;

const std::vector<std::string> kPacedEndpoint = {
    "--profile", "scripted", "--ttft", "50ms", "--itl", "20ms", "--lockstep", "--output-tokens", "1000000"};

Scratch::Scratch()
    : path_(std::filesystem::temp_directory_path() / ("llmdyno-perf-" + std::to_string(::getpid()))) {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

Scratch::~Scratch() { std::filesystem::remove_all(path_); }

std::string Scratch::ResultFile(const std::string& name) const {
  for (const auto& entry : std::filesystem::directory_iterator(path_ / "results"))
    return (entry.path() / name).string();
  std::fprintf(stderr, "the race left no results:\n");
  std::ifstream log(File("race.log"));
  for (std::string line; std::getline(log, line);) std::fprintf(stderr, "  %s\n", line.c_str());
  std::exit(1);
}

LocalEndpoint StartEndpoint(const std::vector<std::string>& flags, const Scratch& scratch) {
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

RaceResult RunRace(const LocalEndpoint& endpoint, const std::vector<std::string>& flags,
                   const Scratch& scratch, ProcessOptions options) {
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
  result.summary = nlohmann::json::parse(file);
  result.tokens = result.summary.at("metrics").at("output_tokens").get<double>();
  return result;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string Text(const char* format, double value) {
  char text[128];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string Count(int64_t value) { return Text("%.0f", static_cast<double>(value)); }

std::string Range(const std::vector<double>& values, const char* format) {
  return Text(format, *std::min_element(values.begin(), values.end())) + " to " +
         Text(format, *std::max_element(values.begin(), values.end()));
}

}  // namespace llmdyno
