#include "report/plot_axis.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace llmdyno {
namespace {

constexpr double kLogSpan = 20;
constexpr double kHeadroom = 1.08;

double Position(const PlotAxis& axis, double value) {
  if (!axis.is_log) return (value - axis.low) / (axis.high - axis.low);
  return std::log(value / axis.low) / std::log(axis.high / axis.low);
}

// A number at each load, but not one into another.
std::vector<double> TicsAt(const PlotAxis& axis, const std::vector<double>& sorted) {
  constexpr double kRoom = 0.09;
  std::vector<double> tics;
  for (const double load : sorted) {
    if (tics.empty() || Position(axis, load) - Position(axis, tics.back()) >= kRoom) tics.push_back(load);
  }
  return tics;
}

// 1, 2 and 5 of each power of ten; 1 alone when there are many.
std::vector<double> LogTics(double low, double high) {
  constexpr double kManyDecades = 3.5;
  const bool is_sparse = std::log10(high / low) > kManyDecades;
  std::vector<double> tics;
  for (int power = static_cast<int>(std::floor(std::log10(low))); std::pow(10, power) <= high; ++power) {
    const double decade = std::pow(10, power);
    for (const double digit : {1, 2, 5}) {
      const double tic = decade * digit;
      if (tic >= low && tic <= high && (digit == 1 || !is_sparse)) tics.push_back(tic);
    }
  }
  return tics;
}

}  // namespace

PlotAxis LoadAxis(const std::vector<double>& loads) {
  if (loads.empty()) return {};
  std::vector<double> sorted = loads;
  std::sort(sorted.begin(), sorted.end());
  const double least = sorted.front();
  const double most = sorted.back();
  PlotAxis axis;
  if (most > least * kLogSpan) {
    axis.is_log = true;
    axis.low = least / 1.25;
    axis.high = most * 1.25;
  } else if (most > least) {
    const double margin = 0.06 * (most - least);
    axis.low = std::max(0.0, least - margin);
    axis.high = most + margin;
  } else {
    axis.low = 0;
    axis.high = 2 * most;
  }
  axis.tics = TicsAt(axis, sorted);
  return axis;
}

PlotAxis AxisFromZero(const std::vector<double>& values, const std::string& title) {
  PlotAxis axis{.title = title};
  if (!values.empty()) axis.high = kHeadroom * *std::max_element(values.begin(), values.end());
  if (axis.high <= 0) axis.high = 1;
  return axis;
}

PlotAxis AxisForSpread(const std::vector<double>& values, const std::string& title) {
  if (values.empty()) return AxisFromZero(values, title);
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  if (*least <= 0 || *most <= *least * kLogSpan) return AxisFromZero(values, title);
  PlotAxis axis{.low = *least / 1.3, .high = *most * 1.3, .is_log = true, .title = title};
  axis.tics = LogTics(axis.low, axis.high);
  return axis;
}

std::string PlotNumber(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

std::string AxisSettings(const std::string& name, const PlotAxis& axis) {
  std::string text = "set " + name + "range [" + PlotNumber(axis.low) + ":" + PlotNumber(axis.high) + "]\n";
  if (axis.is_log) text += "set logscale " + name + "\n";
  text += "set format " + name + " '%.10g'\n";
  std::string places;
  for (const double tic : axis.tics) places += (places.empty() ? "" : ",") + PlotNumber(tic);
  text += "set " + name + "tics " + (places.empty() ? "autofreq" : "(" + places + ")") + " nomirror" +
          " font ',15'\n";
  if (!axis.title.empty()) text += "set " + name + "label '" + axis.title + "' font ',16'\n";
  return text;
}

}  // namespace llmdyno
