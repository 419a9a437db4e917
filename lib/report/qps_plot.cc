#include "llmdyno/report/qps_plot.h"

#include "report/plot_process.h"

namespace llmdyno {

absl::Status WriteQpsPlot(const std::string& path, const ServingReport& report) {
  return DrawPlot(path, QpsPlotScript(path, report));
}

}  // namespace llmdyno
