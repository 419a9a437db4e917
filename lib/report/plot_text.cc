#include "report/plot_text.h"

#include <algorithm>

#include "llmdyno/base/number_text.h"
#include "report/report_json.h"
#include "report/serving_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

using Kind = PlotTextLine::Kind;

constexpr size_t kColumns = 58;
constexpr size_t kMaxLevels = 7;
constexpr size_t kRoomForWords = 58;
constexpr const char* kGreen = "#00694C";
constexpr const char* kOrange = "#9A6A00";
constexpr const char* kRed = "#B03A00";

const char* ColourOf(LevelGrade grade) {
  if (grade == LevelGrade::kPass) return kGreen;
  return grade == LevelGrade::kDegraded ? kOrange : kRed;
}

std::string TokensPerSecond(const std::optional<double>& value) { return value ? Fixed(*value, 0) : "-"; }

// "  30.0  PASS       99.5 %    48,000  $0.1700".
PlotTextLine LevelLine(const ServingReport& report, const LevelReport& level, bool with_cost) {
  const auto success = level.metrics.all.success_rate_percent;
  PlotTextLine line{.kind = Kind::kTable};
  std::string grade = "-";
  if (success) {
    grade = ToString(GradeOf(*success));
    line.colour = ColourOf(GradeOf(*success));
  }
  const bool queue_grew = QueueOf(level).queue_grew;
  const auto trial = static_cast<size_t>(level.index);
  if (trial < report.capacity_trials.size()) {
    const bool sustained = report.capacity_trials[trial].sustained;
    grade = sustained ? "held" : "broke";
    line.colour = sustained ? kGreen : kRed;
  } else if (queue_grew && line.colour == kGreen) {
    line.colour = kOrange;
  }
  line.text = PadLeft(LoadText(level.target, report.load_kind), 9) + "  " + PadRight(grade, 8) +
              PadLeft(success ? Fixed(*success, 1) + " %" : "-", 8) +
              PadLeft(TokensPerSecond(level.metrics.all.total_tokens_per_second), 13);
  if (with_cost) {
    const auto price = level.cost ? level.cost->usd_per_million_tokens : std::nullopt;
    line.text += PadLeft(price ? Dollars(*price) : "N/A", 11);
  }
  if (level.slo && !level.slo->met && line.colour == kGreen) line.colour = kOrange;
  if (level.slo) line.text += level.slo->met ? "   met" : "   missed";
  if (queue_grew) line.text += line.text.size() > kRoomForWords ? "  queue" : "  queue grew";
  if (!level.validity.valid) line.text += "  SUSPECT";
  return line;
}

// With many levels those around the end of what works are shown: the last ones before it, and what follows.
std::vector<const LevelReport*> LevelsToShow(const ServingReport& report) {
  std::vector<const LevelReport*> levels;
  for (const LevelReport& level : report.levels) levels.push_back(&level);
  std::stable_sort(levels.begin(), levels.end(),
                   [](const LevelReport* a, const LevelReport* b) { return a->target < b->target; });
  if (levels.size() <= kMaxLevels) return levels;
  const auto below = std::find_if(levels.begin(), levels.end(), [](const LevelReport* level) {
    return IsBelowReliable(*level) || QueueOf(*level).queue_grew;
  });
  const auto middle = static_cast<size_t>(below - levels.begin());
  const size_t begin =
      std::min(middle > kMaxLevels / 2 ? middle - kMaxLevels / 2 : 0, levels.size() - kMaxLevels);
  return {levels.begin() + static_cast<std::ptrdiff_t>(begin),
          levels.begin() + static_cast<std::ptrdiff_t>(begin + kMaxLevels)};
}

void AddLevels(const ServingReport& report, std::vector<PlotTextLine>& lines) {
  const auto has = [&](auto what) { return std::any_of(report.levels.begin(), report.levels.end(), what); };
  const bool with_cost = has([](const LevelReport& level) { return level.cost.has_value(); });
  const bool with_slo = has([](const LevelReport& level) { return level.slo.has_value(); });
  const char* load = report.load_kind == LoadKind::kRate ? "QPS" : "users";
  lines.push_back({PadLeft(load, 9) + "  " + PadRight("grade", 8) + PadLeft("success", 8) +
                       PadLeft("total tok/s", 13) + (with_cost ? PadLeft("$/M", 11) : "") +
                       (with_slo ? "   SLO" : ""),
                   Kind::kTable, "#666666"});
  const auto levels = LevelsToShow(report);
  for (const LevelReport* level : levels) lines.push_back(LevelLine(report, *level, with_cost));
  const size_t left_out = report.levels.size() - levels.size();
  if (left_out > 0) {
    lines.push_back({"and " + Count(static_cast<int64_t>(left_out), "more level") + ", in the results file",
                     Kind::kPlain, "#666666"});
  }
  if (!report.skipped_targets.empty()) {
    std::string text = "not run:";
    for (const double target : report.skipped_targets) text += " " + LoadText(target, report.load_kind);
    lines.push_back({Shorten(text, kColumns), Kind::kPlain, kRed});
  }
}

