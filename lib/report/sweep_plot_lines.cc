// The part of sweep_plot_chart.h that draws curves.
#include <algorithm>
#include <cmath>

#include "report/plot_text.h"
#include "report/sweep_plot_chart.h"
#include "report/sweep_plot_panel.h"
#include "report/sweep_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

// Level, mean, and the edges of the band; question marks where there is nothing.
std::string CurveRows(const ChartCurve& curve, double scale, bool with_missing) {
  std::string text;
  for (size_t i = 0; i < curve.points.size(); ++i) {
    const MeanStd& point = curve.points[i];
    if (!point.mean) {
      if (with_missing) text += std::to_string(i) + " ? ? ?\n";
      continue;
    }
    const double mean = *point.mean * scale;
    const double std = point.std.value_or(0) * scale;
    text += std::to_string(i) + " " + PlotNumber(mean) + " " + PlotNumber(std::max(0.0, mean - std)) + " " +
            PlotNumber(mean + std) + "\n";
  }
  return text;
}

int64_t CountOf(const ChartCurve& curve) {
  return std::count_if(curve.points.begin(), curve.points.end(),
                       [](const MeanStd& point) { return point.mean.has_value(); });
}

// A label, and how wide it is.
struct Label {
  std::string text;
  size_t width = 0;
};

int DecimalsOf(double value) {
  const std::string text = FourDigits(value);
  const size_t point = text.find('.');
  return point == std::string::npos ? 0 : static_cast<int>(text.size() - point - 1);
}

enum class LabelForm { kOneLine, kTwoLines, kMean };

Label LabelOf(const MeanStd& point, double scale, LabelForm form) {
  const double value = *point.mean * scale;
  const std::string mean = FourDigits(value);
  if (form == LabelForm::kMean || !point.std) return {mean, mean.size()};
  const std::string spread = "± " + Fixed(*point.std * scale, DecimalsOf(value));
  if (form == LabelForm::kOneLine) return {mean + " " + spread, mean.size() + 1 + ScreenWidth(spread)};
  return {mean + "\\n" + spread, std::max(mean.size(), ScreenWidth(spread))};
}

double NeededPx(const ChartCurve& curve, double scale, LabelForm form) {
  size_t longest = 0;
  for (const MeanStd& point : curve.points) {
    if (point.mean) longest = std::max(longest, LabelOf(point, scale, form).width);
  }
  return kPlotCharacterPx * (static_cast<double>(longest) + 0.7);
}

// Rows for gnuplot by where the label stands, beside the point and not on the curve.
struct Labels {
  std::string above;
  std::string above_left;
  std::string below_right;
  bool has_two_lines = false;
};

// "39.0 ± 15.0" where there is room, on two lines where there is less, "39.0" where there is little, and not
// at every level where there is least. `top` is the end of the axis.
Labels LabelsOf(const ChartCurve& curve, double scale, double room_px, double top) {
  constexpr double kSteep = 0.05;  // shares of the axis
  constexpr double kNearAxis = 0.1;
  LabelForm form = LabelForm::kOneLine;
  // Half as much again: labels of rising points are moved to the left.
  if (1.5 * NeededPx(curve, scale, form) > room_px) form = LabelForm::kTwoLines;
  if (curve.labels_below || NeededPx(curve, scale, form) > room_px) form = LabelForm::kMean;
  const double needed = NeededPx(curve, scale, form);
  const auto step = static_cast<size_t>(std::max(1.0, std::ceil(needed / room_px)));
  Labels labels;
  labels.has_two_lines = form == LabelForm::kTwoLines;
  for (size_t i = 0; i < curve.points.size(); i += step) {
    const MeanStd& point = curve.points[i];
    if (!point.mean) continue;
    const double value = *point.mean * scale;
    const auto next = i + 1 < curve.points.size() ? curve.points[i + 1].mean : std::nullopt;
    const bool rises = next && *next * scale > value + kSteep * top;
    std::string* rows = rises && i > 0 ? &labels.above_left : &labels.above;
    if (curve.labels_below && value > kNearAxis * top) rows = &labels.below_right;
    *rows += std::to_string(i) + " " + PlotNumber(value) + " \"" + LabelOf(point, scale, form).text + "\"\n";
  }
  return labels;
}

std::string LineStyle(const ChartCurve& curve) {
  return "linespoints lw 2.2 lc rgb '" + curve.colour + "' pt " + std::to_string(curve.mark) + " ps 1.6" +
         (curve.is_dashed ? " dashtype 2" : "");
}

// The line of a band that has no width, at a single level, is an error bar.
void DrawBand(PanelData& panel, const ChartCurve& curve, double scale) {
  if (!curve.with_band) return;
  const std::string how = CountOf(curve) > 1
                              ? "using 1:3:4 with filledcurves fs transparent solid 0.18 noborder"
                              : "using 1:2:3:4 with yerrorbars ps 0 lw 2";
  // A band reaches across a level that is missing.
  panel.Draw(CurveRows(curve, scale, false), how + " lc rgb '" + curve.colour + "' notitle");
}

void DrawLabels(PanelData& panel, const Labels& labels) {
  const std::string height = labels.has_two_lines ? "1.8" : "0.9";
  const auto draw = [&](const std::string& rows, const std::string& place) {
    panel.Draw(rows, "using 1:2:3 with labels " + place + " font ',13' textcolor rgb '#222222' notitle");
  };
  draw(labels.above, "center offset 0," + height);
  draw(labels.above_left, "right offset 0.8," + height);
  draw(labels.below_right, "left offset 0.9,-0.5");
}

// The ends of all curves and bands.
std::vector<double> TopsOf(const LineChart& chart) {
  std::vector<double> tops;
  for (const ChartCurve& curve : chart.curves) {
    for (const MeanStd& point : curve.points) {
      const double spread = curve.with_band ? point.std.value_or(0) : 0;
      if (point.mean) tops.push_back((*point.mean + spread) * chart.scale);
    }
  }
  return tops;
}

}  // namespace

std::string ChartPainter::Draw(int column, int row, const LineChart& chart) const {
  const auto any = [&](auto what) { return std::any_of(chart.curves.begin(), chart.curves.end(), what); };
  const bool has_key = any([](const ChartCurve& curve) { return !curve.title.empty(); });
  const bool has_labels = any([](const ChartCurve& curve) { return curve.with_labels; });
  const std::vector<double> tops = TopsOf(chart);
  const PlotAxis axis = PanelAxis(tops, chart.y_title, has_labels ? 1.1 : 1.0);
  PanelData panel(column, row);
  for (const ChartCurve& curve : chart.curves) DrawBand(panel, curve, chart.scale);
  for (const ChartCurve& curve : chart.curves) {
    panel.Draw(CurveRows(curve, chart.scale, true),
               "using 1:2 with " + LineStyle(curve) + KeyTitle(curve.title));
  }
  for (const ChartCurve& curve : chart.curves) {
    if (curve.with_labels) DrawLabels(panel, LabelsOf(curve, chart.scale, RoomPerLevelPx(), axis.high));
  }
  return panel.blocks() + Head(column, row, chart.title, has_key) + LevelAxis() + AxisSettings("y", axis) +
         (tops.empty() ? NothingToShow() : "") + panel.Command();
}

}  // namespace llmdyno
