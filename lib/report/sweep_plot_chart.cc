#include "report/sweep_plot_chart.h"

#include <algorithm>
#include <cmath>

#include "report/plot_text.h"
#include "report/serving_text.h"
#include "report/sweep_plot_panel.h"

namespace llmdyno {
namespace {

constexpr double kLeftPx = 150;
constexpr double kRightPx = 50;
constexpr double kHeadPx = 95;  // title and key of a panel
constexpr double kGapXPx = 170;
constexpr double kGapYPx = 210;
constexpr double kBottomPx = 95;  // numbers and title of an axis

std::string Share(double px, int of_px) { return Plain(px / of_px, 5); }

}  // namespace

int PlotPage::PanelWidthPx() const {
  return static_cast<int>((width_px - kLeftPx - kRightPx - (columns - 1) * kGapXPx) / columns);
}

std::string PlotPage::Place(int column, int row) const {
  const double width = PanelWidthPx();
  const double height =
      (height_px - header_px - kHeadPx - kBottomPx - footer_px - (rows - 1) * kGapYPx) / rows;
  const double left = kLeftPx + column * (width + kGapXPx);
  const double top = header_px + kHeadPx + row * (height + kGapYPx);
  return "set lmargin at screen " + Share(left, width_px) + "; set rmargin at screen " +
         Share(left + width, width_px) + "; set bmargin at screen " +
         Share(height_px - top - height, height_px) + "; set tmargin at screen " +
         Share(height_px - top, height_px) + "\n";
}

double ChartPainter::RoomPerLevelPx() const {
  return static_cast<double>(page_.PanelWidthPx()) / static_cast<double>(std::max<size_t>(levels_.size(), 1));
}

std::string ChartPainter::Head(int column, int row, const std::string& title, bool has_key) const {
  return "reset\n" + page_.Place(column, row) +
         "set datafile missing '?'\n"
         "set border 3 lw 1 lc rgb '#444444'\n"
         "set grid ytics lw 0.8 lt 1 lc rgb '#D4D4D4'\n"
         "set key at graph 0.5,1.01 center bottom horizontal maxrows 1 samplen 1.8 font ',15'\n" +
         "set title " + PlotQuoted(title) + " font 'Sans:Bold,18' offset 0," + (has_key ? "1.2" : "0.2") +
         "\n";
}

std::string ChartPainter::LevelAxis() const {
  size_t longest = 1;
  for (const std::string& level : levels_) longest = std::max(longest, level.size());
  const double needed = kPlotCharacterPx * static_cast<double>(longest + 1);
  const auto step = static_cast<size_t>(std::max(1.0, std::ceil(needed / RoomPerLevelPx())));
  std::string tics;
  for (size_t i = 0; i < levels_.size(); i += step) {
    tics += (tics.empty() ? "" : ",") + PlotQuoted(levels_[i]) + " " + std::to_string(i);
  }
  const double last = static_cast<double>(std::max<size_t>(levels_.size(), 1)) - 0.5;
  return "set xrange [-0.5:" + PlotNumber(last) + "]\nset xtics (" + tics +
         ") nomirror font ',15'\nset xlabel " + PlotQuoted(x_title_) + " font ',16' offset 0,0.3\n";
}

}  // namespace llmdyno
