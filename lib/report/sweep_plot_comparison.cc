// The page of sweep_plot_layout.h that shows several results.
#include <algorithm>
#include <set>

#include "report/sweep_plot_layout.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

// A, B, … Z, AA, AB, …
std::string Letter(size_t index) {
  std::string letters;
  for (size_t rest = index + 1; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return letters;
}

bool AllHave(const std::vector<SweepPlotRun>& runs, MeanStd SweepPlotLevel::*value) {
  return std::all_of(runs.begin(), runs.end(), [&](const SweepPlotRun& run) {
    return std::any_of(run.levels.begin(), run.levels.end(),
                       [&](const SweepPlotLevel& level) { return (level.*value).mean.has_value(); });
  });
}

class Comparison {
 public:
  Comparison(const std::vector<SweepPlotRun>& runs, const PlotPage& page)
      : runs_(runs), levels_(LevelsOf(runs)), painter_(PainterOf(page, runs)) {}

  std::string Lines(int column, int row, const std::string& title, MeanStd SweepPlotLevel::*value) const {
    return Draw(column, row, {.title = title, .y_title = "Tokens/s", .curves = {}}, value);
  }

  std::string Times(int column, int row, const std::string& title, MeanStd SweepPlotLevel::*value) const {
    std::vector<std::vector<MeanStd>> all;
    for (const SweepPlotRun& run : runs_) all.push_back(PointsOf(run, levels_, value));
    const TimeAxis axis = TimeAxisFor(all);
    return Draw(column, row, {.title = title, .y_title = axis.title, .scale = axis.scale, .curves = {}},
                value);
  }

  std::string Latency(int column, int row) const {
    BarChart chart{.title = "Latency of a request: TTFT (dark) and decode time (light)",
                   .y_title = "",
                   .lower_title = "",
                   .upper_title = "",
                   .stacks = {}};
    std::vector<std::vector<MeanStd>> all;
    for (size_t i = 0; i < runs_.size(); ++i) {
      const auto lower = PointsOf(runs_[i], levels_, &SweepPlotLevel::ttft_s);
      const auto upper = PointsOf(runs_[i], levels_, &SweepPlotLevel::decode_time_s);
      BarStack stack{.letter = Letter(i), .colour = CurveLook(i).colour, .lower = {}, .upper = {}};
      for (size_t level = 0; level < levels_.size(); ++level) {
        stack.lower.push_back(lower[level].mean);
        stack.upper.push_back(upper[level].mean);
      }
      chart.stacks.push_back(std::move(stack));
      all.push_back(lower);
      all.push_back(upper);
    }
    const TimeAxis axis = TimeAxisFor(all);
    chart.y_title = axis.title;
    chart.scale = axis.scale;
    return painter_.Draw(column, row, chart);
  }

 private:
  std::string Draw(int column, int row, LineChart chart, MeanStd SweepPlotLevel::*value) const {
    for (size_t i = 0; i < runs_.size(); ++i) {
      const PlotLegendEntry look = CurveLook(i);
      chart.curves.push_back({.title = "",
                              .colour = look.colour,
                              .mark = look.mark,
                              .points = PointsOf(runs_[i], levels_, value)});
    }
    return painter_.Draw(column, row, chart);
  }

  const std::vector<SweepPlotRun>& runs_;
  std::vector<int64_t> levels_;
  ChartPainter painter_;
};

// "one, two" of what the runs have; a single word where all have the same.
std::string Distinct(const std::vector<SweepPlotRun>& runs, std::string SweepPlotRun::*value) {
  std::set<std::string> words;
  for (const SweepPlotRun& run : runs) {
    if (!(run.*value).empty()) words.insert(OneLine(run.*value));
  }
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return Shorten(text, 90);
}

PlotPageText WordsOf(const std::vector<SweepPlotRun>& runs) {
  PlotPageText text{.title = "Comparison of " + std::to_string(runs.size()) + " results",
                    .subtitle = Distinct(runs, &SweepPlotRun::model),
                    .footer = {"Bands: ±1 standard deviation, not below 0."}};
  if (const std::string scenarios = Distinct(runs, &SweepPlotRun::scenario); !scenarios.empty()) {
    text.subtitle += (text.subtitle.empty() ? "" : "   |   ") + scenarios;
  }
  // Of a mixture the legend says which.
  text.is_simulated =
      std::all_of(runs.begin(), runs.end(), [](const SweepPlotRun& run) { return run.is_simulated; });
  const std::vector<std::string> labels = RunLabels(runs);
  for (size_t i = 0; i < runs.size(); ++i) {
    PlotLegendEntry entry = CurveLook(i);
    entry.text = Letter(i) + "  " + labels[i] + (runs[i].is_simulated ? " (SIMULATED)" : "");
    text.legend.push_back(entry);
    for (const std::string& note : runs[i].notes) text.footer.push_back(Shorten(OneLine(note), 150));
  }
  return text;
}

}  // namespace

std::string ComparisonPage(const std::vector<SweepPlotRun>& runs, const std::string& image) {
  const PlotPageText text = WordsOf(runs);
  const bool is_simple = runs.front().kind == SweepPlotKind::kSimple;
  const PlotPage page = FitPage(
      is_simple ? PlotPage{.width_px = 1800, .height_px = 1850, .columns = 1, .rows = 2} : PlotPage(), text);
  const Comparison comparison(runs, page);
  if (is_simple) {
    return PageScript(
        image, page, text,
        comparison.Lines(0, 0, "Batch: output tokens/s over wall time", &SweepPlotLevel::tokens_per_second) +
            comparison.Lines(0, 1, "One request: output tokens/s", &SweepPlotLevel::request_speed));
  }
  // The figure that says what a batch delivered, where all have it.
  const bool has_wall = AllHave(runs, &SweepPlotLevel::tokens_per_second);
  return PageScript(
      image, page, text,
      comparison.Times(0, 0, "Time to first token", &SweepPlotLevel::ttft_s) +
          comparison.Lines(1, 0, "Decode throughput per request", &SweepPlotLevel::decode_speed) +
          comparison.Lines(0, 1,
                           has_wall ? "Batch: output tokens/s over wall time" : "Batch: sum of decode speeds",
                           has_wall ? &SweepPlotLevel::tokens_per_second : &SweepPlotLevel::combined) +
          comparison.Latency(1, 1));
}

}  // namespace llmdyno
