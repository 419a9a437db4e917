// Which of the levels that were tried one should run in production. Reports of QPS benchmarks call it. Values
// and pure functions; the rules: docs/metrics.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/metrics/capacity.h"

namespace llmdyno {

// What the judgement needs to know of one level.
struct LevelSummary {
  double target = 0;  // requests per second, or users; levels without a finite target are left out
  std::optional<double> success_percent;  // without one the level proves nothing and ends the row
  std::optional<double> sent_per_second;
  std::optional<Duration> ttft_p99;
  std::optional<Duration> e2e_p50;
  std::optional<Duration> send_lag_p99;
  // Why the level does not hold although its requests succeeded: "a queue grew (...)", or what a capacity
  // search found against it. Empty when it holds.
  std::string broken_by = {};
  // Why nobody can tell whether a queue grew (BacklogJudgement); empty when one can.
  std::string too_short = {};
  bool slo_met = true;          // true when there is none
  bool is_client_valid = true;  // the verdict on the client
};

// PASS from 95 % success, DEGRADED from 80 %, FAIL below (the reference systems' words).
enum class LevelGrade { kPass, kDegraded, kFail };
// `success_percent` from 0 to 100.
LevelGrade GradeOf(double success_percent);
// "PASS", "DEGRADED", "FAIL".
std::string_view ToString(LevelGrade grade);

// What the targets are.
struct RecommendationConfig {
  std::string_view unit = "requests/s";  // or "users"; a text that lives on
  // True when a level must have sent as many requests per second as its target says.
  bool targets_are_rates = true;
  // The levels are the trials of a search that found this: what it found is the base, and of doubts those at
  // its two ends are told.
  std::optional<CapacityAnswer> capacity = {};
};

// Loads in the unit of the targets; what does not exist is absent.
struct Recommendation {
  // The highest level up to which every level, from the lowest on, had that success, met the SLO and let no
  // queue grow.
  std::optional<double> highest_99;
  std::optional<double> highest_95;
  // The first level, from the lowest on, below 95 % success, with a growing queue or beyond the SLO; empty:
  // not reached.
  std::optional<double> saturation;
  std::string saturation_reason;  // "success 90.1 % at 20 requests/s"; empty when not reached
  // The first level of which nobody can tell whether a queue grew and whose latency is beyond the knee: it is
  // no proof, so the row ends before it.
  std::optional<double> unproven;
  // 70, 80 and 90 % of the highest level with 99 %, or with 95 % if none has 99 %; of what a search found.
  std::optional<double> base;
  std::optional<double> at_70;
  std::optional<double> at_80;
  std::optional<double> at_90;
  // The level from which on the median of the end-to-end latency is more than twice that of the lowest one.
  std::optional<double> latency_knee;
  // Sentences: what limits, what to doubt (send lag, a SUSPECT client). A doubt moves no level: the endpoint
  // answered what was sent.
  std::vector<std::string> reasons;
};

// Levels in any order; judged from the lowest target on. A target that was tried several times has to hold
// each time.
Recommendation Recommend(std::span<const LevelSummary> levels, const RecommendationConfig& config = {});

}  // namespace llmdyno
