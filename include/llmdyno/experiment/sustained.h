// Was a load sustained? The judgement that a capacity search is built on.
#pragma once

#include <optional>
#include <string>

#include "llmdyno/metrics/backlog.h"
#include "llmdyno/metrics/serving_metrics.h"
#include "llmdyno/metrics/slo.h"

namespace llmdyno {

struct SustainCriteria {
  Slo slo;  // may have no terms
  // Used unless the SLO says something about success itself.
  double min_success_percent = 99;
  // Of a hundred requests at most this share may stay behind for good in an open loop (BacklogTrend). Absent
  // in a closed loop, where no queue can grow.
  std::optional<double> max_backlog_growth_share = 0.02;
  // Seconds by which waiting may rise in every second (BacklogTrend); of an open loop only.
  double max_latency_growth = 0.01;
  // Fewer requests than this share of what was asked for were really sent: the client is the limit.
  double min_sent_share = 0.98;
};

struct SustainJudgement {
  bool sustained = false;
  bool client_limited = false;              // not the endpoint's fault
  std::string reason;                       // one line, whichever way it went
  std::optional<double> capacity_estimate;  // successes per second while a queue grew or requests failed
};

// `target` in requests per second, or in users when the criteria have no backlog limit.
SustainJudgement JudgeSustained(double target, const ServingMetrics& metrics,
                                const std::optional<BacklogTrend>& backlog, const SustainCriteria& criteria);

}  // namespace llmdyno
