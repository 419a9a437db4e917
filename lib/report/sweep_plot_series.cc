// The part of sweep_plot_chart.h that draws what happened over time.
#include <algorithm>

#include "report/plot_panel.h"
#include "report/sweep_plot_chart.h"
#include "report/sweep_plot_panel.h"

namespace llmdyno {

std::string ChartPainter::Draw(int column, int row, const SeriesChart& chart) const {
  std::string rows;
  const auto add = [&](size_t i, double value) {
    rows += PlotNumber(static_cast<double>(i) * chart.step_s) + " " + PlotNumber(value) + "\n";
  };
  for (size_t i = 0; i < chart.values.size(); ++i) add(i, chart.values[i]);
  // The last step needs an end.
  if (!chart.values.empty()) add(chart.values.size(), chart.values.back());
  PanelData panel(column, row);
  panel.Draw(rows, std::string("using 1:2 with steps lw 1.4 lc rgb '") + plot_colour::kBlue + "' notitle");
  std::vector<double> tops = chart.values;
  if (chart.line) {
    tops.push_back(*chart.line);
    panel.DrawFormula(PlotNumber(*chart.line) + " with lines lw 2.5 dashtype 2 lc rgb '" + plot_colour::kRed +
                      "'" + KeyTitle(chart.line_title));
  }
  const double end = static_cast<double>(chart.values.size()) * chart.step_s;
  return panel.blocks() + Head(column, row, chart.title, chart.line.has_value()) +
         "set xrange [0:" + PlotNumber(end > 0 ? end : 1) +
         "]\nset xtics autofreq nomirror font ',15'\nset xlabel 'Seconds from the first send' font ',16' "
         "offset 0,0.3\n" +
         AxisSettings("y", AxisFromZero(tops, chart.y_title)) +
         (chart.values.empty() ? NothingToShow() : "") + panel.Command();
}

size_t MergeToAtMost(std::vector<double>& values, size_t most) {
  const size_t merged = (values.size() + most - 1) / most;
  if (merged <= 1) return 1;
  std::vector<double> means;
  for (size_t begin = 0; begin < values.size(); begin += merged) {
    const size_t end = std::min(begin + merged, values.size());
    double sum = 0;
    for (size_t i = begin; i < end; ++i) sum += values[i];
    means.push_back(sum / static_cast<double>(end - begin));
  }
  values = std::move(means);
  return merged;
}

void TrimTrailingSilence(std::vector<double>& values, double share) {
  size_t silent = 0;
  while (silent < values.size() && values[values.size() - 1 - silent] == 0) ++silent;
  const size_t sounding = values.size() - silent;
  const auto most = static_cast<size_t>(share * static_cast<double>(sounding));
  if (sounding > 0 && silent > most) values.resize(sounding + most);
}

}  // namespace llmdyno
