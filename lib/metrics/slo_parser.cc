#include "metrics/slo_parser.h"

#include <algorithm>
#include <optional>
#include <string>

#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

constexpr std::string_view kStatistics = "a statistic such as p50, p99, p99.9, mean, min or max";

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsOfNumber(char c) { return IsDigit(c) || c == '.'; }
bool IsOfUnit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%' || c == '/'; }
bool IsOfName(char c) { return (IsOfUnit(c) && c != '%' && c != '/') || IsOfNumber(c) || c == '_'; }

template <typename Names>
bool Contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsStatistic(std::string_view text) {
  if (text == "mean" || text == "min" || text == "max") return true;
  if (!text.starts_with('p') || !std::all_of(text.begin() + 1, text.end(), IsOfNumber)) return false;
  const std::optional<double> percentile = ParseReal(text.substr(1));
  return percentile && *percentile > 0 && *percentile < 100;
}

// "ttft_from_schedule_p99" -> "ttft_from_schedule": the longest metric that the name begins with.
std::string_view LatencyOf(std::string_view name) {
  std::string_view found;
  for (const std::string_view latency : kSloLatencies) {
    const bool begins =
        name.starts_with(latency) && (name.size() == latency.size() || name[latency.size()] == '_');
    if (begins && latency.size() > found.size()) found = latency;
  }
  return found;
}

// Reads one text from left to right; `at_` is where it is.
class SloParser {
 public:
  explicit SloParser(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<SloTerm>> Parse() {
    std::vector<SloTerm> terms;
    do {
      SkipSpace();
      const size_t start = at_;
      SloTerm term;
      LLMDYNO_RETURN_IF_ERROR(ReadName(term));
      LLMDYNO_RETURN_IF_ERROR(ReadComparison(term));
      LLMDYNO_RETURN_IF_ERROR(ReadLimit(term));
      term.text = text_.substr(start, at_ - start);
      terms.push_back(std::move(term));
      SkipSpace();
    } while (TakeComma());
    if (at_ < text_.size()) return Expected("a comma or the end", at_);
    return terms;
  }

 private:
  absl::Status ReadName(SloTerm& term) {
    const size_t start = at_;
    const std::string_view name = TakeWhile(IsOfName);
    if (name.empty()) return Expected("a metric such as ttft_p99 or success", start);
    if (Contains(kSloNumbers, name)) {
      term.metric = name;
      return absl::OkStatus();
    }
    const std::string_view latency = LatencyOf(name);
    if (latency.empty()) return UnknownMetric(name, start);
    term.metric = latency;
    const size_t behind = start + latency.size();
    if (name == latency) return Expected("'_' and " + std::string(kStatistics), behind);
    term.statistic = name.substr(latency.size() + 1);
    if (!IsStatistic(term.statistic)) return Expected(std::string(kStatistics), behind + 1);
    return absl::OkStatus();
  }

  absl::Status UnknownMetric(std::string_view name, size_t start) const {
    std::vector<std::string> known;
    for (const std::string_view metric : kSloLatencies) known.emplace_back(metric);
    for (const std::string_view metric : kSloNumbers) known.emplace_back(metric);
    // With and without what may be a statistic: "tftt_p99" is nearest to ttft, "sucess" to success.
    auto nearest = FindNearestName(name, known);
    if (!nearest) nearest = FindNearestName(name.substr(0, name.rfind('_')), known);
    std::string list;
    for (const std::string& metric : known) list += (list.empty() ? "" : ", ") + metric;
    return Expected("one of the metrics " + list + (nearest ? " (did you mean " + *nearest + "?)" : ""),
                    start);
  }

  absl::Status ReadComparison(SloTerm& term) {
    const size_t start = at_;
    SkipSpace();
    const std::string_view sign = TakeWhile([](char c) { return c == '<' || c == '>' || c == '='; });
    if (sign == "<") {
      term.comparison = SloTerm::Comparison::kLess;
    } else if (sign == "<=") {
      term.comparison = SloTerm::Comparison::kLessOrEqual;
    } else if (sign == ">") {
      term.comparison = SloTerm::Comparison::kGreater;
    } else if (sign == ">=") {
      term.comparison = SloTerm::Comparison::kGreaterOrEqual;
    } else {
      return Expected("one of '<', '<=', '>', '>='", start);
    }
    return absl::OkStatus();
  }

  absl::Status ReadLimit(SloTerm& term) {
    SkipSpace();
    const size_t start = at_;
    const std::optional<double> number = ParseReal(TakeWhile(IsOfNumber));
    if (!number) return Expected("a number, zero or more,", start);
    const size_t behind = at_;
    SkipSpace();
    const size_t unit_at = at_;
    const std::string_view unit = TakeWhile(IsOfUnit);
    const std::optional<double> factor = FactorOf(term, unit);
    if (!factor) return Expected(UnitsOf(term), unit.empty() ? behind : unit_at);
    if (unit.empty()) at_ = behind;
    term.limit = *number * *factor;
    if (term.metric == "success" && term.limit > 100) return Expected("a percentage from 0 to 100", start);
    return absl::OkStatus();
  }

  // To the unit that the metric is judged in.
  static std::optional<double> FactorOf(const SloTerm& term, std::string_view unit) {
    if (term.metric == "success") return unit == "%" ? std::optional(1.0) : std::nullopt;
    if (term.statistic.empty()) return unit.empty() ? std::optional(1.0) : std::nullopt;
    if (unit == "us") return 1e-3;
    if (unit == "ms") return 1.0;
    if (unit == "s") return 1e3;
    return std::nullopt;
  }

  static std::string UnitsOf(const SloTerm& term) {
    if (term.metric == "success") return "'%'";
    if (term.statistic.empty()) return "no unit (" + term.metric + " is per second)";
    return "a unit, us, ms or s,";
  }

  absl::Status Expected(const std::string& what, size_t offset) const {
    const std::string end = offset >= text_.size() ? " (the end)" : "";
    return absl::InvalidArgumentError("expected " + what + " at character " + std::to_string(offset + 1) +
                                      end + ": " + std::string(text_));
  }

  template <typename Predicate>
  std::string_view TakeWhile(Predicate is_part) {
    const size_t start = at_;
    while (at_ < text_.size() && is_part(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  void SkipSpace() { TakeWhile(IsSpace); }

  bool TakeComma() {
    if (at_ >= text_.size() || text_[at_] != ',') return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<SloTerm>> ParseSloTerms(std::string_view text) { return SloParser(text).Parse(); }

}  // namespace llmdyno
