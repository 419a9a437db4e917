// Axes of a plot: their ranges and the numbers beside them.
#pragma once

#include <string>
#include <vector>

namespace llmdyno {

struct PlotAxis {
  double low = 0;
  double high = 1;
  bool is_log = false;
  std::string title;
  std::vector<double> tics = {};  // empty: gnuplot's choice
};

// For the loads that were tried: logarithmic when they span more than a factor of 20, with a number at each
// load for which there is room. Loads are positive and finite; there may be one or none.
PlotAxis LoadAxis(const std::vector<double>& loads);
// From 0 to a little above the largest value.
PlotAxis AxisFromZero(const std::vector<double>& values, const std::string& title);
// The same, or logarithmic when the values are positive and span more than a factor of 20.
PlotAxis AxisForSpread(const std::vector<double>& values, const std::string& title);

// gnuplot's commands for the axis "x", "y" or "y2".
std::string AxisSettings(const std::string& name, const PlotAxis& axis);

// A number as gnuplot reads it.
std::string PlotNumber(double value);

}  // namespace llmdyno
