#include "report/compared_records.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/metrics/finish_line.h"
#include "llmdyno/metrics/request_metrics.h"
#include "llmdyno/report/compared_metrics.h"

namespace llmdyno {
namespace {

constexpr int64_t kMostArrivals = 50'000'000;
// Enough for blocks, few enough to be resampled at once.
constexpr int64_t kFewestStretches = 16;
constexpr int64_t kMostStretches = 200;

struct TokensAt {
  TimePoint at;
  double tokens = 0;
};

// One request until its run is complete.
struct Row {
  TimePoint sent_at;
  RunSamples::Request request;
  std::vector<std::pair<float, float>> gaps;  // milliseconds and weight
};

struct RunTally {
  std::vector<Row> rows;
  std::vector<TokensAt> output;
  std::vector<TokensAt> all_tokens;
  std::vector<TokensAt> successes;
  std::vector<TokensAt> items;
  std::optional<TimePoint> first_due_at;
  std::optional<TimePoint> first_send_at;
  TimePoint last_send_at;
  TimePoint last_end_at;
  std::optional<TimePoint> first_text_at;
  std::optional<TimePoint> line;
  std::map<int64_t, TimePoint> user_began_at;
  Duration time_in_flight{};  // of the successes
  int64_t requests = 0;
  int64_t failed = 0;
};

std::optional<double> Ms(std::optional<Duration> duration) {
  return duration ? std::optional(ToMilliseconds(*duration)) : std::nullopt;
}

class RecordGatherer {
 public:
  RecordGatherer(bool is_race, FirstToken first_token) : is_race_(is_race), first_token_(first_token) {}

  void Visit(const RequestRecord& record) {
    if (record.phase == RunPhase::kWarmUp) return;
    RunTally& run = levels_[record.level][record.run];
    if (!run.first_send_at) {
      run.first_send_at = record.started_at;
      run.first_due_at = record.scheduled_at;
    }
    run.first_send_at = std::min(*run.first_send_at, record.started_at);
    run.first_due_at = std::min(*run.first_due_at, record.scheduled_at);
    const auto began = run.user_began_at.try_emplace(record.user_id, record.started_at).first;
    began->second = std::min(began->second, record.started_at);
    run.last_send_at = std::max(run.last_send_at, record.started_at);
    run.last_end_at = std::max(run.last_end_at, record.ended_at);
    // The line of an earlier run is none of this one's.
    const bool has_line = is_race_ && line_ && record.started_at <= *line_;
    if (has_line) run.line = line_;
    Count(record, JudgeAtLine(record, has_line ? line_ : std::nullopt), run);
    AddRow(record, run);
  }
  void Cross(TimePoint line) {
    line_ = line;
    if (!levels_.empty() && is_race_) levels_.rbegin()->second.rbegin()->second.line = line;
  }

  ComparedRecords Gather(const RecordLogContents& contents);

 private:
  void Count(const RequestRecord& record, const RaceShare& share, RunTally& run) {
    if (!share.counts()) return;
    ++run.requests;
    if (!share.ok()) {
      ++run.failed;
      return;
    }
    if (record.streamed && record.first_text_at) {
      run.first_text_at = std::min(run.first_text_at.value_or(*record.first_text_at), *record.first_text_at);
    }
    run.successes.push_back({share.until, 1});
    run.time_in_flight += share.until - record.started_at;
    if (record.items) run.items.push_back({share.until, static_cast<double>(*record.items)});
    run.all_tokens.push_back({share.until, static_cast<double>(share.input_tokens)});
    PlaceOutput(record, share, run);
  }

  // Each arrival weighs its tokens, scaled to the final count.
  void PlaceOutput(const RequestRecord& record, const RaceShare& share, RunTally& run) {
    double announced = 0;
    for (const Arrival& arrival : record.arrivals) {
      if (arrival.at <= share.until) announced += arrival.tokens;
    }
    const auto output = static_cast<double>(share.output_tokens);
    const auto add = [&](TimePoint at, double tokens) {
      run.output.push_back({at, tokens});
      run.all_tokens.push_back({at, tokens});
    };
    if (announced <= 0 || arrivals_ > kMostArrivals) return add(share.until, output);
    for (const Arrival& arrival : record.arrivals) {
      if (arrival.at <= share.until) add(arrival.at, output / announced * arrival.tokens);
    }
  }

  void AddRow(const RequestRecord& record, RunTally& run) {
    Row row;
    row.sent_at = record.started_at;
    row.request.request_id = record.request_id;
    row.request.failed = !record.outcome.ok();
    if (record.outcome.ok()) {
      for (const MetricDef& metric : ComparedRequestMetrics()) {
        row.request.values.push_back(ValueOf(metric, record));
      }
      AddGaps(record, row);
    }
    run.rows.push_back(std::move(row));
  }

  std::optional<double> ValueOf(const MetricDef& metric, const RequestRecord& record) const {
    if (metric.distribution == &RunMetrics::ttft) return Ms(Ttft(record, first_token_));
    if (metric.distribution == &RunMetrics::ttft_from_schedule) {
      return Ms(TtftFromSchedule(record, first_token_));
    }
    return metric.of_request(record);
  }

  // As AddInterTokenGaps has it.
  void AddGaps(const RequestRecord& record, Row& row) {
    if (!record.streamed || arrivals_ > kMostArrivals) return;
    arrivals_ += static_cast<int64_t>(record.arrivals.size());
    std::optional<TimePoint> previous;
    for (const Arrival& arrival : record.arrivals) {
      if (previous && arrival.tokens == 0) continue;
      if (previous) {
        row.gaps.emplace_back(static_cast<float>(ToMilliseconds(arrival.at - *previous) / arrival.tokens),
                              static_cast<float>(arrival.tokens));
      }
      previous = arrival.at;
    }
  }

