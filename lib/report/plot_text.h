// The words on the plot of a QPS benchmark.
#pragma once

#include <string>
#include <vector>

#include "llmdyno/report/serving_report.h"

namespace llmdyno {

struct PlotTextLine {
  enum class Kind { kHeading, kPlain, kTable };
  std::string text;  // empty: half a line of space
  Kind kind = Kind::kPlain;
  std::string colour = "#222222";
};

// The panel of summary and recommendation, from the top: about 70 columns, at most 17 lines.
std::vector<PlotTextLine> PlotTextLines(const ServingReport& report);

// Above the panels: where, what, when.
std::string PlotSubtitle(const ServingReport& report);

// A text for gnuplot, which runs nothing that stands between single quotes.
std::string PlotQuoted(const std::string& text);

}  // namespace llmdyno
