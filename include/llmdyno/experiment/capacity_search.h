// Finds the highest load that an endpoint sustains: brackets it, bisects, confirms.
//
// A pure decision: told what happened at the loads tried so far, it says which load to try next or what the
// answer is. It does not know what a load is (requests per second, or users) nor how it is judged. The QPS
// benchmark asks it between its trials. A value; used by one thread.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "llmdyno/metrics/capacity.h"

namespace llmdyno {

// Where the search looks and when it is content. Loads are in the caller's unit.
struct CapacitySearchConfig {
  double start = 1;            // the first load tried
  double lowest = 0.01;        // give up below: the endpoint cannot serve at all
  double highest = 100'000;    // stop above: "not reached"
  double growth = 2;           // factor while looking for the first failure
  double tolerance = 0.03;     // bracket is narrow enough when (high - low) / low is at most this
  bool whole_numbers = false;  // loads are users: the bracket may close to one
  int confirmations = 2;       // further trials at the answer that must all be sustained
  int max_trials = 40;         // bounds the search whatever happens

  // InvalidArgument with the first problem and the accepted range.
  absl::Status Validate() const;
};

class CapacitySearch {
 public:
  // Needs a config that Validate() accepts.
  explicit CapacitySearch(const CapacitySearchConfig& config);

  // The load to try next, and what for.
  struct Try {
    double load = 0;
    CapacityTrial::Purpose purpose = CapacityTrial::Purpose::kBracket;
  };
  // What to do now; asking again gives the same.
  std::variant<Try, CapacityAnswer> Next() const;
  // The result of the load that Next asked for. `capacity_estimate` is what the endpoint managed while it was
  // overloaded, if that was seen: the search then looks there instead of in the middle of the bracket.
  void Add(bool sustained, std::string reason, std::optional<double> capacity_estimate = {});
  const std::vector<CapacityTrial>& trials() const { return trials_; }

 private:
  // The bracket: `low` was sustained each time and lies below `high`, the lowest load that was not.
  struct Bracket {
    std::optional<double> low;
    std::optional<double> high;
  };
  Bracket FindBracket() const;
  bool IsNarrow(double low, double high) const;
  double Between(double low, double high) const;
  double Rounded(double load) const;
  int TrialsAt(double load) const;
  CapacityAnswer Answer(CapacityAnswer::Kind kind, const Bracket& bracket) const;

  CapacitySearchConfig config_;
  std::vector<CapacityTrial> trials_;
  std::optional<double> estimate_;
};

}  // namespace llmdyno
