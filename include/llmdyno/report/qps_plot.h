// benchmark_qps.png: six panels, drawn by gnuplot. The QPS benchmark calls it at its end; blocks until
// gnuplot is done.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "llmdyno/report/serving_report.h"

namespace llmdyno {

// Feeds gnuplot through a pipe, without a shell. FailedPrecondition with a sentence when there is no gnuplot;
// then `path` + ".gp" and the data are left beside it, so that the plot can be made elsewhere. The format
// follows the extension: .png or .svg.
absl::Status WriteQpsPlot(const std::string& path, const ServingReport& report);

// The script that gnuplot is given, data included.
std::string QpsPlotScript(const std::string& path, const ServingReport& report);

}  // namespace llmdyno
