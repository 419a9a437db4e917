#include "report/sweep_plot_layout.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "report/plot_panel.h"
#include "report/plot_process.h"
#include "report/plot_text.h"
#include "report/serving_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr double kFooterLinePx = 34;

std::string ScreenLabel(int tag, const std::string& text, double x, double y_px, int height_px,
                        const std::string& more) {
  return "set label " + std::to_string(tag) + " " + PlotQuoted(text) + " at screen " + Plain(x, 4) + "," +
         Plain(y_px / height_px, 5) + " " + more + "\n";
}

// The legend's entries stand beside one another, in as many columns as their lengths allow.
struct LegendGrid {
  double entry_px = 0;
  size_t columns = 1;
  size_t lines = 0;
};

LegendGrid GridOf(const PlotPageText& text, int width_px) {
  LegendGrid grid;
  if (text.legend.empty()) return grid;
  size_t longest = 1;
  for (const PlotLegendEntry& entry : text.legend) longest = std::max(longest, ScreenWidth(entry.text));
  grid.entry_px = 12.0 * static_cast<double>(longest) + 90;
  grid.columns =
      std::clamp<size_t>(static_cast<size_t>((width_px - 100) / grid.entry_px), 1, text.legend.size());
  grid.lines = (text.legend.size() + grid.columns - 1) / grid.columns;
  return grid;
}

std::string Legend(const PlotPage& page, const PlotPageText& text, int tag, double bottom_px) {
  const LegendGrid grid = GridOf(text, page.width_px);
  const double left = (page.width_px - static_cast<double>(grid.columns) * grid.entry_px) / 2 + 40;
  std::string script;
  for (size_t i = 0; i < text.legend.size(); ++i) {
    const PlotLegendEntry& entry = text.legend[i];
    const double x = (left + static_cast<double>(i % grid.columns) * grid.entry_px) / page.width_px;
    const size_t lines_below = grid.lines - 1 - i / grid.columns;
    script += ScreenLabel(tag++, entry.text, x, bottom_px + kFooterLinePx * static_cast<double>(lines_below),
                          page.height_px,
                          "left point pt " + std::to_string(entry.mark) + " ps 1.8 lc rgb '" + entry.colour +
                              "' offset 1.2,0 font 'Sans,17' textcolor rgb '#222222'");
  }
  return script;
}

}  // namespace

PlotPage FitPage(PlotPage page, const PlotPageText& text) {
  const auto lines = text.footer.size() + GridOf(text, page.width_px).lines;
  const int footer_px = 36 + static_cast<int>(kFooterLinePx * static_cast<double>(lines));
  const int header_px = text.is_simulated ? 160 : 125;
  page.height_px += footer_px - page.footer_px + header_px - page.header_px;
  page.footer_px = footer_px;
  page.header_px = header_px;
  return page;
}

std::string PageScript(const std::string& image, const PlotPage& page, const PlotPageText& text,
                       const std::string& panels) {
  const int height = page.height_px;
  std::string words =
      "reset\nset lmargin at screen 0; set rmargin at screen 0.001; set bmargin at screen 0; set tmargin at "
      "screen 0.001\nunset border\nunset tics\nunset key\nset xrange [0:1]\nset yrange [0:1]\n" +
      ScreenLabel(1, text.title, 0.5, height - 48, height, "center font 'Sans:Bold,24'") +
      ScreenLabel(2, text.subtitle, 0.5, height - 96, height,
                  "center font 'Sans,17' textcolor rgb '#555555'");
  if (text.is_simulated) {
    words += ScreenLabel(3, "SIMULATED: no real engine was measured", 0.5, height - 138, height,
                         std::string("center font 'Sans:Bold,18' textcolor rgb '") + plot_colour::kRed + "'");
  }
  int tag = 4;
  double y_px = 28;
  for (size_t i = text.footer.size(); i-- > 0;) {
    words += ScreenLabel(tag++, text.footer[i], 0.5, y_px, height,
                         "center font 'Sans,16' textcolor rgb '#555555'");
    y_px += kFooterLinePx;
  }
  words += Legend(page, text, tag, y_px + 8);
  return PlotPrologue(image, page.width_px, height) + "set multiplot\n" + panels + words +
         "plot 2 notitle\nunset multiplot\nset output\n";
}

std::vector<int64_t> LevelsOf(const std::vector<SweepPlotRun>& runs) {
  std::set<int64_t> levels;
  for (const SweepPlotRun& run : runs) {
    levels.insert(run.missing.begin(), run.missing.end());
    for (const SweepPlotLevel& level : run.levels) levels.insert(level.in_flight);
  }
  return {levels.begin(), levels.end()};
}

std::string LevelTitle(const std::vector<SweepPlotRun>& runs) {
  if (runs.size() == 1 && runs.front().is_open_loop) return "Request rate (requests/s)";
  const bool any = std::any_of(runs.begin(), runs.end(), [](const auto& run) { return run.is_sustained; });
  const bool all = std::all_of(runs.begin(), runs.end(), [](const auto& run) { return run.is_sustained; });
  if (all) return "Concurrency (requests in flight)";
  return any ? "Batch size or concurrency" : "Batch size (requests at once)";
}

ChartPainter PainterOf(const PlotPage& page, const std::vector<SweepPlotRun>& runs) {
  std::vector<std::string> words;
  for (const int64_t level : LevelsOf(runs)) words.push_back(std::to_string(level));
  return {page, std::move(words), LevelTitle(runs)};
}

std::vector<MeanStd> PointsOf(const SweepPlotRun& run, const std::vector<int64_t>& levels,
                              MeanStd SweepPlotLevel::*value) {
  std::vector<MeanStd> points(levels.size());
  for (const SweepPlotLevel& level : run.levels) {
    const auto at = std::lower_bound(levels.begin(), levels.end(), level.in_flight) - levels.begin();
    points[static_cast<size_t>(at)] = level.*value;
  }
  return points;
}

TimeAxis TimeAxisFor(const std::vector<std::vector<MeanStd>>& seconds) {
  double highest = 0;
  for (const auto& points : seconds) {
    for (const MeanStd& point : points) highest = std::max(highest, point.mean.value_or(0));
  }
  return highest < 1 ? TimeAxis{1e3, "Milliseconds"} : TimeAxis{};
}

PlotLegendEntry CurveLook(size_t index) {
  using namespace plot_colour;
  constexpr std::array kColours = {kBlue, kRed, kGreen, kPurple, kOrange, kSky, kGrey};
  constexpr std::array kMarks = {7, 5, 9, 13, 11, 6};
  return {"", kColours[index % kColours.size()], kMarks[index % kMarks.size()]};
}

std::vector<std::string> RunLabels(const std::vector<SweepPlotRun>& runs) {
  constexpr size_t kRoom = 60;
  std::vector<std::string> labels;
  for (const SweepPlotRun& run : runs) {
    std::string label = run.lora.empty() ? run.description : "LoRA " + run.lora;
    if (label.empty()) label = std::filesystem::path(run.path).stem().string();
    labels.push_back(Shorten(OneLine(label), kRoom));
  }
  std::vector<std::string> unique = labels;
  for (size_t i = 0; i < runs.size(); ++i) {
    const std::string stem = std::filesystem::path(runs[i].path).stem().string();
    if (std::count(labels.begin(), labels.end(), labels[i]) > 1 && labels[i] != stem) {
      unique[i] += " (" + Shorten(OneLine(stem), kRoom) + ")";
    }
  }
  return unique;
}

}  // namespace llmdyno
