// What pages with grids share.
#pragma once

#include <string>
#include <vector>

#include "report/sweep_plot_data.h"
#include "report/sweep_plot_heat.h"

namespace llmdyno {

// The words of the cells: numbers, those in E(128) included, by size; others in their order behind them.
std::vector<std::string> SortedWords(const std::vector<SweepPlotCell>& cells,
                                     std::string SweepPlotCell::*word);

// The colours' range, so wide that noise does not look like a trend.
void SetHeatRange(HeatMap& map, const std::vector<SweepPlotCell>& cells, MeanStd SweepPlotCell::*value);

// Description and model; `otherwise` for no description.
std::string GridTitle(const SweepPlotRun& run, const std::string& otherwise);

}  // namespace llmdyno
