// Charts over the levels of sweeps, as gnuplot's commands: curves with bands, stacked bars, time series.
//
// Levels stand evenly spaced, as categories: they are mostly powers of two, and bars need a place each.
#pragma once

#include <string>
#include <vector>

#include "report/sweep_reading.h"

namespace llmdyno {

// Where panels lie: `columns` by `rows` of them between the title above and the footer below.
struct PlotPage {
  int width_px = 2400;
  int height_px = 1800;
  int columns = 2;
  int rows = 2;
  int header_px = 125;  // what is written above all panels
  int footer_px = 110;  // and below them

  int PanelWidthPx() const;
  // gnuplot's margins of a panel, counted from the top left.
  std::string Place(int column, int row) const;
};

struct ChartCurve {
  std::string title;  // empty: not in the key
  std::string colour;
  int mark = 7;  // gnuplot's pt
  bool is_dashed = false;
  bool with_band = true;        // ±1 standard deviation, not below 0
  bool with_labels = false;     // the numbers, as many as there is room for
  bool labels_below = false;    // below the points, to the right: another curve is above
  std::vector<MeanStd> points;  // one per level; without a mean: none there
};

struct LineChart {
  std::string title;
  std::string y_title;
  double scale = 1;  // from the values' unit to the axis'
  std::vector<ChartCurve> curves;
};

struct BarStack {
  std::string letter;  // above each bar; empty for none
  std::string colour;
  std::vector<std::optional<double>> lower;  // one per level; without it the bar is the upper part alone
  std::vector<std::optional<double>> upper;
};

struct BarChart {
  std::string title;
  std::string y_title;
  std::string lower_title;
  std::string upper_title;
  double scale = 1;
  std::vector<BarStack> stacks;
};

struct SeriesChart {
  std::string title;
  std::string y_title;
  double step_s = 0;  // time between two values
  std::vector<double> values;
  std::optional<double> line;
  std::string line_title;
};

// Draws panels of one page over the same levels.
class ChartPainter {
 public:
  // `levels` are the words below the axis, `x_title` what they are.
  ChartPainter(const PlotPage& page, std::vector<std::string> levels, std::string x_title)
      : page_(page), levels_(std::move(levels)), x_title_(std::move(x_title)) {}

  std::string Draw(int column, int row, const LineChart& chart) const;
  std::string Draw(int column, int row, const BarChart& chart) const;
  std::string Draw(int column, int row, const SeriesChart& chart) const;

 private:
  std::string Head(int column, int row, const std::string& title, bool has_key) const;
  std::string LevelAxis() const;
  double RoomPerLevelPx() const;

  PlotPage page_;
  std::vector<std::string> levels_;
  std::string x_title_;
};

// Merges neighbours, by their mean, until there are at most `most` values; returns how many became one.
size_t MergeToAtMost(std::vector<double>& values, size_t most);

// Cuts zeros at the end until they are at most `share` of all values.
void TrimTrailingSilence(std::vector<double>& values, double share);

}  // namespace llmdyno
