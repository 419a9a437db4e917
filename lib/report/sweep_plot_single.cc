// The pages of sweep_plot_layout.h that show one result.
#include <algorithm>
#include <cmath>

#include "report/plot_panel.h"
#include "report/sweep_plot_layout.h"
#include "report/sweep_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

using namespace plot_colour;

std::string TitleOf(const SweepPlotRun& run) {
  constexpr size_t kRoom = 90;
  if (!run.description.empty()) return Shorten(OneLine(run.description), kRoom);
  return run.model.empty() ? "Sweep" : Shorten(OneLine(run.model), kRoom);
}

std::string SubtitleOf(const SweepPlotRun& run) {
  std::string text;
  const auto add = [&](const std::string& part, size_t room) {
    if (!part.empty()) text += (text.empty() ? "" : "   |   ") + Shorten(OneLine(part), room);
  };
  if (!run.description.empty()) add(run.model, 50);
  add(run.scenario, 40);
  add(run.lora.empty() ? "" : "LoRA " + run.lora, 40);
  add(run.api_base, 50);
  if (run.num_runs > 0) add(Count(run.num_runs, "run") + " each", 20);
  return text;
}

std::string MissingText(const SweepPlotRun& run) {
  if (run.missing.empty()) return "";
  std::string text = "No result: ";
  for (size_t i = 0; i < run.missing.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(run.missing[i]);
  return text;
}

// Means over the levels, as plots of this kind have it below their panels.
std::string AveragesText(const SweepPlotRun& run) {
  const auto average = [&](MeanStd SweepPlotLevel::*value) -> std::optional<double> {
    double sum = 0;
    int64_t n = 0;
    for (const SweepPlotLevel& level : run.levels) {
      if (!(level.*value).mean) continue;
      sum += *(level.*value).mean;
      ++n;
    }
    return n > 0 ? std::optional(sum / static_cast<double>(n)) : std::nullopt;
  };
  const auto best = [&](MeanStd SweepPlotLevel::*value) {
    std::optional<double> most;
    for (const SweepPlotLevel& level : run.levels) {
      const auto mean = (level.*value).mean;
      if (mean && (!most || *mean > *most)) most = mean;
    }
    return most;
  };
  double success = 0;
  int64_t judged = 0;
  for (const SweepPlotLevel& level : run.levels) {
    if (!level.success_rate_percent) continue;
    success += *level.success_rate_percent;
    ++judged;
  }
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "   |   ") + part; };
  if (const auto ttft = average(&SweepPlotLevel::ttft_s)) add("Average TTFT " + FourDigits(*ttft) + " s");
  if (const auto speed = average(&SweepPlotLevel::decode_speed)) {
    add("average decode speed " + FourDigits(*speed) + " tokens/s");
  }
  if (const auto most = best(&SweepPlotLevel::tokens_per_second)) {
    add("best over wall time " + FourDigits(*most) + " tokens/s");
  }
  if (const auto most = best(&SweepPlotLevel::combined)) {
    add("best sum of decode speeds " + FourDigits(*most) + " tokens/s");
  }
  if (judged > 0) add("average success " + Fixed(success / static_cast<double>(judged), 1) + " %");
  return text;
}

PlotPageText WordsOf(const SweepPlotRun& run, const std::string& first_line) {
  PlotPageText text{.title = TitleOf(run), .subtitle = SubtitleOf(run), .is_simulated = run.is_simulated};
  if (!first_line.empty()) text.footer.push_back(first_line);
  std::string second = "Bands: ±1 standard deviation, not below 0.";
  if (const std::string missing = MissingText(run); !missing.empty()) second += "   " + missing + ".";
  text.footer.push_back(second);
  for (const std::string& note : run.notes) text.footer.push_back(Shorten(OneLine(note), 150));
  return text;
}

// The panels of one run.
class Panels {
 public:
  Panels(const SweepPlotRun& run, const PlotPage& page)
      : run_(run), levels_(LevelsOf({run})), painter_(PainterOf(page, {run})) {}

  std::string Draw(int column, int row, const LineChart& chart) const {
    return painter_.Draw(column, row, chart);
  }

  ChartCurve Curve(MeanStd SweepPlotLevel::*value, const std::string& title, const char* colour,
                   int mark) const {
    return {.title = title,
            .colour = colour,
            .mark = mark,
            .with_labels = true,
            .points = PointsOf(run_, levels_, value)};
  }