std::string LoadOr(const std::optional<double>& load, LoadKind kind, const char* otherwise) {
  return load ? LoadWithUnit(*load, kind) : otherwise;
}

void AddRecommendation(const ServingReport& report, std::vector<PlotTextLine>& lines) {
  if (!report.recommendation) return;
  const Recommendation& what = *report.recommendation;
  const LoadKind kind = report.load_kind;
  if (what.base && what.at_70 && what.at_80) {
    const auto share = [&](double load) { return ShareText(load, kind); };
    lines.push_back({"Run at " + share(*what.at_70) + " to " + share(*what.at_80) + " (70 to 80 % of " +
                         LoadWithUnit(*what.base, kind) + ")",
                     Kind::kHeading, kGreen});
  } else {
    lines.push_back({"None of these levels can be recommended", Kind::kHeading, kRed});
  }
  const auto load = [&](const std::optional<double>& highest) {
    return highest ? LoadText(*highest, kind) : std::string("none");
  };
  if (!report.capacity) {
    lines.push_back(
        {"Highest level >= 99 % success: " + load(what.highest_99) + ", >= 95 %: " + load(what.highest_95)});
  }
  // What limits is the sentence; the level is in it.
  std::string saturation = "not reached";
  if (what.unproven) saturation += "; " + LoadWithUnit(*what.unproven, kind) + " was too short to tell";
  if (what.saturation) {
    saturation =
        what.saturation_reason.empty() ? LoadWithUnit(*what.saturation, kind) : what.saturation_reason;
  }
  std::string wrapped = Wrap(Shorten("Saturation: " + saturation, 2 * kColumns - 10), kColumns, "  ");
  while (!wrapped.empty()) {
    lines.push_back({wrapped.substr(0, wrapped.find('\n'))});
    wrapped.erase(0, wrapped.find('\n') + 1);
  }
  lines.push_back({"Latency knee: " + LoadOr(what.latency_knee, kind, "not reached")});
}

void AddCapacity(const ServingReport& report, std::vector<PlotTextLine>& lines) {
  if (!report.capacity) return;
  const CapacityAnswer& answer = *report.capacity;
  std::string text = "Highest sustained: " + LoadOr(answer.load, report.load_kind, "none");
  if (answer.failed_at) text += "; not " + LoadText(*answer.failed_at, report.load_kind);
  if (answer.trials_at_load > 0) text += " (" + Count(answer.trials_at_load, "trial") + ")";
  lines.push_back({text});
}

}  // namespace

std::vector<PlotTextLine> PlotTextLines(const ServingReport& report) {
  std::vector<PlotTextLine> lines;
  AddRecommendation(report, lines);
  AddCapacity(report, lines);
  if (!report.slo.empty()) lines.push_back({Shorten("SLO: " + OneLine(report.slo), kColumns)});
  if (!report.goodput.empty()) lines.push_back({Shorten("Good: " + OneLine(report.goodput), kColumns)});
  if (!lines.empty()) lines.push_back({});
  AddLevels(report, lines);
  return lines;
}

std::string PlotSubtitle(const ServingReport& report) {
  std::string text = Shorten(OneLine(report.endpoint), 70);
  if (!report.dataset.empty()) text += (text.empty() ? "" : "   |   ") + Shorten(OneLine(report.dataset), 50);
  if (report.provenance.started_at) {
    std::string when = IsoLocal(*report.provenance.started_at).substr(0, 16);
    std::replace(when.begin(), when.end(), 'T', ' ');
    text += (text.empty() ? "" : "   |   ") + when;
  }
  return text;
}

std::string PlotQuoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : OneLine(text)) {
    quoted += c;
    if (c == '\'') quoted += c;
  }
  return quoted + "'";
}

}  // namespace llmdyno
