#include "report/sweep_plot_heat.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "report/plot_axis.h"
#include "report/plot_panel.h"
#include "report/plot_text.h"
#include "report/sweep_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

using Colour = std::array<double, 3>;

// From a light yellow over green to a dark blue: readable in grey print as well.
constexpr std::array<Colour, 4> kRamp = {{{255, 255, 217}, {161, 218, 180}, {65, 150, 190}, {37, 52, 120}}};

Colour ColourAt(double share) {
  const double at = std::clamp(share, 0.0, 1.0) * (kRamp.size() - 1);
  const auto below = std::min(static_cast<size_t>(at), kRamp.size() - 2);
  const double rest = at - static_cast<double>(below);
  Colour colour{};
  for (size_t i = 0; i < colour.size(); ++i) {
    colour[i] = kRamp[below][i] + rest * (kRamp[below + 1][i] - kRamp[below][i]);
  }
  return colour;
}

std::string Hex(const Colour& colour) {
  char text[16];
  std::snprintf(text, sizeof text, "#%02X%02X%02X", static_cast<unsigned>(colour[0]),
                static_cast<unsigned>(colour[1]), static_cast<unsigned>(colour[2]));
  return text;
}

bool IsDark(const Colour& colour) {
  constexpr double kMiddle = 140;
  return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] < kMiddle;
}

std::string Tics(const char* axis, const std::vector<std::string>& words) {
  std::string tics;
  for (size_t i = 0; i < words.size(); ++i) {
    tics += (i == 0 ? "" : ",") + PlotQuoted(words[i]) + " " + std::to_string(i);
  }
  return std::string("set ") + axis + "tics (" + tics + ") scale 0 nomirror font ',15'\n";
}

std::string Cell(int tag, size_t column, size_t row, const HeatCell& cell, const HeatMap& map, int points) {
  const auto x = static_cast<double>(column);
  const auto y = static_cast<double>(row);
  constexpr double kHalf = 0.48;
  const std::string box = "set object " + std::to_string(tag) + " rect from " + PlotNumber(x - kHalf) + "," +
                          PlotNumber(y - kHalf) + " to " + PlotNumber(x + kHalf) + "," +
                          PlotNumber(y + kHalf);
  const std::string label = "set label " + std::to_string(tag) + " ";
  const std::string place = " at " + PlotNumber(x) + "," + PlotNumber(y) + " center font ',";
  if (!cell.value) {
    return box + " fs solid 1.0 border lc rgb '#CCCCCC' fc rgb '#F4F4F4'\n" + label + "'-'" + place +
           std::to_string(points) + "' textcolor rgb '#888888'\n";
  }
  const double span = map.high - map.low;
  const Colour colour = ColourAt(span > 0 ? (*cell.value - map.low) / span : 0.5);
  const std::string frame =
      cell.is_flagged ? std::string("border lc rgb '") + plot_colour::kRed + "' lw 5" : "noborder";
  return box + " fs solid 1.0 " + frame + " fc rgb '" + Hex(colour) + "'\n" + label +
         PlotQuoted(FourDigits(*cell.value * map.scale) + (cell.is_flagged ? " !" : "")) + place +
         std::to_string(points) + "' textcolor rgb '" + (IsDark(colour) ? "#FFFFFF" : "#222222") + "'\n";
}

}  // namespace

std::string DrawHeatMap(const PlotPage& page, int column, int row, const HeatMap& map) {
  constexpr double kPointPx = 6.0;  // a cell's width in characters of seven, per point of the font
  const double cell_px = page.PanelWidthPx() / static_cast<double>(std::max<size_t>(map.columns.size(), 1));
  const int points = std::clamp(static_cast<int>(cell_px / kPointPx / 1.2), 8, 17);
  std::string text = "reset\n" + page.Place(column, row) + "unset key\nset border 0\nset xrange [-0.5:" +
                     PlotNumber(static_cast<double>(map.columns.size()) - 0.5) + "]\nset yrange [" +
                     PlotNumber(static_cast<double>(map.rows.size()) - 0.5) + ":-0.5]\n" +
                     Tics("x", map.columns) + Tics("y", map.rows) + "set xlabel " + PlotQuoted(map.x_title) +
                     " font ',16' offset 0,0.3\nset ylabel " + PlotQuoted(map.y_title) + " font ',16'\n" +
                     "set title " + PlotQuoted(map.title) + " font 'Sans:Bold,18' offset 0,0.3\n";
  int tag = 1;
  for (size_t r = 0; r < map.rows.size(); ++r) {
    for (size_t c = 0; c < map.columns.size(); ++c) text += Cell(tag++, c, r, map.cells[r][c], map, points);
  }
  // Outside the range: objects and labels are drawn with a plot.
  return text + "plot -10 notitle\n";
}

}  // namespace llmdyno