  // A second curve that is there to be compared with the first.
  ChartCurve Beside(MeanStd SweepPlotLevel::*value, const std::string& title, const char* colour,
                    int mark) const {
    ChartCurve curve = Curve(value, title, colour, mark);
    curve.is_dashed = true;
    curve.with_band = curve.with_labels = false;
    return curve;
  }

  bool Has(MeanStd SweepPlotLevel::*value) const {
    return std::any_of(run_.levels.begin(), run_.levels.end(),
                       [&](const SweepPlotLevel& level) { return (level.*value).mean.has_value(); });
  }

  // Reasoning: the first answer text comes later than the first text.
  bool HasOwnTtfo() const {
    constexpr double kVisible = 0.02;
    return std::any_of(run_.levels.begin(), run_.levels.end(), [](const SweepPlotLevel& level) {
      return level.ttft_s.mean && level.ttfo_s.mean &&
             std::abs(*level.ttfo_s.mean - *level.ttft_s.mean) > kVisible * *level.ttft_s.mean;
    });
  }

  std::string Ttft(int column, int row) const {
    LineChart chart{.title = "Time to first token", .curves = {}};
    const bool with_ttfo = HasOwnTtfo();
    chart.curves.push_back(Curve(&SweepPlotLevel::ttft_s, with_ttfo ? "any text (TTFT)" : "", kBlue, 7));
    if (with_ttfo) {
      chart.curves.push_back(Beside(&SweepPlotLevel::ttfo_s, "first text of the answer (TTFO)", kRed, 9));
      chart.curves.front().labels_below = true;
    }
    const TimeAxis axis = TimeAxisFor({chart.curves.front().points, chart.curves.back().points});
    chart.y_title = axis.title;
    chart.scale = axis.scale;
    return Draw(column, row, chart);
  }

  std::string DecodeSpeed(int column, int row) const {
    return Draw(column, row,
                {.title = "Decode throughput per request",
                 .y_title = "Tokens/s",
                 .curves = {Curve(&SweepPlotLevel::decode_speed, "", kGreen, 5)}});
  }

  std::string Summed(int column, int row) const {
    LineChart chart{.title = "Throughput of the batch", .y_title = "Tokens/s", .curves = {}};
    if (Has(&SweepPlotLevel::combined)) {
      chart.curves.push_back(Curve(&SweepPlotLevel::combined, "sum of decode speeds", kPurple, 13));
    }
    if (Has(&SweepPlotLevel::tokens_per_second)) {
      chart.curves.push_back(
          chart.curves.empty()
              ? Curve(&SweepPlotLevel::tokens_per_second, "output tokens over wall time", kOrange, 9)
              : Beside(&SweepPlotLevel::tokens_per_second, "output tokens over wall time", kOrange, 9));
    }
    return Draw(column, row, chart);
  }

  std::string WallThroughput(int column, int row) const {
    const bool has_wall = Has(&SweepPlotLevel::tokens_per_second);
    return Draw(column, row,
                {.title = has_wall ? "Output tokens/s over wall time" : "Sum of decode speeds",
                 .y_title = "Tokens/s",
                 .curves = {Curve(has_wall ? &SweepPlotLevel::tokens_per_second : &SweepPlotLevel::combined,
                                  "", kOrange, 9)}});
  }

  std::string Latency(int column, int row) const {
    const auto lower = PointsOf(run_, levels_, &SweepPlotLevel::ttft_s);
    const auto upper = PointsOf(run_, levels_, &SweepPlotLevel::decode_time_s);
    const TimeAxis axis = TimeAxisFor({lower, upper});
    BarChart chart{.title = "Latency of a request",
                   .y_title = axis.title,
                   .lower_title = run_.is_streamed ? "TTFT" : "",
                   .upper_title = run_.is_streamed ? "decode time" : "",
                   .scale = axis.scale,
                   .stacks = {{.letter = "", .colour = kBlue, .lower = {}, .upper = {}}}};
    for (size_t i = 0; i < levels_.size(); ++i) {
      chart.stacks[0].lower.push_back(lower[i].mean);
      chart.stacks[0].upper.push_back(upper[i].mean);
    }
    return painter_.Draw(column, row, chart);
  }

