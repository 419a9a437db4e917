// A finished race, QPS benchmark, serving run, sweep or embedding benchmark as two of them are compared: by
// level, with the figures of its result file and, where there is a record log, with its requests. Comparisons
// read two of them. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/metrics/distribution.h"

namespace llmdyno {

// Which command made it; embedding benchmarks are sweeps.
enum class ResultKind { kRace, kQps, kServing, kSweep };
// "race", "QPS benchmark", "serving benchmark", "sweep".
std::string_view ToString(ResultKind kind);

// A figure as the result file has it.
struct StoredValue {
  double value = 0;
  std::optional<Interval> ci95;
};

// One run of a level, its requests in the order in which they were sent.
struct RunSamples {
  // One request, as far as comparisons look at it.
  struct Request {
    int64_t request_id = 0;
    double sent_s = 0;  // from the first send of the run
    bool failed = false;
    // By ComparedRequestMetrics(), of a request that ended ok; else empty.
    std::vector<std::optional<double>> values;
  };
  std::vector<Request> requests;
  // Gaps between the tokens of all requests that ended ok, one after the other in the order of requests;
  // weights are how many tokens' gaps a value is, gap_ends has an entry per request.
  std::vector<float> gaps_ms;
  std::vector<float> gap_weights;
  std::vector<size_t> gap_ends;

  // Figures of the run by name ("output_tokens_per_s").
  std::map<std::string, double> rates;
  // The same per stretch of time of equal length, between the first token and the last send.
  std::map<std::string, std::vector<double>> rate_series;
  double stretch_s = 0;
};

// One load of the result; a race has exactly one.
struct ComparedLevel {
  std::string key;               // "race", "10", "in_128_out_32_batch_8": what levels are paired by
  std::optional<bool> is_valid;  // the verdict
  bool is_cut = false;           // interrupted, or without a finish line
  std::map<std::string, StoredValue> stored;  // by name of ComparedMetrics()
  std::vector<RunSamples> runs;               // empty without a record log
};

// The whole result, its record log included where there is one.
struct ComparedResult {
  ResultKind kind = ResultKind::kRace;
  std::string source;  // the file that was read
  std::string label;
  std::string model;
  std::string endpoint;
  bool is_simulated = false;
  std::string version;             // of llmdyno; empty when unknown
  std::string configuration_json;  // empty when unknown: nothing says what was asked for
  std::string records;             // the log that was read; empty without one
  std::vector<std::string> notes;  // what is missing, in sentences
  std::vector<ComparedLevel> levels;
};

// Reads a result file, or the one in a folder, and the record log beside it. A race that left nothing but a
// CSV has its totals only. NotFound or InvalidArgument in a sentence that names the file.
absl::StatusOr<ComparedResult> ReadComparedResult(const std::string& path);

}  // namespace llmdyno
