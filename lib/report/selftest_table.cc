#include "llmdyno/report/selftest_table.h"

#include <cmath>
#include <utility>

#include "llmdyno/base/number_text.h"
#include "report/report_json.h"
#include "report/sweep_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

// In the order of MeasuredQuantity.
constexpr std::array<const char*, kMeasuredQuantities> kTitles = {
    "token arrival",      "first arrival",    "ITL", "TPOT", "TTFT, client", "E2E, client",
    "TTFT, with reading", "E2E, with reading"};

// Two digits behind the point where they mean something.
std::string Microseconds(double value) {
  const double size = std::abs(value);
  return Fixed(value, size >= 1000 ? 0 : (size >= 10 ? 1 : 2));
}

std::string PercentOrDash(const std::optional<double>& share, int decimals) {
  return share ? Fixed(100 * *share, decimals) + "%" : "-";
}

// Marks a percentile that has too few samples behind it.
std::string P99Cell(const ErrorFigures& figures) {
  return Microseconds(figures.p99_us) + (IsThinFor(figures.n, 0.99) ? "~" : "");
}

std::vector<std::string> FigureCells(const std::optional<ErrorFigures>& figures) {
  if (!figures) return {"0", "-", "-", "-", "-"};
  return {WithThousands(figures->n), Microseconds(figures->bias_us), Microseconds(figures->p50_us),
          P99Cell(*figures), Microseconds(figures->max_us)};
}

std::string ErrorTable(const SelftestReport& report) {
  TextColumns table({"Error in us of", "streams", "n", "bias", "p50", "p99", "max"});
  for (size_t i = 0; i < kMeasuredQuantities; ++i) {
    std::string title = kTitles[i];
    for (const SelftestLevel& level : report.levels) {
      std::vector<std::string> row = {std::exchange(title, ""), WithThousands(level.concurrency)};
      for (std::string& cell : FigureCells(level.errors[i])) row.push_back(std::move(cell));
      table.Add(std::move(row));
    }
  }
  return table.Text();
}

std::string Verdict(const Validity& validity) { return validity.valid ? "VALID" : "SUSPECT"; }

std::string LoadTable(const SelftestReport& report) {
  TextColumns table({"streams", "tokens/s", "meant", "tokens/client CPU-s", "upper bounds", "late sends",
                     "client core", "endpoint core", "verdict"});
  for (const SelftestLevel& level : report.levels) {
    table.Add({WithThousands(level.concurrency), Fixed(level.tokens_per_second, 0),
               Fixed(level.scripted_tokens_per_second, 0), FixedOrDash(level.tokens_per_cpu_second, 0),
               PercentOrDash(level.upper_bound_share, 2), PercentOrDash(level.late_send_share, 2),
               PercentOrDash(level.client_cpu_share, 0), PercentOrDash(level.endpoint_cpu_share, 0),
               Verdict(level.validity)});
  }
  return table.Text();
}

std::string SendTable(const SelftestReport& report) {
  TextColumns table({"Send error in us at", "n", "bias", "p50", "p99", "max", "sent/s", "verdict"});
  for (const SelftestSends& sends : report.sends) {
    std::vector<std::string> row = {FourDigits(sends.requests_per_second) + " requests/s"};
    for (std::string& cell : FigureCells(sends.send_error)) row.push_back(std::move(cell));
    row.push_back(FixedOrDash(sends.sent_per_second, 1));
    row.push_back(Verdict(sends.validity));
    table.Add(std::move(row));
  }
  return table.Text();
}

std::string CoresText(const SelftestReport& report) {
  if (report.client_cores.empty()) {
    return "client and endpoint share what there is: this process may use one core only, so each delays the "
           "other";
  }
  const auto list = [](const std::vector<int>& cores) {
    std::string text = cores.size() == 1 ? "core" : "cores";
    for (const int& core : cores) text += (&core == &cores.front() ? " " : ", ") + std::to_string(core);
    return text;
  };
  return "client on " + list(report.client_cores) + ", endpoint on " + list(report.endpoint_cores);
}

// Of all levels, which clock stamped how many.
std::string ClockText(const SelftestReport& report) {
  int64_t kernel = 0;
  int64_t all = 0;
  for (const SelftestLevel& level : report.levels) {
    kernel += level.stamps.kernel;
    all += level.stamps.kernel + level.stamps.wake_up + level.stamps.simulated;
  }
  if (all == 0) return "none: nothing arrived";
  if (kernel == all) return "by the kernel, when the packet came";
  const std::string otherwise = "when the client woke up";
  if (kernel == 0) return otherwise;
  return "by the kernel, when the packet came; " + WithThousands(all - kernel) + " of " + WithThousands(all) +
         " " + otherwise;
}

std::string HighestText(const SelftestReport& report) {
  const std::string limit = Fixed(report.limit_us, 0) + " us";
  const SelftestLevel* highest = HighestLoadBelow(report);
  if (highest == nullptr)
    return "none: the p99 error of arrivals is not below " + limit + " at the first level";
  return WithThousands(highest->concurrency) + " streams, " + Fixed(highest->tokens_per_second, 0) +
         " tokens/s: up to there the p99 error of arrivals is below " + limit;
}

std::string Sentences(const SelftestReport& report) {
  std::string text;
  const auto add = [&](const std::string& about, const std::string& sentence) {
    text += Wrap("  " + about + ": " + sentence, kReportWidth, "      ");
  };
  for (const SelftestLevel& level : report.levels) {
    const std::string about = Count(level.concurrency, "stream");
    for (const std::string& note : SelftestNotes(level)) add(about, note);
    for (const ValidityReason& reason : level.validity.reasons) add(about, "SUSPECT, " + reason.sentence);
  }
  for (const SelftestSends& sends : report.sends) {
    const std::string about = FourDigits(sends.requests_per_second) + " requests/s";
    if (sends.interrupted) add(about, "interrupted");
    for (const ValidityReason& reason : sends.validity.reasons) add(about, "SUSPECT, " + reason.sentence);
  }
  for (const SelftestSkip& skip : report.skipped)
    add(Count(skip.concurrency, "stream"), "not run, " + skip.reason);
  for (const std::string& note : report.notes) text += Wrap("  " + note, kReportWidth, "      ");
  return text;
}

}  // namespace

std::string FormatSelftest(const SelftestReport& report) {
  std::string text = "Self-test of llmdyno " + report.provenance.version + " against a SIMULATED endpoint";
  if (report.provenance.started_at) text += ", " + IsoLocal(*report.provenance.started_at).substr(0, 19);
  text += "\n\n" + Labeled("Machine", ToString(report.machine)) + Labeled("Cores", CoresText(report)) +
          Labeled("Arrivals stamped", ClockText(report)) +
          Labeled("Each stream",
                  FourDigits(report.stream_tokens_per_second) + " tokens/s, all at common instants");
  if (!report.levels.empty()) text += "\n" + ErrorTable(report) + "\n" + LoadTable(report);
  if (!report.sends.empty()) text += "\n" + SendTable(report);
  if (!report.levels.empty()) text += "\n" + Labeled("Highest load", HighestText(report));
  if (const std::string sentences = Sentences(report); !sentences.empty()) text += "\n" + sentences;
  if (report.interrupted) text += "\nInterrupted: the self-test is incomplete.\n";
  return text;
}

}  // namespace llmdyno
