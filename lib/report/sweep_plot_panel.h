// What the charts of sweeps are put together from: data blocks, the plot command that draws them, axes.
#pragma once

#include <string>
#include <vector>

#include "report/plot_axis.h"

namespace llmdyno {

// Width of a character of the labels, about.
inline constexpr double kPlotCharacterPx = 10;

// Rows of numbers with the words by which gnuplot draws them, in the order in which they are drawn.
class PanelData {
 public:
  // Names of blocks are of the panel, for all panels of a page share them.
  PanelData(int column, int row) : prefix_("$p" + std::to_string(row) + std::to_string(column) + "_") {}

  // Nothing is drawn without rows.
  void Draw(const std::string& rows, const std::string& how);
  void DrawFormula(const std::string& formula_and_how);

  const std::string& blocks() const { return blocks_; }
  // Draws nothing, out of sight, when there is nothing to draw: a panel needs a plot.
  std::string Command() const;

 private:
  std::string prefix_;
  int count_ = 0;
  std::string blocks_;
  std::string command_;
};

// From 0, with `headroom` times the largest value.
PlotAxis PanelAxis(std::vector<double> values, const std::string& title, double headroom);

// " title '…'", or " notitle" for none.
std::string KeyTitle(const std::string& title);

// In the middle of a panel that has no number.
std::string NothingToShow();

}  // namespace llmdyno
