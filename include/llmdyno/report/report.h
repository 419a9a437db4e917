// Everything that a race's outputs say, as one value. Writers format it and add no numbers of their own. Apps
// fill it in, writers read it. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/cost/price.h"
#include "llmdyno/metrics/repetitions.h"
#include "llmdyno/metrics/run_metrics.h"
#include "llmdyno/metrics/validity.h"
#include "llmdyno/report/measurement_error_note.h"

namespace llmdyno {

// What made the result, so that it can be made again.
struct Provenance {
  std::string version;  // of llmdyno
  std::string compiler;
  std::optional<WallTime> started_at;  // of the first measured request, or of the program
};

// A file that the command left behind.
struct ReportFile {
  std::string kind;  // "csv", "records", "summary"
  std::string path;
};

// One of several runs of the same race.
struct RaceRepetition {
  RunMetrics metrics;
  ClientHealth health;
  Validity validity;
};

// One race, whatever it is written as.
struct RaceReport {
  std::string title = "Race";  // "Race to 1,000,000 output tokens"
  std::string engine;
  std::string model;
  std::string endpoint;       // base URL
  bool is_simulated = false;  // every output then says SIMULATED
  std::optional<int64_t> users;
  std::optional<uint64_t> seed;
  std::string configuration_json = "{}";  // the whole configuration, an object; holds no secret
  Provenance provenance;
  RunMetrics metrics;
  ClientHealth health;
  std::optional<Validity> validity;                      // empty: not judged
  std::optional<RunCost> cost;                           // empty: no price was given
  std::vector<MeasurementErrorNote> measurement_errors;  // of this machine, where a self-test tells
  // Of a race that was run several times: `metrics` and `health` are those of one of these, the verdict is
  // on all.
  std::vector<RaceRepetition> repetitions;  // in the order run; empty: it was run once
  int64_t repetition = 0;                   // the one shown, from 0
  std::vector<FigureSpread> spread;         // over the complete ones
  std::vector<ReportFile> files;
  std::vector<std::string> notes;  // sentences the reader should see with the numbers
};

}  // namespace llmdyno
