// The half of qps_table.h that says what follows from the numbers.
#include "llmdyno/base/number_text.h"
#include "llmdyno/report/qps_table.h"
#include "report/serving_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr size_t kRule = 80;
constexpr size_t kLabel = 40;

std::string Line(const std::string& label, const std::string& text) {
  return PadRight(label + ":", kLabel) + text + "\n";
}

std::string Item(const std::string& text) { return Wrap("  - " + text, kReportWidth, "    "); }

// "QPS 30.0: PASS - 99.5% success, 48,000 total tok/s, $0.17/M, but a queue grew (...)".
std::string GradeLine(const ServingReport& report, const LevelReport& level) {
  const RunMetrics& all = level.metrics.all;
  std::string text = LoadName(level.target, report.load_kind) + ": ";
  if (!all.success_rate_percent) return text + "- no request ended\n";
  text += std::string(ToString(GradeOf(*all.success_rate_percent))) + " - " +
          Fixed(*all.success_rate_percent, 1) + "% success, " + FixedOrDash(all.total_tokens_per_second, 0) +
          " total tok/s";
  if (level.cost) {
    const auto& price = level.cost->usd_per_million_tokens;
    text += ", " + (price ? Dollars(*price) + "/M" : std::string("cost N/A"));
  }
  if (level.slo) text += level.slo->met ? ", SLO met" : ", SLO missed";
  if (!level.validity.valid) text += ", SUSPECT";
  if (level.stop_reason == "interrupted") text += ", interrupted";
  if (level.stop_reason == "plugin_fault") text += ", cut: a plugin misbehaved";
  const BacklogJudgement queue = QueueOf(level);
  if (queue.queue_grew) text += ", but " + queue.sentence;
  return text + "\n";
}

std::string Trials(const ServingReport& report) {
  std::string text;
  for (const CapacityTrial& trial : report.capacity_trials) text += FormatTrialLine(trial, report.load_kind);
  // The one during which the search was interrupted has not been judged.
  for (size_t i = report.capacity_trials.size(); i < report.levels.size(); ++i) {
    text += GradeLine(report, report.levels[i]);
  }
  return text;
}

std::string Grades(const ServingReport& report) {
  std::string text;
  for (const LevelReport& level : report.levels) text += GradeLine(report, level);
  for (const double target : report.skipped_targets) {
    text += LoadName(target, report.load_kind) + ": SKIPPED" +
            (report.skip_reason.empty() ? "" : " - " + report.skip_reason) + "\n";
  }
  return text;
}

std::string LoadOr(const std::optional<double>& load, LoadKind kind, const char* otherwise) {
  return load ? LoadWithUnit(*load, kind) : otherwise;
}

std::string Saturation(const Recommendation& what, LoadKind kind) {
  if (!what.saturation) {
    return !what.unproven ? "not reached"
                          : "not reached; " + LoadWithUnit(*what.unproven, kind) + " was too short to tell";
  }
  return LoadWithUnit(*what.saturation, kind) +
         (what.saturation_reason.empty() ? "" : ": " + what.saturation_reason);
}

// Of a search the highest level is what it found, and is told by Capacity.
std::string HighestLevels(const ServingReport& report, const Recommendation& what) {
  if (report.capacity) return "";
  const LoadKind kind = report.load_kind;
  return Line("Highest level with success >= 99 %", LoadOr(what.highest_99, kind, "none")) +
         Line("Highest level with success >= 95 %", LoadOr(what.highest_95, kind, "none"));
}

std::string Recommended(const ServingReport& report) {
  if (!report.recommendation) return "";
  const Recommendation& what = *report.recommendation;
  const LoadKind kind = report.load_kind;
  std::string text = "\n" + HighestLevels(report, what);
  if (what.base && what.at_70 && what.at_80 && what.at_90) {
    const auto share = [&](double load) { return ShareText(load, kind); };
    text += Line("Recommended for production", share(*what.at_70) + " to " + share(*what.at_80) +
                                                   " (70 to 80 % of " + LoadWithUnit(*what.base, kind) + ")");
    text +=
        Line("70 / 80 / 90 %", share(*what.at_70) + " / " + share(*what.at_80) + " / " + share(*what.at_90));
  } else {
    text += Line("Recommended for production", "none of these levels");
  }
  text += Line("Saturation", Saturation(what, kind));
  text +=
      Line("Latency knee", what.latency_knee ? LoadWithUnit(*what.latency_knee, kind) +
                                                   " (median E2E more than twice that of the lowest level)"
                                             : "not reached");
  for (const std::string& reason : what.reasons) text += Item(reason);
  return text;
}

