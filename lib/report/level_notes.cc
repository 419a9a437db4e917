#include "report/level_notes.h"

#include <array>
#include <set>
#include <utility>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/metrics/schedule_gap.h"
#include "llmdyno/report/spread_text.h"
#include "report/serving_text.h"
#include "report/text_format.h"
#include "report/verdict_text.h"

namespace llmdyno {
namespace {

constexpr size_t kMaxMessage = 120;

std::string Item(const std::string& text) { return Wrap("  - " + text, kReportWidth, "    "); }

std::string Percent(double share) { return Fixed(100 * share, 1) + " %"; }

std::string StatusCodes(const ServingMetrics& metrics) {
  if (metrics.status_codes.empty()) return "";
  std::string text;
  for (const auto& [status, count] : metrics.status_codes) {
    text += (text.empty() ? "" : ", ") + std::to_string(status) + ": " + WithThousands(count);
  }
  return Wrap("  Status codes: " + text, kReportWidth, "    ");
}

std::string Errors(const ServingReport& report, const LevelReport& level) {
  const ServingMetrics& metrics = level.metrics;
  int64_t total = 0;
  for (const auto& [label, count] : metrics.errors) total += count;
  if (total == 0) return "";
  std::string text =
      "\n" + LoadName(level.target, report.load_kind) + " - Errors (" + std::to_string(total) + " total):\n";
  for (const auto& [label, count] : metrics.errors) {
    text += "  - " + OneLine(label) + ": " + std::to_string(count) + " occurrences\n";
  }
  text += StatusCodes(metrics);
  for (const FailureSummary& failure : metrics.all.failures) {
    if (failure.sample_message.empty()) continue;
    text += "  for example (" + std::string(ToString(failure.cls)) +
            "): " + Shorten(OneLine(failure.sample_message), kMaxMessage) + "\n";
  }
  return text;
}

std::string ScheduleWarning(const ServingMetrics& metrics) {
  const auto gap = LargestScheduleGap(metrics);
  if (!gap || !gap->is_notable()) return "";
  return Item("WARNING: counted from the schedule, latencies are longer than the table says: " +
              std::string(gap->latency) + " P" + Fixed(gap->percentile, 0) + " is " +
              Fixed(gap->from_schedule_ms / 1e3, 3) + " s instead of " + Fixed(gap->from_send_ms / 1e3, 3) +
              " s (" + Percent(gap->share) +
              " more). Requests left late, and the table does not see their wait; both are in the JSON.");
}

std::string CostLine(const LevelReport& level) {
  if (!level.cost) return "";
  const ServingCost& cost = *level.cost;
  std::string text = "cost: $" + Fixed(cost.usd, 4) + " for " + WithThousands(cost.total_tokens) +
                     " tokens (" + WithThousands(cost.input_tokens) + " in, " +
                     WithThousands(cost.output_tokens) + " out)";
  if (cost.usd_per_request) text += "; $" + Fixed(*cost.usd_per_request, 6) + " per request";
  if (cost.usd_per_good_request) text += ", $" + Fixed(*cost.usd_per_good_request, 6) + " per good one";
  if (level.metrics.without_usage > 0 && cost.without_usage_share) {
    text += "; " + Percent(*cost.without_usage_share) + " of the requests came without usage";
  }
  std::string lines = Item(text);
  if (IsBelowReliable(level) && cost.usd_per_million_tokens) {
    lines += Item("WARNING: the price holds for " + Fixed(*level.metrics.all.success_rate_percent, 1) +
                  " % success. To serve this load reliably takes more machines, and costs more.");
  }
  return lines;
}

std::string MissingUsage(const LevelReport& level) {
  const ServingMetrics& metrics = level.metrics;
  if (metrics.without_usage == 0 || !metrics.without_usage_share) return "";
  return Item("WARNING: " + Percent(*metrics.without_usage_share) + " of the successful requests (" +
              WithThousands(metrics.without_usage) +
              ") came without usage: " + (level.cost ? "their tokens are not in the cost, and " : "") +
              "their counts are not the endpoint's.");
}

// The trials of a search are judged one by one in the summary.
std::string Queue(const ServingReport& report, const LevelReport& level) {
  const BacklogJudgement queue = QueueOf(level);
  if (queue.sentence.empty() || !report.capacity_trials.empty()) return "";
  return Item(queue.queue_grew
                  ? "WARNING: " + queue.sentence +
                        ": the endpoint did not keep pace, and in a longer level latencies would "
                        "have become longer still"
                  : queue.sentence + "; try a longer --duration");
}

std::string Goals(const LevelReport& level) {
  std::string text;
  const ServingMetrics& metrics = level.metrics;
  if (metrics.good) {
    text += Item("goodput: " + WithThousands(*metrics.good) + " of " +
                 Count(metrics.all.requests, "request") + " met every goal" +
                 (metrics.good_per_second ? ", " + Fixed(*metrics.good_per_second, 2) + " per second" : ""));
  }
  if (!level.slo) return text;
  if (level.slo->met) return text + Item("SLO: met");
  for (const SloJudgement::Miss& miss : level.slo->misses) text += Item("SLO missed: " + miss.sentence);
  return text;
}

std::string MeasurementError(const LevelReport& level) {
  const std::string text = FormatMeasurementErrors(level.measurement_errors);
  return text.empty() ? "" : Item("measurement error: " + text);
}

std::string Repetitions(const LevelReport& level) {
  if (level.repetitions.empty()) return "";
  std::string text =
      Item(std::to_string(level.repetitions.size()) + " repetitions; the figures are those of " +
           "repetition " + std::to_string(level.repetition + 1) +
           ", the median of the complete ones by completed requests per second");
  for (const FigureSpread& figure : level.spread) {
    text += Wrap("      " + FormatSpread(figure.title, figure.unit, figure.spread), kReportWidth, "        ");
  }
  return text;
}

std::string Verdict(const LevelReport& level) {
  std::string text;
  if (!level.validity.valid) text += Item(VerdictLine(false));
  for (const ValidityReason& reason : level.validity.reasons) {
    text += Wrap("      " + reason.sentence, kReportWidth, "      ");
  }
  for (const std::string& caveat : CaveatSentences(level.validity, true)) text += Item(caveat);
  if (level.stop_reason == "interrupted") {
    text += Item("interrupted: the level holds what was sent until then");
  }
  if (level.stop_reason == "plugin_fault") {
    text += Item("a plugin misbehaved: the level holds what was sent until then");
  }
  return text;
}

std::string VerdictOfAll(const ServingReport& report) {
  if (report.levels.empty()) return "";
  std::vector<std::string> suspect;
  for (const LevelReport& level : report.levels) {
    if (!level.validity.valid) suspect.push_back(LoadName(level.target, report.load_kind));
  }
  return Labeled("Verdict", VerdictOfLevels(suspect));
}

std::string Clocks(const ServingReport& report) {
  ArrivalSummary all;
  for (const LevelReport& level : report.levels) {
    const ArrivalSummary& arrivals = level.metrics.all.arrivals;
    all.events += arrivals.events;
    all.upper_bounds += arrivals.upper_bounds;
    all.kernel += arrivals.kernel;
    all.wake_up += arrivals.wake_up;
    all.simulated += arrivals.simulated;
  }
  if (all.events == 0) return "";
  std::string clocks;
  const std::array<std::pair<const char*, int64_t>, 3> kinds = {
      {{"kernel", all.kernel}, {"wake_up", all.wake_up}, {"simulated", all.simulated}}};
  for (const auto& [name, events] : kinds) {
    if (events > 0) clocks += (clocks.empty() ? "" : " and ") + std::string(name);
  }
  return Labeled("Arrival instants", "clock: " + clocks + "; upper bound only for " +
                                         Percent(*all.UpperBoundShare()) + " of " +
                                         Count(all.events, "event"));
}

std::string TokenSources(const ServingReport& report) {
  std::set<std::string> names;
  for (const LevelReport& level : report.levels) {
    for (const TokenSourceSummary& source : level.metrics.all.output_token_sources) {
      names.insert(std::string(ToString(source.source)));
    }
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "" : Labeled("Token counts", "output from " + text);
}

// Which share of the requests the costs of all levels leave out, where it is none.
std::string CompleteUsage(const ServingReport& report) {
  bool any_cost = false;
  for (const LevelReport& level : report.levels) {
    if (level.metrics.without_usage > 0) return "";
    any_cost = any_cost || (level.cost && level.cost->without_usage_share);
  }
  return any_cost ? Labeled("Cost", "every successful request came with usage and is in it") : "";
}

}  // namespace

std::string FormatLevelNotes(const ServingReport& report, const LevelReport& level) {
  const std::string items = ScheduleWarning(level.metrics) + Queue(report, level) + CostLine(level) +
                            MissingUsage(level) + Goals(level) + MeasurementError(level) +
                            Repetitions(level) + Verdict(level);
  std::string text = Errors(report, level);
  if (!items.empty()) text += "\n" + LoadName(level.target, report.load_kind) + "\n" + items;
  return text;
}

std::string FormatMeasuringNotes(const ServingReport& report) {
  std::string text = "\n" +
                     Labeled("First token", std::string(ToString(report.first_token)) +
                                                ": TTFT ends with the first event of that kind") +
                     TokenSources(report) + CompleteUsage(report) + Clocks(report) + VerdictOfAll(report);
  for (const std::string& note : report.notes) text += Labeled("Note", note);
  for (const ReportFile& file : report.files)
    text += PadRight("  File", kReportLabelWidth + 2) + file.path + "\n";
  return text;
}

}  // namespace llmdyno
