#include "llmdyno/report/result_comparison.h"

#include <algorithm>
#include <map>
#include <utility>

#include "report/configuration_difference.h"

namespace llmdyno {
namespace {

// Fewer requests say too little about how they vary.
constexpr size_t kFewestRequests = 20;
// Two runs are of the same requests when nearly all of one are found in the other.
constexpr double kSameRequests = 0.95;

std::vector<double> ValuesOf(const RunSamples& run, size_t position) {
  std::vector<double> values;
  for (const RunSamples::Request& request : run.requests) {
    if (request.values.empty()) continue;
    if (const auto& value = request.values[position]) values.push_back(*value);
  }
  return values;
}

// Sums and counts of the gaps of each request that has any.
struct GapSums {
  std::vector<double> sums;
  std::vector<double> counts;
};

GapSums SumsOf(const RunSamples& run) {
  GapSums sums;
  size_t i = 0;
  for (const size_t end : run.gap_ends) {
    double sum = 0;
    double count = 0;
    for (; i < end; ++i) {
      sum += static_cast<double>(run.gaps_ms[i]) * run.gap_weights[i];
      count += run.gap_weights[i];
    }
    if (count > 0) {
      sums.sums.push_back(sum);
      sums.counts.push_back(count);
    }
  }
  return sums;
}

ClusteredValues GapsOf(const RunSamples& run) { return {run.gaps_ms, run.gap_weights, run.gap_ends}; }

std::optional<double> GapValue(const RunSamples& run, Statistic statistic) {
  if (run.gaps_ms.empty()) return std::nullopt;
  const auto p = QuantileOf(statistic);
  if (p) return CompareClusteredQuantiles(GapsOf(run), GapsOf(run), *p).a;
  const GapSums sums = SumsOf(run);
  double sum = 0;
  double count = 0;
  for (size_t i = 0; i < sums.sums.size(); ++i) {
    sum += sums.sums[i];
    count += sums.counts[i];
  }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

// The figure of one run.
std::optional<double> ValueOf(const RunSamples& run, const ComparedMetric& metric) {
  if (!metric.statistic) {
    const auto found = run.rates.find(metric.name);
    return found == run.rates.end() ? std::nullopt : std::optional(found->second);
  }
  if (!metric.request_metric) return GapValue(run, *metric.statistic);
  Distribution values;
  for (const double value : ValuesOf(run, *metric.request_metric)) values.Add(value);
  const auto p = QuantileOf(*metric.statistic);
  return p ? values.Quantile(*p) : values.Mean();
}

struct Paired {
  std::vector<double> a;
  std::vector<double> b;
};

// The same requests of both runs, in the order in which the first sent them; nothing when too many have no
// counterpart.
std::optional<Paired> PairUp(const RunSamples& a, const RunSamples& b, size_t position) {
  std::map<int64_t, double> of_b;
  for (const RunSamples::Request& request : b.requests) {
    if (!request.values.empty() && request.values[position]) {
      of_b[request.request_id] = *request.values[position];
    }
  }
  Paired paired;
  size_t in_a = 0;
  for (const RunSamples::Request& request : a.requests) {
    if (request.values.empty() || !request.values[position]) continue;
    ++in_a;
    const auto same = of_b.find(request.request_id);
    if (same == of_b.end()) continue;
    paired.a.push_back(*request.values[position]);
    paired.b.push_back(same->second);
  }
  const auto enough = kSameRequests * static_cast<double>(std::max(in_a, of_b.size()));
  if (paired.a.size() < kFewestRequests || static_cast<double>(paired.a.size()) < enough) return std::nullopt;
  return paired;
}

class LevelComparer {
 public:
  LevelComparer(const ComparedLevel& a, const ComparedLevel& b, bool same_requests,
                const ComparisonConfig& config)
      : a_(a), b_(b), same_requests_(same_requests), config_(config) {}

  std::optional<MetricComparison> Compare(const ComparedMetric& metric) const {
    MetricComparison comparison{&metric, {}, ""};
    if (a_.runs.empty() || b_.runs.empty()) {
      if (!CompareFiles(metric, comparison)) return std::nullopt;
    } else if (a_.runs.size() > 1 && b_.runs.size() > 1) {
      if (!CompareRepetitions(metric, comparison)) return std::nullopt;
    } else if (!CompareSingleRuns(metric, comparison)) {
      return std::nullopt;
    }
    if (!comparison.difference.p_value && comparison.note.empty())
      comparison.note = "too few samples to test";
    return comparison;
  }

 private:
  std::optional<StoredValue> Stored(const ComparedLevel& level, const ComparedMetric& metric) const {
    const auto found = level.stored.find(metric.name);
    if (found != level.stored.end()) return found->second;
    if (level.runs.empty()) return std::nullopt;
    const auto value = ValueOf(level.runs.front(), metric);
    return value ? std::optional(StoredValue{*value, {}}) : std::nullopt;
  }

  bool CompareFiles(const ComparedMetric& metric, MetricComparison& comparison) const {
    const auto a = Stored(a_, metric);
    const auto b = Stored(b_, metric);
    if (!a || !b) return false;
    if (a->ci95 && b->ci95) {
      comparison.difference = CompareStored(a->value, *a->ci95, b->value, *b->ci95);
    } else {
      comparison.difference = CompareValues(a->value, b->value);
      comparison.note = "not tested: no requests and no intervals";
    }
    return true;
  }

  bool CompareRepetitions(const ComparedMetric& metric, MetricComparison& comparison) const {
    const auto values_of = [&](const ComparedLevel& level) {
      std::vector<double> values;
      for (const RunSamples& run : level.runs) {
        if (const auto value = ValueOf(run, metric)) values.push_back(*value);
      }
      return values;
    };
    const std::vector<double> a = values_of(a_);
    const std::vector<double> b = values_of(b_);
    if (a.empty() || b.empty()) return false;
    comparison.difference = CompareRuns(a, b);
    if (!metric.statistic && metric.name == "error_share") comparison.difference.percent.reset();
    return true;
  }

  bool CompareSingleRuns(const ComparedMetric& metric, MetricComparison& comparison) const {
    const RunSamples& a = a_.runs.front();
    const RunSamples& b = b_.runs.front();
    const auto value_a = ValueOf(a, metric);
    const auto value_b = ValueOf(b, metric);
    if (!value_a || !value_b) return false;
    if (std::min(a.requests.size(), b.requests.size()) < kFewestRequests) {
      comparison.difference = CompareValues(*value_a, *value_b);
      comparison.difference.n_a = std::ssize(a.requests);
      comparison.difference.n_b = std::ssize(b.requests);
      comparison.note = "not tested: fewer than " + std::to_string(kFewestRequests) + " requests";
      return true;
    }
    comparison.difference = !metric.statistic        ? Rate(metric, a, *value_a, b, *value_b)
                            : !metric.request_metric ? Gaps(*metric.statistic, a, b)
                                                     : OfRequests(metric, a, b);
    // What tables say is the figure of the run, also where the test is on those requests that both have.
    comparison.difference.a = *value_a;
    comparison.difference.b = *value_b;
    return true;
  }

  Difference Rate(const ComparedMetric& metric, const RunSamples& a, double value_a, const RunSamples& b,
                  double value_b) const {
    if (metric.name == "error_share") return CompareShares(Failures(a), Failures(b));
    const auto series_a = a.rate_series.find(metric.name);
    const auto series_b = b.rate_series.find(metric.name);
    if (series_a == a.rate_series.end() || series_b == b.rate_series.end()) {
      return CompareValues(value_a, value_b);
    }
    return CompareRates(value_a, series_a->second, value_b, series_b->second,
                        {.resamples = config_.resamples, .seed = config_.seed});
  }

  static std::vector<double> Failures(const RunSamples& run) {
    std::vector<double> failures;
    for (const RunSamples::Request& request : run.requests) failures.push_back(request.failed ? 1 : 0);
    return failures;
  }

  static Difference Gaps(Statistic statistic, const RunSamples& a, const RunSamples& b) {
    if (const auto p = QuantileOf(statistic)) return CompareClusteredQuantiles(GapsOf(a), GapsOf(b), *p);
    const GapSums of_a = SumsOf(a);
    const GapSums of_b = SumsOf(b);
    return CompareMeans({of_a.sums, of_a.counts}, {of_b.sums, of_b.counts});
  }

  Difference OfRequests(const ComparedMetric& metric, const RunSamples& a, const RunSamples& b) const {
    const size_t position = *metric.request_metric;
    const std::vector<double> of_a = ValuesOf(a, position);
    const std::vector<double> of_b = ValuesOf(b, position);
    if (const auto p = QuantileOf(*metric.statistic)) return CompareQuantiles(of_a, of_b, *p);
    if (same_requests_) {
      if (const auto paired = PairUp(a, b, position)) {
        const std::vector<double> ones(paired->a.size(), 1.0);
        return ComparePairedMeans({paired->a, ones}, {paired->b, ones});
      }
    }
    return CompareMeans({of_a, std::vector<double>(of_a.size(), 1.0)},
                        {of_b, std::vector<double>(of_b.size(), 1.0)});
  }

  const ComparedLevel& a_;
  const ComparedLevel& b_;
  bool same_requests_;
  ComparisonConfig config_;
};

void AddLevelNotes(const ComparedLevel& a, const ComparedLevel& b, LevelComparison& comparison) {
  for (const auto& [name, level] : {std::pair("A", &a), std::pair("B", &b)}) {
    if (level->is_valid == false) {
      comparison.notes.push_back(std::string(name) + " is SUSPECT: its verdict says why, and what to do");
    }
    if (level->is_cut) comparison.notes.push_back(std::string(name) + " was cut before its end");
  }
  if ((comparison.runs_a > 1) != (comparison.runs_b > 1) && comparison.runs_a > 0 && comparison.runs_b > 0) {
    comparison.notes.emplace_back(
        "one side has a single run: how much runs differ is not known, and its first run is compared");
  }
}

std::optional<Difference> RanksOf(const ComparedLevel& a, const ComparedLevel& b) {
  if (a.runs.size() != 1 || b.runs.size() != 1) return std::nullopt;
  const ComparedMetric* e2e = FindComparedMetric("e2e_mean");
  const std::vector<double> of_a = ValuesOf(a.runs.front(), *e2e->request_metric);
  const std::vector<double> of_b = ValuesOf(b.runs.front(), *e2e->request_metric);
  if (std::min(of_a.size(), of_b.size()) < kFewestRequests) return std::nullopt;
  return CompareRanks(of_a, of_b);
}

LevelComparison CompareLevels(const ComparedLevel& a, const ComparedLevel& b, bool same_requests,
                              const ComparisonConfig& config) {
  LevelComparison comparison;
  comparison.key = a.key;
  comparison.runs_a = std::ssize(a.runs);
  comparison.runs_b = std::ssize(b.runs);
  const LevelComparer comparer(a, b, same_requests, config);
  for (const ComparedMetric& metric : ComparedMetrics()) {
    if (auto compared = comparer.Compare(metric)) comparison.metrics.push_back(std::move(*compared));
  }
  comparison.e2e_ranks = RanksOf(a, b);
  AddLevelNotes(a, b, comparison);
  return comparison;
}

const ComparedLevel* FindLevel(const ComparedResult& result, const std::string& key) {
  for (const ComparedLevel& level : result.levels) {
    if (level.key == key) return &level;
  }
  return nullptr;
}

void Collect(const ComparedResult& a, const ComparedResult& b, ResultComparison& comparison) {
  for (const ComparedLevel& level : a.levels) {
    if (FindLevel(b, level.key) == nullptr) comparison.only_in_a.push_back(level.key);
  }
  for (const ComparedLevel& level : b.levels) {
    if (FindLevel(a, level.key) == nullptr) comparison.only_in_b.push_back(level.key);
  }
  for (const ComparedResult* result : {&a, &b}) {
    comparison.notes.insert(comparison.notes.end(), result->notes.begin(), result->notes.end());
  }
  comparison.configurations_known = !a.configuration_json.empty() && !b.configuration_json.empty();
  if (!comparison.configurations_known) {
    comparison.notes.emplace_back(
        "whether both were asked for the same is not known: a configuration is missing");
  }
  if (!a.version.empty() && !b.version.empty() && a.version != b.version) {
    comparison.notes.push_back("measured by different versions of llmdyno: " + a.version + " and " +
                               b.version);
  }
}

}  // namespace

const MetricComparison* LevelComparison::Find(std::string_view name) const {
  for (const MetricComparison& metric : metrics) {
    if (metric.metric->name == name) return &metric;
  }
  return nullptr;
}

bool ResultComparison::MayBeCompared() const {
  return std::none_of(configuration.begin(), configuration.end(),
                      [](const ConfigurationDifference& difference) { return difference.matters; });
}

absl::StatusOr<ResultComparison> CompareResults(ComparedResult a, ComparedResult b,
                                                const ComparisonConfig& config) {
  if (a.kind != b.kind) {
    return absl::InvalidArgumentError("'" + a.source + "' is the result of a " +
                                      std::string(ToString(a.kind)) + ", '" + b.source + "' that of a " +
                                      std::string(ToString(b.kind)) + ": they cannot be compared");
  }
  ResultComparison comparison;
  comparison.configuration = DifferencesOf(a, b);
  Collect(a, b, comparison);
  const bool same_requests = comparison.configurations_known && comparison.MayBeCompared();
  for (const ComparedLevel& level : a.levels) {
    const ComparedLevel* other = FindLevel(b, level.key);
    if (other != nullptr) comparison.levels.push_back(CompareLevels(level, *other, same_requests, config));
  }
  if (comparison.levels.empty()) {
    return absl::InvalidArgumentError("'" + a.source + "' and '" + b.source +
                                      "' have no level in common: there is nothing to compare");
  }
  for (ComparedResult* result : {&a, &b}) {
    for (ComparedLevel& level : result->levels) level.runs.clear();
  }
  comparison.a = std::move(a);
  comparison.b = std::move(b);
  return comparison;
}

}  // namespace llmdyno
