// The part of sweep_plot_chart.h that draws stacked bars.
#include <algorithm>

#include "report/sweep_plot_chart.h"
#include "report/sweep_plot_panel.h"
#include "report/sweep_text.h"

namespace llmdyno {
namespace {

// A box per bar: its middle, x from to, y from to.
std::string Box(double from, double to, double low, double high) {
  return PlotNumber((from + to) / 2) + " " + PlotNumber((low + high) / 2) + " " + PlotNumber(from) + " " +
         PlotNumber(to) + " " + PlotNumber(low) + " " + PlotNumber(high) + "\n";
}

// Above a bar: its letter and its total, as far as there is room.
std::string WordOf(const std::string& letter, double total, double room_px) {
  const std::string number = FourDigits(total);
  const auto fits = [&](size_t characters) {
    return kPlotCharacterPx * static_cast<double>(characters + 1) <= room_px;
  };
  if (letter.empty()) return fits(number.size()) ? number : "";
  return fits(letter.size() + 1 + number.size()) ? letter + " " + number : letter;
}

// The boxes and words of one stack at all levels, as rows for gnuplot.
struct BarRows {
  std::string lower;
  std::string upper;
  std::string words;
  double highest = 0;
};

// `offset` and `width` are shares of the room of a level, from its middle.
BarRows RowsOf(const BarStack& stack, double scale, double offset, double width, double room_px) {
  constexpr double kGap = 0.04;  // between two bars
  BarRows rows;
  for (size_t i = 0; i < stack.upper.size(); ++i) {
    const auto lower = stack.lower[i];
    const auto upper = stack.upper[i];
    if (!lower && !upper) continue;
    const double from = static_cast<double>(i) + offset + kGap * width;
    const double to = static_cast<double>(i) + offset + (1 - kGap) * width;
    const double middle = lower.value_or(0) * scale;
    const double top = middle + upper.value_or(0) * scale;
    if (lower) rows.lower += Box(from, to, 0, middle);
    if (upper) rows.upper += Box(from, to, middle, top);
    const std::string word = WordOf(stack.letter, top, room_px);
    if (!word.empty()) {
      rows.words += PlotNumber((from + to) / 2) + " " + PlotNumber(top) + " \"" + word + "\"\n";
    }
    rows.highest = std::max(rows.highest, top);
  }
  return rows;
}

}  // namespace

std::string ChartPainter::Draw(int column, int row, const BarChart& chart) const {
  constexpr double kGroup = 0.8;  // of the room of a level
  const double width = kGroup / static_cast<double>(std::max<size_t>(chart.stacks.size(), 1));
  PanelData panel(column, row);
  std::vector<double> tops;
  for (size_t i = 0; i < chart.stacks.size(); ++i) {
    const BarStack& stack = chart.stacks[i];
    const double offset = -kGroup / 2 + width * static_cast<double>(i);
    const BarRows rows = RowsOf(stack, chart.scale, offset, width, RoomPerLevelPx() * width);
    const auto boxes = [&](const std::string& box_rows, const char* fill, const std::string& title) {
      panel.Draw(box_rows, "using 1:2:3:4:5:6 with boxxyerror lc rgb '" + stack.colour + "' fs solid " +
                               fill + " noborder" + KeyTitle(i == 0 ? title : ""));
    };
    boxes(rows.lower, "1.0", chart.lower_title);
    boxes(rows.upper, "0.35", chart.upper_title);
    panel.Draw(rows.words, "using 1:2:3 with labels offset 0,0.6 font ',14' textcolor rgb '#222222' notitle");
    if (!rows.lower.empty() || !rows.upper.empty()) tops.push_back(rows.highest);
  }
  const bool has_key = !chart.lower_title.empty() || !chart.upper_title.empty();
  return panel.blocks() + Head(column, row, chart.title, has_key) + LevelAxis() +
         AxisSettings("y", PanelAxis(tops, chart.y_title, 1.06)) + (tops.empty() ? NothingToShow() : "") +
         panel.Command();
}

}  // namespace llmdyno
