// selftest.json (docs/result-files.md): written by the self-test, read back by whoever wants to print the
// error of this machine beside its numbers. Pure functions, reading the file apart.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/machine.h"
#include "llmdyno/report/selftest_report.h"

namespace llmdyno {

// Indented, ending in a newline; no secret, no NaN.
std::string SelftestJson(const SelftestReport& report);

// What other results need of a self-test.
struct SelftestSummary {
  // One number of streams, as the file has it.
  struct Level {
    int64_t concurrency = 0;
    double tokens_per_second = 0;  // that the endpoint really sent
    std::array<std::optional<ErrorFigures>, kMeasuredQuantities> errors;
    bool valid = true;  // the verdict on the client
  };
  std::string path;
  std::string date;  // "2025-01-31", of its start; empty when the file does not say
  Machine machine;
  std::vector<Level> levels;  // ascending
};

// NotFound when there is no such file, InvalidArgument when it is no self-test or one of a later format, or
// has no level.
absl::StatusOr<SelftestSummary> ReadSelftest(const std::string& path);

}  // namespace llmdyno