std::string Confidence(const CapacityAnswer& answer) {
  if (!answer.load || answer.trials_at_load == 0) return "";
  std::string text = Count(answer.trials_at_load, "trial") + " at this load, all sustained";
  if (answer.sustain_probability_at_least) {
    text += ": it is sustained at least " + Fixed(100 * *answer.sustain_probability_at_least, 0) +
            " % of the time (95 % confidence, one-sided)";
  }
  return Line("Confidence", text);
}

std::string Capacity(const ServingReport& report) {
  if (!report.capacity) return "";
  const CapacityAnswer& answer = *report.capacity;
  std::string text =
      "\n" + Line("Highest sustained load", LoadOr(answer.load, report.load_kind, "none")) +
      Confidence(answer) +
      Line("Lowest load that was not sustained", LoadOr(answer.failed_at, report.load_kind, "not reached")) +
      Line("Trials", std::to_string(report.capacity_trials.size()));
  if (!answer.sentence.empty()) text += Item(answer.sentence);
  return text;
}

std::string Plan(const ServingReport& report) {
  if (!report.plan) return "";
  const ProductionPlan& plan = *report.plan;
  const std::string percent = Fixed(100 * plan.headroom, 0) + " %";
  return "\n" + Line("Plan for tokens per day", Fixed(plan.tokens_per_day, 0)) +
         Line("Needed", Fixed(plan.tokens_per_second_needed, 1) + " tok/s on average") +
         Line("One machine", Fixed(plan.tokens_per_second_per_machine, 1) + " tok/s at " + percent +
                                 " of what it sustained") +
         Line("Machines", Count(plan.machines, "machine") + " (" + Count(plan.gpus, "GPU") + ")") +
         Line("Price", Dollars(plan.usd_per_day) + " a day, " + Dollars(plan.usd_per_million_tokens) +
                           " per 1M tokens") +
         "  Assumes that machines add up; one that was measured is what it ran on, all its GPUs.\n";
}

std::string Milliseconds(const Distribution& values, double p) {
  const auto value = values.Quantile(p);
  return value ? Fixed(*value, 0) + " ms" : "-";
}

}  // namespace

std::string FormatQpsSummary(const ServingReport& report) {
  const std::string rule = std::string(kRule, '=') + "\n";
  return rule + "SUMMARY" + (report.is_simulated ? " (SIMULATED)" : "") + "\n" + rule +
         (report.capacity_trials.empty() ? Grades(report) : Trials(report)) + Recommended(report) +
         Capacity(report) + Plan(report);
}

std::string FormatLevelLine(const ServingReport& report, const LevelReport& level) {
  const ServingMetrics& metrics = level.metrics;
  // A capacity search has no list to count along.
  const auto planned = static_cast<int64_t>(report.targets.size());
  std::string text = "level " + std::to_string(level.index + 1) +
                     (level.index < planned ? " of " + std::to_string(planned) : "") + ": " +
                     LoadWithUnit(level.target, report.load_kind) + ": " +
                     Count(metrics.all.requests, "request");
  if (metrics.all.success_rate_percent)
    text += ", " + Fixed(*metrics.all.success_rate_percent, 1) + " % success";
  text += ", TTFT p50 " + Milliseconds(metrics.all.ttft, 0.5) + ", p99 " +
          Milliseconds(metrics.all.ttft, 0.99) + ", E2E p50 " + Milliseconds(metrics.all.e2e, 0.5) + ", " +
          FixedOrDash(metrics.all.output_tokens_per_second, 0) + " output tok/s";
  if (level.slo) text += level.slo->met ? ", SLO met" : ", SLO missed";
  if (!level.validity.valid) text += ", SUSPECT";
  if (const BacklogJudgement queue = QueueOf(level); queue.queue_grew) text += ", but " + queue.sentence;
  return text + "\n";
}

std::string FormatTrialLine(const CapacityTrial& trial, LoadKind kind) {
  std::string text = PadRight(ToString(trial.purpose), 8) + PadRight(LoadWithUnit(trial.load, kind), 20) +
                     (trial.sustained ? "sustained" : "not sustained");
  if (!trial.reason.empty()) text += ": " + OneLine(trial.reason);
  return text + "\n";
}

}  // namespace llmdyno
