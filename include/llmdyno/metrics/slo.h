// What a load must achieve to count as served: limits on the statistics of a level. QPS and serving
// benchmarks judge their levels by it. Plain values; safe to read from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/metrics/serving_metrics.h"

namespace llmdyno {

// One limit: "ttft_p99<500ms", "tpot_mean<=50ms", "success>=99%", "goodput>=5", "throughput>1000".
struct SloTerm {
  // How the statistic has to be to the limit.
  enum class Comparison { kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
  std::string metric;     // ttft, ttft_from_schedule, tpot, itl, e2e, e2e_from_schedule, send_lag, success,
                          // goodput (good requests per second), throughput (output tokens per second)
  std::string statistic;  // "p99", "p50", any pNN or pNN.N, "mean", "min", "max"; empty for success, goodput,
                          // throughput
  Comparison comparison = Comparison::kLess;
  double limit = 0;  // milliseconds, percent, or per second
  std::string text;  // as written
};

// Whether a level met all terms, and which it missed.
struct SloJudgement {
  // A term that was not met.
  struct Miss {
    std::string term;              // as written
    std::optional<double> actual;  // in the term's unit; empty when there was nothing to judge
    std::string sentence;          // "ttft_p99 was 812 ms, limit 500 ms"
  };
  bool met = true;
  std::vector<Miss> misses;
};

// A conjunction of terms.
class Slo {
 public:
  // Terms with commas between them; white space is free. An error points at the character, counted from 1:
  //   "expected one of '<', '<=', '>', '>=' at character 9: ttft_p99 500ms".
  // Times take a unit (us, ms, s), success takes '%', the others take none. The grammar is in
  // docs/metrics.md.
  static absl::StatusOr<Slo> Parse(std::string_view text);

  // A term whose metric nobody could measure (no success, so no TTFT) is missed.
  SloJudgement Judge(const ServingMetrics& metrics) const;
  const std::vector<SloTerm>& terms() const { return terms_; }
  // Whether a term is about goodput, which only a level with goals (Goodput) has.
  bool needs_goodput() const;

 private:
  std::vector<SloTerm> terms_;
};
// The terms as they were written, with commas between them.
std::string ToString(const Slo& slo);

}  // namespace llmdyno