  std::string Steady(int column, int row) const {
    LineChart chart{.title = "Steady state", .y_title = "Tokens/s", .curves = {}};
    const bool both = Has(&SweepPlotLevel::steady_median);
    chart.curves.push_back(Curve(&SweepPlotLevel::steady, both ? "window" : "", kSky, 11));
    if (both) {
      chart.curves.push_back(Beside(&SweepPlotLevel::steady_median, "median of its buckets", kGrey, 6));
    }
    return Draw(column, row, chart);
  }

  std::string TimeSeries(int column, int row) const {
    constexpr size_t kMostPoints = 1500;
    constexpr double kTrailingSilence = 0.05;
    SeriesChart chart{.title = "Tokens over time", .y_title = "Tokens/s", .values = {}, .line_title = ""};
    for (const SweepPlotLevel& level : run_.levels) {
      if (!level.time_series) continue;
      const PlotTimeSeries& series = *level.time_series;
      chart.title = "Tokens over time, last run of " + std::to_string(level.in_flight);
      chart.values = series.tokens;
      TrimTrailingSilence(chart.values, kTrailingSilence);
      for (double& value : chart.values) value /= series.bucket_s;
      chart.step_s = series.bucket_s * static_cast<double>(MergeToAtMost(chart.values, kMostPoints));
      chart.line = series.median_tokens_per_second;
    }
    if (chart.line) chart.line_title = "median in steady state: " + FourDigits(*chart.line) + " tokens/s";
    return painter_.Draw(column, row, chart);
  }

 private:
  const SweepPlotRun& run_;
  std::vector<int64_t> levels_;
  ChartPainter painter_;
};

}  // namespace

std::string SimplePage(const SweepPlotRun& run, const std::string& image) {
  const PlotPageText text = WordsOf(run, "");
  const PlotPage page = FitPage({.width_px = 1800, .height_px = 1850, .columns = 1, .rows = 2}, text);
  const Panels panels(run, page);
  const bool has_wall = panels.Has(&SweepPlotLevel::tokens_per_second);
  const bool has_request = panels.Has(&SweepPlotLevel::request_speed);
  return PageScript(
      image, page, text,
      panels.Draw(
          0, 0,
          {.title = has_wall ? "Batch: output tokens/s over wall time" : "Batch: sum of decode speeds",
           .y_title = "Tokens/s",
           .curves = {panels.Curve(has_wall ? &SweepPlotLevel::tokens_per_second : &SweepPlotLevel::combined,
                                   "", kBlue, 7)}}) +
          panels.Draw(
              0, 1,
              {.title = has_request ? "One request: output tokens/s" : "One request: decode throughput",
               .y_title = "Tokens/s",
               .curves = {
                   panels.Curve(has_request ? &SweepPlotLevel::request_speed : &SweepPlotLevel::decode_speed,
                                "", kGreen, 5)}}));
}

std::string AdvancedPage(const SweepPlotRun& run, const std::string& image) {
  const PlotPageText text = WordsOf(run, AveragesText(run));
  const PlotPage page = FitPage({}, text);
  const Panels panels(run, page);
  return PageScript(
      image, page, WordsOf(run, AveragesText(run)),
      panels.Ttft(0, 0) + panels.DecodeSpeed(1, 0) + panels.Summed(0, 1) + panels.Latency(1, 1));
}

std::string StreamingPage(const SweepPlotRun& run, const std::string& image) {
  const PlotPageText text = WordsOf(run, AveragesText(run));
  const PlotPage page = FitPage({.height_px = 2500, .rows = 3}, text);
  const Panels panels(run, page);
  return PageScript(image, page, text,
                    panels.Ttft(0, 0) + panels.DecodeSpeed(1, 0) + panels.WallThroughput(0, 1) +
                        panels.Latency(1, 1) + panels.Steady(0, 2) + panels.TimeSeries(1, 2));
}

std::string UnstreamedPage(const SweepPlotRun& run, const std::string& image) {
  const PlotPageText text = WordsOf(run, AveragesText(run));
  const PlotPage page = FitPage({.height_px = 1050, .rows = 1}, text);
  const Panels panels(run, page);
  return PageScript(image, page, text, panels.WallThroughput(0, 0) + panels.Latency(1, 0));
}

}  // namespace llmdyno
