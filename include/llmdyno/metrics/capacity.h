// What a search for the highest sustainable load found (experiment/capacity_search.h makes it). Reports print
// it. Plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace llmdyno {

// One load that was tried, in requests per second or users as the search has it.
struct CapacityTrial {
  // Looking for the first load that fails, closing in on the highest that holds, trying that one again.
  enum class Purpose { kBracket, kBisect, kConfirm };
  double load = 0;
  Purpose purpose = Purpose::kBracket;
  bool sustained = false;
  std::string reason;  // why not, or a word on how well
};

// What the trials amount to. Loads in the search's unit.
struct CapacityAnswer {
  // How the search ended.
  enum class Kind {
    kConverged,    // `load` is sustained, `failed_at` is not
    kNotReached,   // sustained everywhere: the endpoint never broke up to `load`
    kCannotServe,  // even the lowest load was not sustained
    kOutOfTrials,  // the best so far, not confirmed as asked
  };
  Kind kind = Kind::kConverged;
  std::optional<double> load;       // the highest load that was sustained each time it was tried
  std::optional<double> failed_at;  // the lowest load above it that was not
  int trials_at_load = 0;           // sustained trials at `load`
  // One-sided: with k of k trials sustained, the chance of sustaining this load is at least 0.05^(1/k) with
  // 95 % confidence (Clopper and Pearson).
  std::optional<double> sustain_probability_at_least;
  std::string sentence;  // all of it, for people
};

std::string_view ToString(CapacityTrial::Purpose purpose);  // "bracket", "bisect", "confirm"
std::string_view ToString(CapacityAnswer::Kind kind);       // "converged", "not_reached", …

}  // namespace llmdyno
