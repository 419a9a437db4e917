#include "report/sweep_plot_panel.h"

#include "report/plot_panel.h"
#include "report/plot_text.h"

namespace llmdyno {

void PanelData::Draw(const std::string& rows, const std::string& how) {
  if (rows.empty()) return;
  const std::string block = prefix_ + std::to_string(count_++);
  blocks_ += block + " << EOD\n" + rows + "EOD\n";
  DrawFormula(block + " " + how);
}

void PanelData::DrawFormula(const std::string& formula_and_how) {
  command_ += (command_.empty() ? "" : ", \\\n     ") + formula_and_how;
}

std::string PanelData::Command() const {
  return "plot " + (command_.empty() ? "-1 notitle" : command_) + "\n";
}

PlotAxis PanelAxis(std::vector<double> values, const std::string& title, double headroom) {
  for (double& value : values) value *= headroom;
  return AxisFromZero(values, title);
}

std::string KeyTitle(const std::string& title) {
  return title.empty() ? " notitle" : " title " + PlotQuoted(title);
}

std::string NothingToShow() {
  return std::string("set label 9 'nothing to show' at graph 0.5,0.5 center font ',17' textcolor rgb '") +
         plot_colour::kGrey + "'\n";
}

}  // namespace llmdyno
