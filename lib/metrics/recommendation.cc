#include "llmdyno/metrics/recommendation.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "llmdyno/metrics/late_send.h"
#include "metrics/short_number.h"

namespace llmdyno {
namespace {

constexpr double kGood = 99;
constexpr double kAcceptable = 95;
constexpr double kDegraded = 80;
constexpr double kKneeFactor = 2;
// A level that sent less than this share of its target was not what it says.
constexpr double kLeastSentShare = 0.95;

using Levels = std::vector<LevelSummary>;

std::string Fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string Ms(Duration duration) { return Fixed(ToMilliseconds(duration), 1) + " ms"; }

std::string At(const LevelSummary& level, const RecommendationConfig& config) {
  return ShortNumber(level.target) + " " + std::string(config.unit);
}

Levels FromTheLowest(std::span<const LevelSummary> levels) {
  Levels sorted;
  for (const LevelSummary& level : levels) {
    if (std::isfinite(level.target)) sorted.push_back(level);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const LevelSummary& a, const LevelSummary& b) { return a.target < b.target; });
  return sorted;
}

bool Holds(const LevelSummary& level, double success_percent) {
  return level.success_percent && *level.success_percent >= success_percent && level.slo_met &&
         level.broken_by.empty();
}

const LevelSummary* FirstBelow(const Levels& levels, double success_percent) {
  const auto found = std::find_if(levels.begin(), levels.end(),
                                  [&](const LevelSummary& level) { return !Holds(level, success_percent); });
  return found == levels.end() ? nullptr : &*found;
}

// The highest target below that of the first level that does not hold, and below `limit`. (A target may be
// there twice.)
std::optional<double> HighestWith(const Levels& levels, double success_percent, std::optional<double> limit) {
  if (const LevelSummary* below = FirstBelow(levels, success_percent)) {
    limit = std::min(limit.value_or(below->target), below->target);
  }
  std::optional<double> highest;
  for (const LevelSummary& level : levels) {
    if (limit && level.target >= *limit) break;
    highest = level.target;
  }
  return highest;
}

// One decimal, but never rounded up to the limit that was missed.
std::string SuccessText(double percent, double limit) {
  std::string text = Fixed(percent, 1);
  if (percent < limit && text == Fixed(limit, 1)) text = Fixed(percent, 3);
  return "success " + text + " %";
}

std::string WhyNot(const LevelSummary& level, double limit, const RecommendationConfig& config) {
  if (!level.success_percent) return "no request ended at " + At(level, config);
  if (*level.success_percent < limit) {
    return SuccessText(*level.success_percent, limit) + " at " + At(level, config);
  }
  if (!level.broken_by.empty()) return level.broken_by + " at " + At(level, config);
  return "the SLO was missed at " + At(level, config);
}

Levels::const_iterator LowestWithLatency(const Levels& levels) {
  return std::find_if(levels.begin(), levels.end(),
                      [](const LevelSummary& level) { return level.e2e_p50.has_value(); });
}

// Where the median has gone beyond the limit and stays there.
const LevelSummary* FindKnee(const Levels& levels) {
  const auto lowest = LowestWithLatency(levels);
  const LevelSummary* knee = nullptr;
  for (auto level = lowest; level != levels.end(); ++level) {
    if (!level->e2e_p50) continue;
    if (ToSeconds(*level->e2e_p50) <= kKneeFactor * ToSeconds(*lowest->e2e_p50)) {
      knee = nullptr;
    } else if (knee == nullptr) {
      knee = &*level;
    }
  }
  return knee;
}

void AddKnee(const Levels& levels, const RecommendationConfig& config, Recommendation& answer) {
  const LevelSummary* knee = FindKnee(levels);
  if (knee == nullptr) return;
  answer.latency_knee = knee->target;
  std::string reason = "latency knee at " + At(*knee, config) +
                       ": from there on the median end-to-end latency (" + Ms(*knee->e2e_p50) +
                       ") is more than twice that of the lowest level";
  if (knee->ttft_p99) reason += "; TTFT p99 is " + Ms(*knee->ttft_p99) + " there";
  answer.reasons.push_back(std::move(reason));
}

// A level that was too short while its latency says that much had changed since the lowest one.
const LevelSummary* FindUnproven(const Levels& levels) {
  const auto lowest = LowestWithLatency(levels);
  const auto found = std::find_if(lowest, levels.end(), [&](const LevelSummary& level) {
    return !level.too_short.empty() && level.e2e_p50 &&
           ToSeconds(*level.e2e_p50) > kKneeFactor * ToSeconds(*lowest->e2e_p50);
  });
  return found == levels.end() ? nullptr : &*found;
}

void AddUnproven(const Levels& levels, const RecommendationConfig& config, Recommendation& answer) {
  const LevelSummary* level = FindUnproven(levels);
  // Beyond a level that broke there is nothing to prove.
  if (level == nullptr || (answer.saturation && *answer.saturation <= level->target)) return;
  answer.unproven = level->target;
  answer.reasons.push_back(At(*level, config) + " cannot be recommended: " + level->too_short +
                           ", and that is more than twice the median of the lowest level; try a longer "
                           "duration");
}

void AddSaturation(const Levels& levels, const RecommendationConfig& config, Recommendation& answer) {
  if (const LevelSummary* saturated = FirstBelow(levels, kAcceptable)) {
    answer.saturation = saturated->target;
    answer.saturation_reason = WhyNot(*saturated, kAcceptable, config);
    answer.reasons.push_back("saturated: " + answer.saturation_reason);
  } else if (!levels.empty()) {
    answer.reasons.push_back("saturation was not reached: every level up to " + At(levels.back(), config) +
                             " had at least 95 % success");
  }
}

void AddLimits(const Levels& levels, const RecommendationConfig& config, Recommendation& answer) {
  const LevelSummary* below_99 = FirstBelow(levels, kGood);
  if (below_99 != nullptr && below_99->target != answer.saturation) {
    answer.reasons.push_back("99 % success ends before " + At(*below_99, config) + ": " +
                             WhyNot(*below_99, kGood, config));
  }
  if (!levels.empty() && !answer.highest_95) {
    answer.reasons.push_back("nothing can be recommended: not even the lowest level held; try lower ones");
  }
}

// The end of a search is where its two loads lie; what levels are judged by may differ from its criteria.
void AddCapacity(const Levels& trials, const RecommendationConfig& config, Recommendation& answer) {
  answer.saturation = config.capacity->failed_at;
  const auto failed = std::find_if(trials.begin(), trials.end(), [&](const LevelSummary& trial) {
    return trial.target == answer.saturation && !trial.broken_by.empty();
  });
  if (failed != trials.end()) answer.saturation_reason = WhyNot(*failed, kAcceptable, config);
  if (!answer.saturation) {
    answer.reasons.push_back("saturation was not reached: every load up to " + At(trials.back(), config) +
                             " was sustained");
  } else {
    answer.reasons.push_back("saturated: " + answer.saturation_reason);
  }
  if (!config.capacity->load) answer.reasons.push_back("nothing can be recommended: no load was sustained");
}

void AddDoubts(const LevelSummary& level, const RecommendationConfig& config, Recommendation& answer) {
  const Duration lag_limit = kLateSendAfter;
  if (level.send_lag_p99 && *level.send_lag_p99 > lag_limit) {
    answer.reasons.push_back("doubtful: at " + At(level, config) +
                             " 1 % of the requests were sent more than " + Ms(*level.send_lag_p99) + " late");
  }
  if (config.targets_are_rates && level.sent_per_second &&
      *level.sent_per_second < kLeastSentShare * level.target) {
    answer.reasons.push_back("doubtful: at " + At(level, config) + " only " +
                             Fixed(*level.sent_per_second, 1) + " requests/s were sent");
  }
  if (!level.too_short.empty() && level.target == answer.base) {
    answer.reasons.push_back("doubtful: " + At(level, config) + " was " + level.too_short);
  }
}

template <typename T, typename Worse>
void KeepWorse(std::optional<T>& worst, const std::optional<T>& other, Worse worse) {
  if (other && (!worst || worse(*other, *worst))) worst = other;
}

// One summary per target that is to be doubted, with the worst of all the times that it was tried.
Levels WorstOfEach(const Levels& levels, const RecommendationConfig& config) {
  Levels worst;
  for (const LevelSummary& level : levels) {
    const auto& search = config.capacity;
    if (search && level.target != search->load && level.target != search->failed_at) continue;
    if (worst.empty() || worst.back().target != level.target) {
      worst.push_back(level);
      continue;
    }
    LevelSummary& same = worst.back();
    KeepWorse(same.send_lag_p99, level.send_lag_p99, std::greater<>());
    KeepWorse(same.sent_per_second, level.sent_per_second, std::less<>());
    same.is_client_valid = same.is_client_valid && level.is_client_valid;
    if (same.too_short.empty()) same.too_short = level.too_short;
  }
  return worst;
}

void AddSuspects(const Levels& levels, const RecommendationConfig& config, Recommendation& answer) {
  std::string targets;
  for (const LevelSummary& level : levels) {
    if (!level.is_client_valid) targets += (targets.empty() ? "" : ", ") + ShortNumber(level.target);
  }
  if (targets.empty()) return;
  answer.reasons.push_back("doubtful: the client was SUSPECT at " + targets + " " + std::string(config.unit) +
                           ", so the limit may be its own");
}

}  // namespace

