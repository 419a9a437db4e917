#include "llmdyno/report/sweep_plot.h"

#include <utility>

#include "llmdyno/base/status_macros.h"
#include "report/plot_process.h"
#include "report/sweep_plot_data.h"
#include "report/sweep_plot_layout.h"

namespace llmdyno {
namespace {

bool IsGrid(SweepPlotKind kind) {
  return kind == SweepPlotKind::kShapes || kind == SweepPlotKind::kEmbedding;
}

const char* NameOf(SweepPlotKind kind) {
  switch (kind) {
    case SweepPlotKind::kCompletion:
      return "a sweep of completions";
    case SweepPlotKind::kSimple:
      return "a simple completion benchmark";
    case SweepPlotKind::kShapes:
      return "a grid of shapes";
    case SweepPlotKind::kEmbedding:
      return "an embedding benchmark";
  }
  return "unknown";
}

absl::StatusOr<std::vector<SweepPlotRun>> ReadAllRuns(const std::vector<std::string>& files) {
  if (files.empty()) return absl::InvalidArgumentError("nothing to plot: no file was named");
  std::vector<SweepPlotRun> runs;
  for (const std::string& file : files) {
    LLMDYNO_ASSIGN_OR_RETURN(std::vector<SweepPlotRun> read, ReadSweepPlotRuns(file));
    for (SweepPlotRun& run : read) runs.push_back(std::move(run));
  }
  return runs;
}

absl::Status CheckComparable(const std::vector<SweepPlotRun>& runs) {
  const SweepPlotRun& first = runs.front();
  for (const SweepPlotRun& run : runs) {
    if (run.kind != first.kind) {
      return absl::InvalidArgumentError("cannot compare '" + first.path + "', " + NameOf(first.kind) +
                                        ", with '" + run.path + "', " + NameOf(run.kind) +
                                        ": plot them one at a time");
    }
  }
  if (IsGrid(first.kind)) {
    return absl::InvalidArgumentError("cannot compare '" + first.path + "' and '" + runs[1].path +
                                      "': heat maps of " + NameOf(first.kind) + " are drawn one at a time");
  }
  return absl::OkStatus();
}

std::string PageOf(const SweepPlotRun& run, const std::string& image, SweepPlotLayout layout) {
  switch (layout) {
    case SweepPlotLayout::kSimple:
      return SimplePage(run, image);
    case SweepPlotLayout::kAdvanced:
      return AdvancedPage(run, image);
    case SweepPlotLayout::kStreaming:
      return StreamingPage(run, image);
  }
  return "";
}

bool HasTimeSeries(const SweepPlotRun& run) {
  for (const SweepPlotLevel& level : run.levels) {
    if (level.time_series) return true;
  }
  return false;
}

std::string PageOf(const SweepPlotRun& run, const std::string& image) {
  if (run.kind == SweepPlotKind::kShapes) return ShapesPage(run, image);
  if (run.kind == SweepPlotKind::kEmbedding) return EmbeddingPage(run, image);
  if (run.kind == SweepPlotKind::kSimple) return SimplePage(run, image);
  if (!run.is_streamed) return UnstreamedPage(run, image);
  return HasTimeSeries(run) ? StreamingPage(run, image) : AdvancedPage(run, image);
}

}  // namespace

absl::StatusOr<SweepPlotLayout> ParseSweepPlotLayout(std::string_view text) {
  if (text == "simple") return SweepPlotLayout::kSimple;
  if (text == "advanced") return SweepPlotLayout::kAdvanced;
  if (text == "streaming") return SweepPlotLayout::kStreaming;
  return absl::InvalidArgumentError("unknown layout '" + std::string(text) +
                                    "': expected simple, advanced or streaming");
}

absl::StatusOr<std::string> SweepPlotScript(const std::vector<std::string>& files, const std::string& image,
                                            std::optional<SweepPlotLayout> layout) {
  if (!image.ends_with(".png") && !image.ends_with(".svg")) {
    return absl::InvalidArgumentError("cannot plot into '" + image +
                                      "': expected a name that ends in .png or .svg");
  }
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<SweepPlotRun> runs, ReadAllRuns(files));
  if (runs.size() > 1) {
    LLMDYNO_RETURN_IF_ERROR(CheckComparable(runs));
    if (layout) {
      return absl::InvalidArgumentError("a layout is for one result, but " + std::to_string(runs.size()) +
                                        " were named, and several are compared");
    }
    return ComparisonPage(runs, image);
  }
  const SweepPlotRun& run = runs.front();
  if (layout && IsGrid(run.kind)) {
    return absl::InvalidArgumentError("'" + run.path + "' is of " + NameOf(run.kind) +
                                      ": it is drawn as a heat map and has no other layout");
  }
  return layout ? PageOf(run, image, *layout) : PageOf(run, image);
}

absl::Status PlotSweepFiles(const std::vector<std::string>& files, const std::string& image,
                            std::optional<SweepPlotLayout> layout) {
  LLMDYNO_ASSIGN_OR_RETURN(const std::string script, SweepPlotScript(files, image, layout));
  return DrawPlot(image, script);
}

}  // namespace llmdyno
