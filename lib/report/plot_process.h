// Draws plots: gnuplot, fed through a pipe, without a shell.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace llmdyno {

// Runs `script`, which is to write an image to `path`. When it cannot, the script is left as `path` + ".gp",
// and the error says so: FailedPrecondition with a sentence when there is no gnuplot, otherwise what gnuplot
// said.
absl::Status DrawPlot(const std::string& path, const std::string& script);

// How a script begins: the format by the extension of `path`, .svg or else PNG, the size in pixels, and where
// the image goes.
std::string PlotPrologue(const std::string& path, int width_px, int height_px);

}  // namespace llmdyno
