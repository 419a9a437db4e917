#include "llmdyno/experiment/capacity_search.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <utility>

namespace llmdyno {
namespace {

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

absl::Status Expect(bool holds, const std::string& sentence) {
  return holds ? absl::OkStatus() : absl::InvalidArgumentError(sentence);
}

}  // namespace

absl::Status CapacitySearchConfig::Validate() const {
  for (const absl::Status& status :
       {Expect(lowest > 0 && std::isfinite(highest) && lowest <= highest,
               "the search needs limits with 0 < lowest <= highest, got " + Number(lowest) + " and " +
                   Number(highest)),
        Expect(start >= lowest && start <= highest, "the search starts at " + Number(start) + ": expected " +
                                                        Number(lowest) + " to " + Number(highest)),
        Expect(growth > 1 && growth <= 100,
               "the search grows by " + Number(growth) + ": expected a factor above 1 and up to 100"),
        Expect(tolerance > 0 && tolerance < 1,
               "the tolerance is " + Number(tolerance) + ": expected above 0 and below 1"),
        Expect(confirmations >= 0, "the number of confirmations must be 0 or more"),
        Expect(max_trials >= 1, "the number of trials must be 1 or more")}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

CapacitySearch::CapacitySearch(const CapacitySearchConfig& config) : config_(config) {
  assert(config.Validate().ok());
}

std::variant<CapacitySearch::Try, CapacityAnswer> CapacitySearch::Next() const {
  using Kind = CapacityAnswer::Kind;
  using Purpose = CapacityTrial::Purpose;
  if (trials_.empty()) return Try{Rounded(config_.start), Purpose::kBracket};
  const Bracket bracket = FindBracket();
  if (!bracket.low && *bracket.high <= config_.lowest) return Answer(Kind::kCannotServe, bracket);
  const bool needs_more_above = !bracket.high && *bracket.low < config_.highest;
  const bool may_try = std::ssize(trials_) < config_.max_trials;
  if (!bracket.high && !needs_more_above && TrialsAt(*bracket.low) > config_.confirmations) {
    return Answer(Kind::kNotReached, bracket);
  }
  if (!may_try) return Answer(Kind::kOutOfTrials, bracket);
  if (needs_more_above) {
    return Try{Rounded(std::min(*bracket.low * config_.growth, config_.highest)), Purpose::kBracket};
  }
  if (!bracket.low) {
    const double below = estimate_ && *estimate_ < *bracket.high ? *estimate_ * (1 - config_.tolerance)
                                                                 : *bracket.high / config_.growth;
    const double clearly_below = std::min(below, *bracket.high / (1 + config_.tolerance));
    return Try{Rounded(std::max(clearly_below, config_.lowest)), Purpose::kBracket};
  }
  if (bracket.high && !IsNarrow(*bracket.low, *bracket.high)) {
    return Try{Between(*bracket.low, *bracket.high), Purpose::kBisect};
  }
  if (TrialsAt(*bracket.low) <= config_.confirmations) return Try{*bracket.low, Purpose::kConfirm};
  return Answer(Kind::kConverged, bracket);
}

void CapacitySearch::Add(bool sustained, std::string reason, std::optional<double> capacity_estimate) {
  const auto next = Next();
  const Try& asked = std::get<Try>(next);
  trials_.push_back({asked.load, asked.purpose, sustained, std::move(reason)});
  if (!sustained && capacity_estimate && *capacity_estimate > 0) estimate_ = capacity_estimate;
}

CapacitySearch::Bracket CapacitySearch::FindBracket() const {
  Bracket bracket;
  for (const CapacityTrial& trial : trials_) {
    if (!trial.sustained) bracket.high = std::min(bracket.high.value_or(trial.load), trial.load);
  }
  for (const CapacityTrial& trial : trials_) {
    // A load at or above one that failed says nothing, even if it was sustained once.
    if (!trial.sustained || (bracket.high && trial.load >= *bracket.high)) continue;
    bracket.low = std::max(bracket.low.value_or(trial.load), trial.load);
  }
  return bracket;
}

bool CapacitySearch::IsNarrow(double low, double high) const {
  if (config_.whole_numbers && high - low <= 1) return true;
  // Loads are rounded; without this a bracket that is wider by a rounding error would be cut once more.
  return (high - low) / low <= config_.tolerance * (1 + 1e-9);
}

double CapacitySearch::Between(double low, double high) const {
  if (estimate_) {
    // On either side of the estimate, so that two trials make the bracket narrow.
    const double half = config_.tolerance * 0.45;
    for (const double candidate : {Rounded(*estimate_ * (1 - half)), Rounded(*estimate_ * (1 + half))}) {
      const bool is_new = candidate > low * (1 + half) && candidate < high * (1 - half / 2);
      if (is_new) return candidate;
    }
    // The estimate was too low: from what was sustained on in growing steps.
    const double passed = low / *estimate_ - 1;
    const double further = Rounded(low * (1 + std::max(2 * passed, 0.9 * config_.tolerance)));
    if (passed > 0 && further < high * (1 - half)) return further;
  }
  const double middle = high > 2 * low ? std::sqrt(low * high) : (low + high) / 2;
  const double rounded = Rounded(middle);
  return rounded > low && rounded < high ? rounded : middle;
}

// Loads of four digits are easier to read and to repeat, and fine enough for any tolerance in use.
double CapacitySearch::Rounded(double load) const {
  if (config_.whole_numbers) return std::max(1.0, std::floor(load));
  if (load <= 0) return load;
  // Divided by the power of ten that is whole: 4741 / 100 is the number that prints as 47.41, 4741 * 0.01 is
  // not.
  const double exponent = std::floor(std::log10(load)) - 3;
  const double whole = std::pow(10.0, std::abs(exponent));
  const double rounded = exponent < 0 ? std::round(load * whole) / whole : std::round(load / whole) * whole;
  return std::clamp(rounded, config_.lowest, config_.highest);
}

int CapacitySearch::TrialsAt(double load) const {
  return static_cast<int>(std::count_if(trials_.begin(), trials_.end(),
                                        [load](const CapacityTrial& trial) { return trial.load == load; }));
}

CapacityAnswer CapacitySearch::Answer(CapacityAnswer::Kind kind, const Bracket& bracket) const {
  CapacityAnswer answer;
  answer.kind = kind;
  answer.load = bracket.low;
  answer.failed_at = bracket.high;
  std::string why_high;
  for (const CapacityTrial& trial : trials_) {
    if (!trial.sustained && trial.load == bracket.high) why_high = trial.reason;
  }
  if (bracket.low) {
    answer.trials_at_load = TrialsAt(*bracket.low);
    answer.sustain_probability_at_least = std::pow(0.05, 1.0 / answer.trials_at_load);
  }
  const std::string held = bracket.low ? Number(*bracket.low) + " was sustained in " +
                                             std::to_string(answer.trials_at_load) + " of " +
                                             std::to_string(answer.trials_at_load) + " trials"
                                       : "";
  switch (kind) {
    case CapacityAnswer::Kind::kConverged:
      answer.sentence = held + ", " + Number(*bracket.high) + " was not: " + why_high;
      break;
    case CapacityAnswer::Kind::kNotReached:
      answer.sentence = "not reached: " + held + ", and nothing higher was to be tried";
      break;
    case CapacityAnswer::Kind::kCannotServe:
      answer.sentence = "even " + Number(*bracket.high) + " was not sustained: " + why_high;
      break;
    case CapacityAnswer::Kind::kOutOfTrials:
      answer.sentence = "stopped after " + std::to_string(trials_.size()) +
                        " trials: " + (bracket.low ? held : std::string("nothing was sustained")) +
                        (bracket.high ? ", " + Number(*bracket.high) + " was not: " + why_high : "");
      break;
  }
  return answer;
}

}  // namespace llmdyno
