#include "report/sweep_notes.h"

#include <cmath>
#include <set>

#include "llmdyno/base/number_text.h"
#include "report/sweep_reading.h"
#include "report/sweep_text.h"
#include "report/text_format.h"
#include "report/verdict_text.h"

namespace llmdyno {
namespace {

constexpr size_t kMaxMessage = 120;

std::string Item(const std::string& text) { return Wrap("  - " + text, kReportWidth, "    "); }

std::string Failures(const Json& entry) {
  const int64_t failed = IntegerAt(entry, {"reliability", "failed_requests"}).value_or(0);
  if (failed == 0) return "";
  std::string what;
  const Json* errors = FindAt(entry, {"errors"});
  if (errors != nullptr && errors->is_object()) {
    for (const auto& [label, count] : errors->items()) {
      what += (what.empty() ? ": " : ", ") + OneLine(label) + " " + count.dump();
    }
  }
  std::string text = Item(Count(failed, "request") + " failed" + what);
  const Json* failures = FindAt(entry, {"failures"});
  if (failures == nullptr || !failures->is_array()) return text;
  for (const Json& failure : *failures) {
    const std::string message = TextAt(failure, {"sample_message"});
    if (message.empty()) continue;
    text += Wrap(
        "    for example (" + TextAt(failure, {"class"}) + "): " + Shorten(OneLine(message), kMaxMessage),
        kReportWidth, "      ");
  }
  return text;
}

std::string Signed(double value, int decimals) { return (value < 0 ? "" : "+") + Fixed(value, decimals); }

// Some tokens too many in each prompt are the chat template's; a share of it would be ours.
std::string InputLengths(const Json& entry) {
  const auto mean = NumberAt(entry, {"input_length_check", "deviation_percent", "mean"});
  const int64_t requests = IntegerAt(entry, {"input_length_check", "requests"}).value_or(0);
  const int64_t off = IntegerAt(entry, {"input_length_check", "off_by_2_percent"}).value_or(0);
  if (!mean || off == 0) return "";
  std::string text = "WARNING: " + WithThousands(off) + " of " + Count(requests, "prompt") +
                     " were more than 2 % off the length asked for; the mean deviation is " +
                     Signed(*mean, 1) + " %";
  if (const auto extra = NumberAt(entry, {"input_length_check", "mean_extra_tokens"})) {
    text +=
        ", " + Signed(*extra, 1) + " tokens (special tokens and chat templates add the same number to each)";
  }
  return Item(text);
}

std::string OutputLengths(const Json& entry) {
  const auto count = [&](const char* key) {
    return IntegerAt(entry, {"output_length_check", key}).value_or(0);
  };
  std::string text;
  const int64_t off = count("shorter") + count("longer");
  if (off > 0) {
    text += Item("WARNING: " + WithThousands(off) + " of " + Count(count("requests"), "answer") +
                 " had another length than was asked for: " + WithThousands(count("shorter")) + " shorter, " +
                 WithThousands(count("longer")) + " longer");
  }
  if (count("not_reported") > 0) {
    text += Item("the length of " + Count(count("not_reported"), "answer") +
                 " could not be checked: the endpoint reported no usage");
  }
  return text;
}

// From the file's key, so that levels of an earlier run have theirs.
std::string MeasurementError(const Json& entry) {
  const Json* errors = FindAt(entry, {"measurement_error"});
  if (errors == nullptr || !errors->is_object()) return "";
  const std::string text = FormatMeasurementErrors(MeasurementErrorsFrom(*errors));
  return text.empty() ? "" : Item("measurement error: " + text);
}

std::string Verdict(const Json& entry) {
  std::string text;
  if (!FlagAt(entry, {"verdict", "valid"}, true)) {
    text += Item(VerdictLine(false));
    const Json* reasons = FindAt(entry, {"verdict", "reasons"});
    if (reasons != nullptr && reasons->is_array()) {
      for (const Json& reason : *reasons) {
        if (reason.is_string()) text += Wrap("      " + reason.get<std::string>(), kReportWidth, "      ");
      }
    }
  }
  const Json* caveats = FindAt(entry, {"verdict", "caveats"});
  if (caveats != nullptr && caveats->is_array()) {
    for (const Json& caveat : *caveats) {
      // The tables mark such percentiles.
      if (TextAt(caveat, {"code"}) != "few_samples") text += Item("note: " + TextAt(caveat, {"sentence"}));
    }
  }
  const std::string stop_reason = TextAt(entry, {"stop_reason"});
  if (stop_reason == "interrupted") {
    text += Item("interrupted: the level holds what was sent until then; --resume measures it again");
  }
  if (stop_reason == "plugin_fault") {
    text += Item("a plugin misbehaved: the level holds what was sent until then; --resume measures it again");
  }
  if (stop_reason == "consecutive_failures") text += Item("ended early: one request after another failed");
  return text;
}

// Who counted the tokens: of texts to embed and to rank only those of the input count.
std::string TokenSources(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  const char* side = report.kind == SweepKind::kEmbedding ? "input" : "output";
  std::set<std::string> sources;
  for (const SweepEntry& entry : entries) {
    const Json* counts = FindAt(entry.json, {"token_count_sources", side});
    if (counts == nullptr || !counts->is_array()) continue;
    for (const Json& source : *counts) sources.insert(TextAt(source, {"source"}));
  }
  std::string text;
  for (const std::string& source : sources) text += (text.empty() ? "" : ", ") + source;
  return text.empty() ? "" : Labeled("Token counts", std::string(side) + " from " + text);
}

std::string Clocks(const std::vector<SweepEntry>& entries) {
  int64_t events = 0;
  int64_t upper_bounds = 0;
  std::string clocks;
  for (const char* clock : {"kernel", "wake_up", "simulated"}) {
    int64_t stamped = 0;
    for (const SweepEntry& entry : entries) {
      stamped += IntegerAt(entry.json, {"arrivals", clock}).value_or(0);
    }
    if (stamped > 0) clocks += (clocks.empty() ? "" : " and ") + std::string(clock);
  }
  for (const SweepEntry& entry : entries) {
    events += IntegerAt(entry.json, {"arrivals", "events"}).value_or(0);
    upper_bounds += IntegerAt(entry.json, {"arrivals", "upper_bounds"}).value_or(0);
  }
  if (events == 0) return "";
  const double share = 100 * static_cast<double>(upper_bounds) / static_cast<double>(events);
  return Labeled("Arrival instants", "clock: " + clocks + "; upper bound only for " + Fixed(share, 1) +
                                         " % of " + Count(events, "event"));
}

// Levels that an older version wrote have no verdict, or less of one.
std::string VerdictOfAll(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  if (entries.empty()) return "";
  std::vector<std::string> suspect;
  for (const std::string& key : SuspectLevels(report)) suspect.push_back(SweepLevelName(report, key));
  return Labeled("Verdict", VerdictOfLevels(suspect));
}

std::string Skipped(const SweepReport& report) {
  if (report.skipped.empty()) return "";
  std::string text;
  for (const std::string& key : report.skipped) text += (text.empty() ? "" : ", ") + key;
  if (!report.skip_reason.empty()) text += ": " + OneLine(report.skip_reason);
  return Labeled("Not run", text);
}

}  // namespace

std::string FormatSweepLevelNotes(const Json& entry) {
  return Failures(entry) + InputLengths(entry) + OutputLengths(entry) + MeasurementError(entry) +
         Verdict(entry);
}

std::string FormatSweepNotes(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  std::string text;
  std::string kept;
  for (const SweepEntry& entry : entries) {
    const std::string items = FormatSweepLevelNotes(entry.json);
    if (!items.empty()) text += "\n" + SweepLevelName(report, entry.key) + "\n" + items;
    if (entry.was_kept) kept += (kept.empty() ? "" : ", ") + entry.key;
  }
  text += "\n" + TokenSources(report, entries) + Clocks(entries) + VerdictOfAll(report, entries);
  if (!kept.empty()) text += Labeled("Kept", kept + ": measured by an earlier run");
  text += Skipped(report);
  for (const std::string& note : report.notes) text += Labeled("Note", OneLine(note));
  for (const ReportFile& file : report.files)
    text += PadRight("  File", kReportLabelWidth + 2) + file.path + "\n";
  return text;
}

}  // namespace llmdyno
