// The pages that sweeps are drawn on, as scripts for gnuplot.
#pragma once

#include <string>
#include <vector>

#include "llmdyno/report/sweep_plot.h"
#include "report/sweep_plot_chart.h"
#include "report/sweep_plot_data.h"

namespace llmdyno {

// One result over its levels; runs of kCompletion and kSimple.
std::string SimplePage(const SweepPlotRun& run, const std::string& image);
std::string AdvancedPage(const SweepPlotRun& run, const std::string& image);
std::string StreamingPage(const SweepPlotRun& run, const std::string& image);
// What was not streamed: throughput and latency.
std::string UnstreamedPage(const SweepPlotRun& run, const std::string& image);

// Several results of one kind over all their levels.
std::string ComparisonPage(const std::vector<SweepPlotRun>& runs, const std::string& image);

// Heat maps.
std::string ShapesPage(const SweepPlotRun& run, const std::string& image);
std::string EmbeddingPage(const SweepPlotRun& run, const std::string& image);

// Shared by the pages.

struct PlotLegendEntry {
  std::string text;
  std::string colour;
  int mark = 7;
};

// The words around the panels, and everything that holds the page together.
struct PlotPageText {
  std::string title;
  std::string subtitle;
  std::vector<std::string> footer;  // lines
  std::vector<PlotLegendEntry> legend = {};
  bool is_simulated = false;
};
// With as much room above and below the panels as the words need.
PlotPage FitPage(PlotPage page, const PlotPageText& text);
std::string PageScript(const std::string& image, const PlotPage& page, const PlotPageText& text,
                       const std::string& panels);

// All levels of the runs, those that are missing included, ascending.
std::vector<int64_t> LevelsOf(const std::vector<SweepPlotRun>& runs);
// "Batch size (requests at once)", "Concurrency (requests in flight)", "Request rate (requests/s)".
std::string LevelTitle(const std::vector<SweepPlotRun>& runs);
ChartPainter PainterOf(const PlotPage& page, const std::vector<SweepPlotRun>& runs);

// One value per level of `levels`, empty where the run has none.
std::vector<MeanStd> PointsOf(const SweepPlotRun& run, const std::vector<int64_t>& levels,
                              MeanStd SweepPlotLevel::*value);

// Milliseconds where all values are below a second.
struct TimeAxis {
  double scale = 1;
  const char* title = "Seconds";
};
TimeAxis TimeAxisFor(const std::vector<std::vector<MeanStd>>& seconds);

// Colour and mark of the how-manieth curve; they repeat after 42.
PlotLegendEntry CurveLook(size_t index);

// What tells runs apart: their LoRA strategy, else their description, else their file; with the file where
// that is not enough.
std::vector<std::string> RunLabels(const std::vector<SweepPlotRun>& runs);

}  // namespace llmdyno