LevelGrade GradeOf(double success_percent) {
  if (success_percent >= kAcceptable) return LevelGrade::kPass;
  return success_percent >= kDegraded ? LevelGrade::kDegraded : LevelGrade::kFail;
}

std::string_view ToString(LevelGrade grade) {
  switch (grade) {
    case LevelGrade::kPass:
      return "PASS";
    case LevelGrade::kDegraded:
      return "DEGRADED";
    case LevelGrade::kFail:
      return "FAIL";
  }
  return "unknown";
}

Recommendation Recommend(std::span<const LevelSummary> levels, const RecommendationConfig& config) {
  const Levels sorted = FromTheLowest(levels);
  Recommendation answer;
  if (config.capacity && !sorted.empty()) {
    AddCapacity(sorted, config, answer);
  } else {
    AddSaturation(sorted, config, answer);
    AddUnproven(sorted, config, answer);
  }
  answer.highest_99 = HighestWith(sorted, kGood, answer.unproven);
  answer.highest_95 = HighestWith(sorted, kAcceptable, answer.unproven);
  answer.base = answer.highest_99 ? answer.highest_99 : answer.highest_95;
  if (config.capacity) {
    answer.base = config.capacity->load;
  } else {
    AddLimits(sorted, config, answer);
  }
  if (answer.base) {
    answer.at_70 = 0.70 * *answer.base;
    answer.at_80 = 0.80 * *answer.base;
    answer.at_90 = 0.90 * *answer.base;
  }
  AddKnee(sorted, config, answer);
  const Levels doubted = WorstOfEach(sorted, config);
  for (const LevelSummary& level : doubted) AddDoubts(level, config, answer);
  AddSuspects(doubted, config, answer);
  return answer;
}

}  // namespace llmdyno
