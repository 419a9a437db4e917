// Was a load sustained? The judgement that a capacity search is built on. QPS benchmarks call it behind each
// trial. A pure function.
#pragma once

#include <optional>
#include <string>

#include "llmdyno/metrics/backlog.h"
#include "llmdyno/metrics/serving_metrics.h"
#include "llmdyno/metrics/slo.h"

namespace llmdyno {

// What a load has to meet to count as sustained.
struct SustainCriteria {
  Slo slo;  // may have no terms
  // Used unless the SLO says something about success itself.
  double min_success_percent = 99;
  // What is taken for a queue that grows (JudgeBacklog). Absent in a closed loop, where none can.
  std::optional<BacklogLimits> backlog = BacklogLimits();
  // Fewer requests than this share of what was asked for were really sent: the client is the limit.
  double min_sent_share = 0.98;
};

// The answer, and why.
struct SustainJudgement {
  bool sustained = false;
  bool client_limited = false;              // not the endpoint's fault
  std::string reason;                       // one line, whichever way it went
  std::optional<double> capacity_estimate;  // successes per second while a queue grew or requests failed
};

// `target` in requests per second, or in users when the criteria have no backlog limits. A queue that may
// have grown without having shown yet (BacklogJudgement::too_short) breaks no load: the trial is to be
// longer.
SustainJudgement JudgeSustained(double target, const ServingMetrics& metrics,
                                const std::optional<BacklogTrend>& backlog, const SustainCriteria& criteria);

}  // namespace llmdyno
