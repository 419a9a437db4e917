#include "report/plot_panel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "report/plot_text.h"
#include "report/serving_text.h"

namespace llmdyno {
namespace {

constexpr std::array<double, 4> kPercentiles = {0.5, 0.9, 0.95, 0.99};
constexpr std::array<const char*, 4> kTitles = {"P50", "P90", "P95", "P99"};
constexpr std::array<const char*, 4> kColours = {plot_colour::kBlue, plot_colour::kSky, plot_colour::kOrange,
                                                 plot_colour::kRed};
constexpr std::array<int, 4> kMarks = {7, 5, 9, 13};  // disc, square, triangle, diamond

std::string CommonSettings(LoadKind kind) {
  const std::string load =
      kind == LoadKind::kRate ? "Target rate (requests/s)" : "Users (requests in flight)";
  return "set datafile missing '?'\n"
         "set border lw 1 lc rgb '#444444'\n"
         "set grid xtics ytics lw 0.8 lt 1 lc rgb '#D4D4D4'\n"
         "set key at graph 0.5,1.02 center bottom horizontal maxrows 2 samplen 1.8 font ',15'\n"
         "set xlabel " +
         PlotQuoted(load) + " font ',16' offset 0,0.3\n";
}

std::string PlotCommand(const std::vector<PlotSeries>& series, const std::string& block) {
  std::string text;
  for (size_t i = 0; i < series.size(); ++i) {
    text += (text.empty() ? "plot " : ", \\\n     ") + block + std::to_string(i) + " using 1:2 axes x1" +
            (series[i].on_second_axis ? "y2" : "y1") + " with " + series[i].style +
            (series[i].title.empty() ? " notitle" : " title " + PlotQuoted(series[i].title));
  }
  return text + "\n";
}

}  // namespace

std::string PlotPlace(int column, int row) {
  constexpr std::array<std::pair<const char*, const char*>, 3> kColumns = {
      {{"0.045", "0.285"}, {"0.390", "0.640"}, {"0.715", "0.985"}}};
  constexpr std::array<std::pair<const char*, const char*>, 2> kRows = {
      {{"0.560", "0.825"}, {"0.105", "0.370"}}};
  const auto& [left, right] = kColumns.at(static_cast<size_t>(column));
  const auto& [bottom, top] = kRows.at(static_cast<size_t>(row));
  return std::string("set lmargin at screen ") + left + "; set rmargin at screen " + right +
         "; set bmargin at screen " + bottom + "; set tmargin at screen " + top + "\n";
}

std::string PlotPanelTitle(const std::string& title) {
  return "set title " + PlotQuoted(title) + " font 'Sans:Bold,18' offset 0,2.3\n";
}

std::string CurveStyle(const char* colour, int mark, double size, const char* more) {
  return "linespoints lw 2 lc rgb '" + std::string(colour) + "' pt " + std::to_string(mark) + " ps " +
         Plain(size, 1) + more;
}

std::vector<PlotSeries> PercentileCurves(const std::function<const Distribution&(const LevelReport&)>& of,
                                         double scale) {
  std::vector<PlotSeries> series;
  for (size_t i = 0; i < kPercentiles.size(); ++i) {
    const double p = kPercentiles[i];
    const PlotValue value = [of, p, scale](const LevelReport& level) -> std::optional<double> {
      const auto quantile = of(level).Quantile(p);
      return quantile ? std::optional(*quantile * scale) : std::nullopt;
    };
    series.push_back({kTitles[i], CurveStyle(kColours[i], kMarks[i]), value});
    // A white heart makes a mark hollow.
    series.push_back({"", "points lc rgb 'white' ps 0.8 pt " + std::to_string(kMarks[i]),
                      [of, p, value](const LevelReport& level) {
                        return of(level).IsThin(p) ? value(level) : std::nullopt;
                      }});
  }
  return series;
}

std::string Threshold(const std::string& axis, double at, const std::string& name, bool at_left) {
  const std::string y = axis + " " + PlotNumber(at);
  return "set arrow 1 from graph 0," + y + " to graph 1," + y + " nohead dashtype 2 lw 1.5 lc rgb '" +
         plot_colour::kGrey + "' back\nset label 1 " + PlotQuoted(name) + " at graph " +
         (at_left ? "0.01," : "0.99,") + y + (at_left ? " left offset 0,-0.7" : " right offset 0,0.6") +
         " font ',13' textcolor rgb '#555555'\n";
}

PlotLevels::PlotLevels(const ServingReport& report) : report_(report) {
  for (const LevelReport& level : report.levels) {
    if (std::isfinite(level.target) && level.target > 0) levels_.push_back(&level);
  }
  std::stable_sort(levels_.begin(), levels_.end(),
                   [](const LevelReport* a, const LevelReport* b) { return a->target < b->target; });
  std::vector<double> targets;
  for (const LevelReport* level : levels_) targets.push_back(level->target);
  x_ = LoadAxis(targets);
}

std::vector<double> PlotLevels::Values(const std::vector<PlotSeries>& series, bool on_second_axis) const {
  std::vector<double> values;
  for (const PlotSeries& one : series) {
    if (one.on_second_axis != on_second_axis) continue;
    for (const LevelReport* level : levels_) {
      const auto value = one.value(*level);
      if (value && std::isfinite(*value)) values.push_back(*value);
    }
  }
  return values;
}

std::string PlotLevels::DataBlock(const std::string& name, const PlotValue& value) const {
  std::string text = name + " << EOD\n";
  for (const LevelReport* level : levels_) {
    const auto y = value(*level);
    text += PlotNumber(level->target) + " " + (y && std::isfinite(*y) ? PlotNumber(*y) : "?") + "\n";
  }
  // gnuplot insists on a line.
  if (levels_.empty()) text += "1 ?\n";
  return text + "EOD\n";
}

std::string PlotLevels::Draw(const PlotPanel& panel) const {
  std::string text = "reset\n" + PlotPlace(panel.column, panel.row) + CommonSettings(report_.load_kind) +
                     PlotPanelTitle(panel.title) + AxisSettings("x", x_) + AxisSettings("y", panel.y);
  if (panel.y2) text += AxisSettings("y2", *panel.y2);
  if (Values(panel.series).empty()) {
    text +=
        std::string("set label 2 'nothing to show: no successful request' at graph 0.5,0.5 center font ") +
        "',17' textcolor rgb '" + plot_colour::kGrey + "'\n";
  }
  const std::string block = "$panel" + std::to_string(panel.row) + std::to_string(panel.column) + "_";
  std::string data;
  for (size_t i = 0; i < panel.series.size(); ++i) {
    data += DataBlock(block + std::to_string(i), panel.series[i].value);
  }
  return data + text + panel.extra + PlotCommand(panel.series, block);
}

}  // namespace llmdyno
