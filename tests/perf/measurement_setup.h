// What measurements share: a folder, a simulated endpoint, a race, and how figures are written.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "process.h"

namespace llmdyno {

inline constexpr int kEndpointCpu = 0;
inline constexpr int kClientCpu = 1;
inline constexpr int kAnyCpu = -1;

// Where the programs lie.
extern const std::string kPrograms;

// Tokens of all streams at common instants, 50 a second each, as one batch would bring them.
extern const std::vector<std::string> kPacedEndpoint;

// A folder of its own for each measurement, removed afterwards.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string File(const std::string& name) const { return (path_ / name).string(); }
  // In the one result folder that a race has left here; exits with the race's output when there is none.
  std::string ResultFile(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

// A simulated endpoint on a free port, in a process of its own.
struct LocalEndpoint {
  std::unique_ptr<Process> process;
  int port = 0;
};

// Exits with a message when it does not serve within five seconds.
LocalEndpoint StartEndpoint(const std::vector<std::string>& flags, const Scratch& scratch);

struct RaceResult {
  ProcessResult process;
  nlohmann::json summary;
  double tokens = 0;
  double TokensPerCpuSecond() const { return tokens / process.cpu_seconds; }
};

// The real llmdyno-race with all of its files.
RaceResult RunRace(const LocalEndpoint& endpoint, const std::vector<std::string>& flags,
                   const Scratch& scratch, ProcessOptions options = {});

double Median(std::vector<double> values);
// printf with one value; a count without a fraction.
std::string Text(const char* format, double value);
std::string Count(int64_t value);
// "LOWEST to HIGHEST".
std::string Range(const std::vector<double>& values, const char* format);

}  // namespace llmdyno
