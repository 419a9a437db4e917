// Two results, level by level and metric by metric, with intervals, p-values and the names of the tests
// (docs/metrics.md, "Comparing two runs"). `llmdyno report` calls it. Values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmdyno/metrics/two_samples.h"
#include "llmdyno/report/compared_metrics.h"
#include "llmdyno/report/compared_result.h"

namespace llmdyno {

// One setting of the two configurations.
struct ConfigurationDifference {
  std::string name;
  std::string a;  // as JSON
  std::string b;
  // True: other requests were sent, or at another load, so that a difference of figures says nothing of the
  // endpoints.
  bool matters = true;
};

// One figure of both.
struct MetricComparison {
  const ComparedMetric* metric = nullptr;
  Difference difference;
  std::string note;  // why nothing was tested; empty when something was
};

// One level of both.
struct LevelComparison {
  std::string key;
  int64_t runs_a = 0;  // runs with requests; 0: figures of the result file only
  int64_t runs_b = 0;
  std::vector<MetricComparison> metrics;  // that both have, in the order of ComparedMetrics()
  // Which of two requests, one of each run, is slower to end: the whole distributions, not one figure of
  // them. Of single runs with requests.
  std::optional<Difference> e2e_ranks;
  std::vector<std::string> notes;  // SUSPECT, cut, …
  // By ComparedMetric::name; null when the level has no such figure.
  const MetricComparison* Find(std::string_view name) const;
};

// The whole answer. Pointers in it are into ComparedMetrics().
struct ResultComparison {
  ComparedResult a;  // without their samples
  ComparedResult b;
  std::vector<ConfigurationDifference> configuration;
  bool configurations_known = true;
  std::vector<LevelComparison> levels;  // that both have, in the order of a
  std::vector<std::string> only_in_a;   // keys of levels
  std::vector<std::string> only_in_b;
  std::vector<std::string> notes;

  bool MayBeCompared() const;  // no difference of the configurations matters
};

// Chance, where tests use it.
struct ComparisonConfig {
  uint64_t seed = 1;         // of the bootstrap
  int64_t resamples = 2000;  // of the bootstrap: the smallest p is one in so many
};

// InvalidArgument when they are results of different kinds, or have no level in common.
absl::StatusOr<ResultComparison> CompareResults(ComparedResult a, ComparedResult b,
                                                const ComparisonConfig& config = {});

// The table for people; ends in a newline.
std::string FormatResultComparison(const ResultComparison& comparison);

}  // namespace llmdyno
