// Plots of sweeps, from their result files: ours, and those of the benchmarks that llmdyno-sweep replaces.
// `llmdyno report` and the sweep call it; blocks until gnuplot is done.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace llmdyno {

// How one result is drawn. Without a choice: a grid of shapes or of texts to embed as a heat map; simple
// results as kSimple; results with a time series as kStreaming; other streamed ones as kAdvanced; what was
// not streamed as two panels, throughput and latency. Several results are compared, one colour each.
enum class SweepPlotLayout {
  kSimple,     // two panels, one above the other: tokens/s of the batch, and of a request
  kAdvanced,   // four: TTFT, decode speed, summed speed, latency as stacked bars
  kStreaming,  // six: TTFT, decode speed, tokens/s over wall time, latency, steady state, time series
};
// "simple", "advanced", "streaming"; the error names them.
absl::StatusOr<SweepPlotLayout> ParseSweepPlotLayout(std::string_view text);

// Draws the results in `files` into `image`, whose name ends in .png or .svg. A file may be a folder: all its
// .json files with a result are read, those that hold one level each as one result. Levels without a value
// are drawn around. Errors are sentences that name the file: one that cannot be read, holds no level or is of
// another program; results that cannot be compared. Without gnuplot FailedPrecondition, and the script is
// left as `image` + ".gp".
absl::Status PlotSweepFiles(const std::vector<std::string>& files, const std::string& image,
                            std::optional<SweepPlotLayout> layout = std::nullopt);

// The numbers of such a plot as text, for standard output. Errors as PlotSweepFiles has them for the files.
absl::StatusOr<std::string> FormatPlottedNumbers(const std::vector<std::string>& files);

// The script that gnuplot is given, data included. Errors are PlotSweepFiles', gnuplot's apart.
absl::StatusOr<std::string> SweepPlotScript(const std::vector<std::string>& files, const std::string& image,
                                            std::optional<SweepPlotLayout> layout = std::nullopt);

}  // namespace llmdyno