  RunSamples SamplesOf(RunTally& run) const;

  bool is_race_;
  FirstToken first_token_;
  std::map<int64_t, std::map<int64_t, RunTally>> levels_;
  std::optional<TimePoint> line_;
  int64_t arrivals_ = 0;
};

double SumOf(const std::vector<TokensAt>& amounts) {
  double sum = 0;
  for (const TokensAt& amount : amounts) sum += amount.tokens;
  return sum;
}

std::vector<double> SeriesOf(const std::vector<TokensAt>& amounts, TimePoint from, Duration stretch,
                             int64_t count) {
  std::vector<double> series(static_cast<size_t>(count));
  for (const TokensAt& amount : amounts) {
    if (amount.at < from) continue;
    const int64_t index = (amount.at - from) / stretch;
    if (index < count) series[static_cast<size_t>(index)] += amount.tokens / ToSeconds(stretch);
  }
  return series;
}

// Stretches as long as a request takes: requests that begin together end together, and a shorter stretch
// would show that beat instead of how much the rate varies.
int64_t StretchesIn(Duration window, const RunTally& run) {
  if (run.successes.empty() || run.time_in_flight <= Duration::zero()) return kFewestStretches;
  const Duration typical = run.time_in_flight / std::ssize(run.successes);
  return std::clamp(window / std::max(typical, Duration(1)), kFewestStretches, kMostStretches);
}

// From when on a rate is that of the full load: a request's time after the last of a closed loop's users
// began, or the first text where there are no such users.
TimePoint FullSince(const RunTally& run, TimePoint from, TimePoint until) {
  TimePoint all_began = from;
  for (const auto& [user, at] : run.user_began_at) all_began = std::max(all_began, at);
  if (!run.successes.empty()) all_began += run.time_in_flight / std::ssize(run.successes);
  if (all_began - from <= (until - from) / 2) return all_began;
  return std::min(run.first_text_at.value_or(from), until);
}

void AddRates(const RunTally& run, bool from_due, RunSamples& samples) {
  const TimePoint from = from_due ? *run.first_due_at : *run.first_send_at;
  const TimePoint until = run.line.value_or(run.last_end_at);
  const double elapsed = ToSeconds(until - from);
  samples.rates["error_share"] =
      run.requests > 0 ? static_cast<double>(run.failed) / static_cast<double>(run.requests) : 0;
  if (elapsed <= 0) return;
  // Filling up and running dry are the same for all runs and no chance: how much a rate varies is seen in
  // between. Where requests were sent all at once there is no between.
  const TimePoint begin = FullSince(run, from, until);
  const TimePoint last_send = std::min(run.last_send_at, until);
  const TimePoint end = (last_send - from) * 2 >= until - from ? last_send : until;
  const int64_t count = StretchesIn(end - begin, run);
  const Duration stretch = end > begin ? (end - begin) / count : Duration::zero();
  samples.stretch_s = ToSeconds(stretch);
  const auto add = [&](const char* name, const std::vector<TokensAt>& amounts) {
    const double sum = SumOf(amounts);
    if (sum <= 0) return;
    samples.rates[name] = sum / elapsed;
    if (stretch > Duration::zero()) samples.rate_series[name] = SeriesOf(amounts, begin, stretch, count);
  };
  add("output_tokens_per_s", run.output);
  add("total_tokens_per_s", run.all_tokens);
  add("requests_per_s", run.successes);
  add("items_per_s", run.items);
}

RunSamples RecordGatherer::SamplesOf(RunTally& run) const {
  RunSamples samples;
  std::stable_sort(run.rows.begin(), run.rows.end(), [](const Row& a, const Row& b) {
    return std::pair(a.sent_at, a.request.request_id) < std::pair(b.sent_at, b.request.request_id);
  });
  for (Row& row : run.rows) {
    row.request.sent_s = ToSeconds(row.sent_at - *run.first_send_at);
    for (const auto& [gap, weight] : row.gaps) {
      samples.gaps_ms.push_back(gap);
      samples.gap_weights.push_back(weight);
    }
    samples.gap_ends.push_back(samples.gaps_ms.size());
    row.gaps = {};
    samples.requests.push_back(std::move(row.request));
  }
  run.rows = {};
  AddRates(run, !is_race_, samples);
  return samples;
}

ComparedRecords RecordGatherer::Gather(const RecordLogContents& contents) {
  ComparedRecords records;
  records.configuration_json = contents.header.configuration_json;
  records.has_finish_line = contents.finish_line.has_value();
  for (auto& [number, runs] : levels_) {
    ComparedRecords::Level& level = records.levels[number];
    std::optional<TimePoint> first_send_at;
    for (auto& [unused, run] : runs) {
      first_send_at = std::min(first_send_at.value_or(*run.first_send_at), *run.first_send_at);
      level.runs.push_back(SamplesOf(run));
    }
    level.started_at = contents.header.wall_origin + (*first_send_at - contents.header.monotonic_origin);
  }
  return records;
}

}  // namespace

absl::StatusOr<ComparedRecords> ReadComparedRecords(const std::string& path, bool is_race,
                                                    FirstToken first_token) {
  RecordGatherer gatherer(is_race, first_token);
  LLMDYNO_ASSIGN_OR_RETURN(const RecordLogContents contents,
                           ReadRecordLog(
                               path, [&](const RequestRecord& record) { gatherer.Visit(record); },
                               [&](TimePoint line, std::string_view) { gatherer.Cross(line); }));
  return gatherer.Gather(contents);
}

}  // namespace llmdyno
