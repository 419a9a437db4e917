// Heat maps with the value in each cell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/sweep_plot_chart.h"

namespace llmdyno {

struct HeatCell {
  std::optional<double> value;
  bool is_flagged = false;  // framed in red
};

struct HeatMap {
  std::string title;
  std::string x_title;
  std::string y_title;
  std::vector<std::string> columns;
  std::vector<std::string> rows;             // from the top
  std::vector<std::vector<HeatCell>> cells;  // [row][column]
  double scale = 1;                          // from the values' unit to the printed one's
  // The values of the lightest and the darkest colour, so that several maps can be compared.
  double low = 0;
  double high = 1;
};

std::string DrawHeatMap(const PlotPage& page, int column, int row, const HeatMap& map);

}  // namespace llmdyno
