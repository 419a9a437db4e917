// The tables of one level: metrics that have a value per request, and metrics that have one per run.
#pragma once

#include <string>

#include "llmdyno/metrics/distribution.h"
#include "report/sweep_text.h"

namespace llmdyno {

// A value per request has percentiles, one per run has the runs.
class LevelTable {
 public:
  void AddPerRequest(const std::string& name, const Distribution& values, int decimals, double scale = 1);
  void AddPerRun(const std::string& name, const Distribution& values, int decimals, double scale = 1);
  std::string Text() const;

 private:
  TextColumns requests_{{"Per request", "mean ± std", "p50", "p90", "p95", "p99", "n"}};
  TextColumns runs_{{"Per run", "mean ± std", "each run"}};
  bool any_thin_ = false;
};

}  // namespace llmdyno
