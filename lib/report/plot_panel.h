// Panels of a gnuplot page, one curve per quantity over the loads that were tried.
//
// Ranges are computed here: gnuplot refuses to choose one when a panel has no number at all, and a level
// without a success is a result to be shown.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "llmdyno/report/serving_report.h"
#include "report/plot_axis.h"

namespace llmdyno {

// Okabe and Ito's palette: told apart with every kind of colour vision, and by lightness in grey print.
namespace plot_colour {
inline constexpr const char* kBlue = "#0072B2";
inline constexpr const char* kSky = "#56B4E9";
inline constexpr const char* kOrange = "#E69F00";
inline constexpr const char* kRed = "#D55E00";
inline constexpr const char* kGreen = "#009E73";
inline constexpr const char* kPurple = "#AA3377";
inline constexpr const char* kGrey = "#888888";
}  // namespace plot_colour

using PlotValue = std::function<std::optional<double>(const LevelReport&)>;

struct PlotSeries {
  std::string title;  // empty: not in the key
  std::string style;  // gnuplot's words behind "with"
  PlotValue value;
  bool on_second_axis = false;
};

struct PlotPanel {
  int column = 0;  // 0 to 2 from the left
  int row = 0;     // 0 and 1 from the top
  std::string title;
  PlotAxis y;
  std::optional<PlotAxis> y2 = {};
  std::string extra;  // further commands: lines and labels
  std::vector<PlotSeries> series;
};

// The levels of a report as curves. The report must outlive it.
class PlotLevels {
 public:
  explicit PlotLevels(const ServingReport& report);

  // All numbers of the series on one of the two axes.
  std::vector<double> Values(const std::vector<PlotSeries>& series, bool on_second_axis = false) const;
  std::string Draw(const PlotPanel& panel) const;

  const ServingReport& report() const { return report_; }
  bool has_log_loads() const { return x_.is_log; }

 private:
  std::string DataBlock(const std::string& name, const PlotValue& value) const;

  const ServingReport& report_;
  std::vector<const LevelReport*> levels_;  // those with a finite target, ascending
  PlotAxis x_;
};

// Lines and marks: `mark` and `size` are gnuplot's pt and ps.
std::string CurveStyle(const char* colour, int mark, double size = 1.6, const char* more = "");
// P50, P90, P95 and P99 of one distribution, times `scale`. Marks are solid, or hollow where there were too
// few samples.
std::vector<PlotSeries> PercentileCurves(const std::function<const Distribution&(const LevelReport&)>& of,
                                         double scale);
// A horizontal dashed line on the axis "first" or "second", with its name below or above it, at the left or
// the right end.
std::string Threshold(const std::string& axis, double at, const std::string& name, bool at_left);

// Where a panel lies on the page, and its heading.
std::string PlotPlace(int column, int row);
std::string PlotPanelTitle(const std::string& title);

}  // namespace llmdyno
