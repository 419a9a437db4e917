#include "llmdyno/report/race_table.h"

#include <utility>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/report/spread_text.h"
#include "report/latency_table.h"
#include "report/text_format.h"
#include "report/users_block.h"
#include "report/verdict_text.h"

namespace llmdyno {
namespace {

constexpr size_t kMaxMessage = 120;

std::string WithUnit(const std::optional<double>& value, int decimals, std::string_view unit) {
  return value ? Fixed(*value, decimals) + " " + std::string(unit) : "-";
}

std::string Heading(const RaceReport& report) {
  std::string name = report.title;
  if (!report.engine.empty()) name += " | " + report.engine;
  if (!report.model.empty()) name += " | " + report.model;
  std::string text = std::string(kReportWidth, '=') + "\n" + Wrap(OneLine(name), kReportWidth, "  ");
  if (report.is_simulated) {
    text +=
        "SIMULATED: the endpoint was llmdyno's own engine model; these numbers describe no real engine.\n";
  }
  return text + std::string(kReportWidth, '=') + "\n";
}

std::string TenLines(const RunMetrics& metrics) {
  const double seconds = ToSeconds(metrics.elapsed);
  const auto line = [](std::string_view label, const std::string& value) {
    return PadRight("  " + std::string(label) + ":", kReportLabelWidth + 2) + value + "\n";
  };
  return line("Output Tokens", WithThousands(metrics.output_tokens)) +
         line("Input Tokens", WithThousands(metrics.input_tokens)) +
         line("Total Tokens", WithThousands(metrics.total_tokens)) +
         line("Time Elapsed", Fixed(seconds, 1) + "s (" + Fixed(seconds / 60, 2) + " minutes)") +
         line("Avg Throughput", WithUnit(metrics.output_tokens_per_second, 1, "tokens/sec")) +
         line("Peak Throughput", WithUnit(metrics.peak_output_tokens_per_second, 1, "tokens/sec")) +
         line("Total Requests", WithThousands(metrics.requests)) +
         line("Successful", WithThousands(metrics.successful)) +
         line("Failed", WithThousands(metrics.failed)) +
         line("Success Rate",
              metrics.success_rate_percent ? Fixed(*metrics.success_rate_percent, 2) + "%" : "-");
}

std::string PlusMinus(const Interval& interval, const std::optional<double>& value) {
  const double reach = (interval.high - interval.low) / 2;
  return Fixed(value.value_or((interval.low + interval.high) / 2), 2) + " ± " + Fixed(reach, 2);
}

// Intervals of 95 %, of what has one.
std::string Confidence(const RunMetrics& metrics) {
  std::string text;
  const auto add = [&](const char* name, const std::optional<double>& value,
                       const std::optional<Interval>& interval, const char* unit) {
    if (!interval || !value) return;
    text += (text.empty() ? "" : "; ") + std::string(name) + " " + PlusMinus(*interval, value) + " " + unit;
  };
  add("throughput", metrics.output_tokens_per_second, metrics.output_tokens_per_second_ci95, "tokens/sec");
  add("mean TTFT", metrics.ttft.Mean(), metrics.ttft.MeanInterval(), "ms");
  add("TPOT", metrics.tpot.Mean(), metrics.tpot.MeanInterval(), "ms");
  add("E2E", metrics.e2e.Mean(), metrics.e2e.MeanInterval(), "ms");
  return text.empty() ? "" : Labeled("Within 95 %", text);
}

std::string StopSentence(const std::string& reason) {
  static const std::vector<std::pair<std::string_view, std::string_view>> kSentences = {
      {"target_tokens", "the token target was reached"},
      {"target_requests", "the request target was reached"},
      {"duration", "the time asked for was over"},
      {"source_exhausted", "the workload had no more requests"},
      {"max_duration", "the safety limit of time was met before the target"},
      {"consecutive_failures", "too many requests failed in a row"},
      {"interrupted", "it was interrupted"},
      {"plugin_fault", "a plugin misbehaved"}};
  for (const auto& [name, sentence] : kSentences) {
    if (name == reason) return std::string(sentence) + " (" + reason + ")";
  }
  return reason;
}

std::string FinishLine(const RunMetrics& metrics) {
  if (!metrics.has_finish_line) {
    return Labeled("Ended",
                   "the run was cut: no finish line, everything is judged as at the last instant recorded");
  }
  const DrainSummary& drain = metrics.drain;
  std::string in_flight = "in flight at the finish line: " + WithThousands(drain.in_flight);
  if (drain.in_flight > 0)
    in_flight += ", of which " + WithThousands(drain.without_token) + " without a token";
  std::string lines = Labeled("Ended", StopSentence(metrics.stop_reason)) + Labeled("Finish line", in_flight);
  if (drain.in_flight == 0) return lines;
  return lines + Labeled("Drain", Fixed(ToSeconds(drain.duration), 1) + " s after the line, " +
                                      Count(drain.output_tokens, "token") + "; of those in flight " +
                                      WithThousands(drain.completed) + " completed, " +
                                      WithThousands(drain.cancelled) + " cancelled, " +
                                      WithThousands(drain.failed) + " failed; not in the figures above");
}

std::string RampUp(const RaceReport& report) {
  const auto& ramp_up = report.metrics.ramp_up;
  if (!ramp_up) {
    return report.users ? Labeled("Ramp-up", "not all of " + Count(*report.users, "user") +
                                                 " had begun at the finish line")
                        : "";
  }
  std::string text = Fixed(ToSeconds(ramp_up->duration), 1) + " s until every user was active";
  if (ramp_up->tokens_per_second_after) {
    text += "; " + Fixed(*ramp_up->tokens_per_second_after, 1) + " tokens/sec from then on";
  }
  return Labeled("Ramp-up", text);
}

std::string Failures(const RunMetrics& metrics) {
  std::string text;
  for (const FailureSummary& failure : metrics.failures) {
    std::string line = std::string(ToString(failure.cls)) + " " + WithThousands(failure.count);
    if (failure.cls == OutcomeClass::kOverload) {
      line += " (HTTP 429: " + WithThousands(metrics.http_429) +
              ", HTTP 503: " + WithThousands(metrics.http_503) + ")";
    }
    if (!failure.sample_message.empty())
      line += ", for example: " + Shorten(OneLine(failure.sample_message), kMaxMessage);
    text += Labeled(text.empty() ? "Failures" : "", line);
  }
  return text;
}

std::string SourcesText(const std::vector<TokenSourceSummary>& sources) {
  if (sources.empty()) return "-";
  std::string text;
  for (const TokenSourceSummary& source : sources) {
    if (!text.empty()) text += ", ";
    text += std::string(ToString(source.source)) + " (" + Count(source.requests, "request") + ")";
  }
  return text;
}

std::string TokenCounts(const RunMetrics& metrics) {
  if (metrics.successful == 0) return "";
  std::string text = Labeled("Token counts", "output from " + SourcesText(metrics.output_token_sources) +
                                                 "; input from " + SourcesText(metrics.input_token_sources));
  // A gap between two events is then not a gap between two tokens, and the reader of ITL should know.
  constexpr double kTolerance = 0.05;
  const auto share = metrics.announced_token_share;
  if (share && metrics.tokens_per_event && (*share < 1 - kTolerance || *share > 1 + kTolerance)) {
    text +=
        Labeled("", "the streams announced " + Fixed(100 * *share, 0) + " % of the counted tokens (" +
                        Fixed(*metrics.tokens_per_event, 2) +
                        " tokens per event): ITL is the gap between events, TPOT uses the counted tokens");
  }
  if (metrics.output_length_mismatches && *metrics.output_length_mismatches > 0) {
    text += Labeled("", Count(*metrics.output_length_mismatches, "response") +
                            " did not have the length that was asked for, although ignore_eos was set");
  }
  return text;
}

std::string Arrivals(const ArrivalSummary& arrivals) {
  if (arrivals.events == 0) return "";
  std::vector<std::string> clocks;
  if (arrivals.kernel > 0) clocks.push_back("kernel");
  if (arrivals.wake_up > 0) clocks.push_back("wake_up");
  if (arrivals.simulated > 0) clocks.push_back("simulated");
  std::string text = "clock:";
  for (const std::string& clock : clocks) text += (clock == clocks.front() ? " " : " and ") + clock;
  return Labeled("Arrival instants", text + "; upper bound only for " +
                                         Fixed(100 * *arrivals.UpperBoundShare(), 1) + " % of " +
                                         Count(arrivals.events, "event"));
}

std::string Cost(const RaceReport& report) {
  if (!report.cost) return "";
  const RunCost& cost = *report.cost;
  const auto usd = [](const std::optional<MicroUsd>& money) {
    return money ? "$" + Fixed(money->Usd(), 3) : std::string("-");
  };
  return Labeled("Cost", "at $" + Fixed(cost.per_hour.Usd(), 2) +
                             " per hour: " + usd(cost.per_million_output) + " per 1M output tokens, " +
                             usd(cost.per_million_total) + " per 1M total tokens (the run: " + usd(cost.run) +
                             ")");
}

std::string MeasurementError(const RaceReport& report) {
  const std::string text = FormatMeasurementErrors(report.measurement_errors);
  return text.empty() ? "" : Labeled("Measurement error", text);
}

std::string Verdict(const RaceReport& report) {
  if (!report.validity) return Labeled("Verdict", "not judged");
  const Validity& validity = *report.validity;
  std::string lines = Labeled("Verdict", VerdictLine(validity.valid));
  for (const ValidityReason& reason : validity.reasons) lines += Labeled("", "- " + reason.sentence);
  for (const std::string& caveat : CaveatSentences(validity, true)) lines += Labeled("", "- " + caveat);
  if (!validity.unknown.empty()) {
    std::string unknown;
    for (const std::string& what : validity.unknown) unknown += (unknown.empty() ? "" : ", ") + what;
    lines += Labeled("", "not known: " + unknown);
  }
  return lines;
}

}  // namespace

std::string FormatRaceTable(const RaceReport& report) {
  const RunMetrics& metrics = report.metrics;
  std::string text =
      Heading(report) + TenLines(metrics) + "\n" + FormatLatencyTable(metrics) + "\n" + Confidence(metrics) +
      MeasurementError(report) +
      FormatRepetitions(std::ssize(report.repetitions), report.repetition, "throughput", report.spread) +
      FinishLine(metrics) + RampUp(report) + Failures(metrics) + TokenCounts(metrics) +
      Arrivals(metrics.arrivals) + Cost(report) + FormatUsersBlock(metrics);
  for (const std::string& note : report.notes) text += Labeled("Note", note);
  text += Verdict(report);
  for (const ReportFile& file : report.files)
    text += PadRight("  File", kReportLabelWidth + 2) + file.path + "\n";
  return text;
}

}  // namespace llmdyno
