// What a self-test of this machine says of the error of another run's numbers: "± 3 us". Reports carry it
// beside their numbers. Plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "llmdyno/base/machine.h"
#include "llmdyno/metrics/measurement_error.h"

namespace llmdyno {

struct SelftestSummary;  // selftest_json.h

// The load of a run, as far as it decides the error of its instants.
struct ClientLoad {
  int64_t in_flight = 1;                    // requests at once, at most
  std::optional<double> tokens_per_second;  // that arrived; unset: unknown, then it does not count
};

// The error of one quantity at one load.
struct MeasurementErrorNote {
  MeasuredQuantity quantity = MeasuredQuantity::kArrival;
  // Of the level below. Absent when the run's load is beyond what was tested.
  std::optional<ErrorFigures> figures;
  int64_t tested_concurrency = 0;       // the level that was taken; of the largest when the run is beyond
  double tested_tokens_per_second = 0;  // likewise
  bool tested_valid = true;             // the verdict on the client at that level
  std::string date;                     // of the self-test

  // "± 3 us (p99) on this machine at 1,000 streams, self-test of 2025-01-31", or "beyond what the self-test
  // of 2025-01-31 covered (1,000 streams, 49,800 tokens/s)".
  std::string Sentence() const;
};

// By the smallest tested load that is not below the run's, in requests at once and in tokens a second. Empty
// when that level had nothing to compare of this quantity.
std::optional<MeasurementErrorNote> FindMeasurementError(const SelftestSummary& selftest,
                                                         MeasuredQuantity quantity, const ClientLoad& load);

// Of a run at one load, on one line: "TTFT ± 12 us, ITL ± 3.1 us (p99) on this machine at 1,000 streams,
// self-test of 2025-01-31". Empty when there are none.
std::string FormatMeasurementErrors(std::span<const MeasurementErrorNote> notes);

// Why the self-test may not speak for this machine, as warnings in words; empty when it may.
std::vector<std::string> SelftestWarnings(const SelftestSummary& selftest, const Machine& here);

}  // namespace llmdyno
