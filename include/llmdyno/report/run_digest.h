// The few numbers of a finished race that comparisons and prices need, from whatever files there are.
// Comparisons of races and prices are made of it. A plain value; reading touches files only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace llmdyno {

// What is not known is absent or empty.
struct RunDigest {
  std::string label;   // the engine, else the file's name
  std::string source;  // the file that was read
  std::string model;   // empty when unknown
  bool is_simulated = false;
  bool is_exact = false;         // false: time comes from a CSV's timestamps, off by up to a second
  std::optional<bool> is_valid;  // the verdict, when there was one
  std::optional<int64_t> users;
  int64_t requests = 0;
  int64_t successful = 0;
  int64_t output_tokens = 0;
  int64_t input_tokens = 0;
  std::optional<double> elapsed_s;

  // output_tokens / elapsed_s; nothing without a time above zero.
  std::optional<double> OutputTokensPerSecond() const;
  // successful / requests, 0 to 100; nothing without requests.
  std::optional<double> SuccessRatePercent() const;
};

// Reads a race CSV, a summary.json, a record log, or a folder with any of them (in the order summary.json,
// CSV, records.jsonl). For a CSV with a summary.json beside it that gives the same tokens the time is taken
// from there. NotFound or InvalidArgument in a sentence that names the file.
absl::StatusOr<RunDigest> ReadRunDigest(const std::string& path);

}  // namespace llmdyno
