// The page of sweep_plot_layout.h for a grid of shapes, and what pages with grids share.
#include "report/sweep_plot_grid.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "llmdyno/base/number_text.h"
#include "report/sweep_plot_layout.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

using CellValue = MeanStd SweepPlotCell::*;

// The number that a length is, or that is in it: "200", "E(128)".
std::optional<int64_t> NumberIn(std::string_view length) {
  if (length.starts_with("E(") && length.ends_with(")")) length = length.substr(2, length.size() - 3);
  return ParseInteger(length);
}

std::vector<int64_t> Batches(const std::vector<SweepPlotCell>& cells) {
  std::set<int64_t> batches;
  for (const SweepPlotCell& cell : cells) batches.insert(cell.batch_size);
  return {batches.begin(), batches.end()};
}

// Beyond that a page is too tall to be an image.
constexpr size_t kMostBatches = 24;

struct ShapeMetric {
  const char* title;
  CellValue value;
  double scale;
};

std::string ShapeMaps(const SweepPlotRun& run, const PlotPage& page, const std::vector<int64_t>& batches) {
  const std::vector<std::string> rows = SortedWords(run.cells, &SweepPlotCell::row);
  const std::vector<std::string> columns = SortedWords(run.cells, &SweepPlotCell::column);
  const std::array<ShapeMetric, 3> metrics = {
      {{"prefill (ms)", &SweepPlotCell::prefill_s, 1e3},
       {"time per output token (ms)", &SweepPlotCell::tpot_s, 1e3},
       {"output tokens/s over wall time", &SweepPlotCell::tokens_per_second, 1}}};
  std::string script;
  for (size_t b = 0; b < batches.size(); ++b) {
    for (size_t m = 0; m < metrics.size(); ++m) {
      HeatMap map{
          .title = "Batch " + std::to_string(batches[b]) + ": " + metrics[m].title,
          .x_title = "Output tokens",
          .y_title = "Input tokens",
          .columns = columns,
          .rows = rows,
          .cells = std::vector<std::vector<HeatCell>>(rows.size(), std::vector<HeatCell>(columns.size())),
          .scale = metrics[m].scale};
      SetHeatRange(map, run.cells, metrics[m].value);
      for (const SweepPlotCell& cell : run.cells) {
        if (cell.batch_size != batches[b]) continue;
        const auto r = std::find(rows.begin(), rows.end(), cell.row) - rows.begin();
        const auto c = std::find(columns.begin(), columns.end(), cell.column) - columns.begin();
        map.cells[static_cast<size_t>(r)][static_cast<size_t>(c)] = {(cell.*metrics[m].value).mean,
                                                                     cell.has_wrong_lengths};
      }
      script += DrawHeatMap(page, static_cast<int>(m), static_cast<int>(b), map);
    }
  }
  return script;
}

}  // namespace

std::vector<std::string> SortedWords(const std::vector<SweepPlotCell>& cells,
                                     std::string SweepPlotCell::*word) {
  std::vector<std::string> words;
  for (const SweepPlotCell& cell : cells) {
    if (std::find(words.begin(), words.end(), cell.*word) == words.end()) words.push_back(cell.*word);
  }
  std::stable_sort(words.begin(), words.end(), [](const std::string& a, const std::string& b) {
    const auto x = NumberIn(a);
    const auto y = NumberIn(b);
    if (x && y) return *x < *y;
    return x.has_value() && !y.has_value();
  });
  return words;
}

void SetHeatRange(HeatMap& map, const std::vector<SweepPlotCell>& cells, CellValue value) {
  std::vector<double> means;
  for (const SweepPlotCell& cell : cells) {
    if ((cell.*value).mean) means.push_back(*(cell.*value).mean);
  }
  if (means.empty()) return;
  const auto [low, high] = std::minmax_element(means.begin(), means.end());
  constexpr double kLeastSpan = 0.2;
  map.high = *high;
  map.low = std::min(*low, (1 - kLeastSpan) * *high);
}

std::string GridTitle(const SweepPlotRun& run, const std::string& otherwise) {
  constexpr size_t kRoom = 90;
  std::string title = run.description.empty() ? otherwise : run.description;
  if (!run.model.empty()) title += "   |   " + run.model;
  return Shorten(OneLine(title), kRoom);
}

std::string ShapesPage(const SweepPlotRun& run, const std::string& image) {
  std::vector<int64_t> batches = Batches(run.cells);
  PlotPageText text{
      .title = GridTitle(run, "Shapes"),
      .subtitle = run.api_base,
      .footer = {"One colour scale per column of the page, over all batch sizes. Framed, with a "
                 "mark: answers of another length than was asked for."},
      .is_simulated = run.is_simulated};
  if (batches.size() > kMostBatches) {
    text.footer.push_back("The first " + std::to_string(kMostBatches) + " of " +
                          std::to_string(batches.size()) + " batch sizes; all are in the file.");
    batches.resize(kMostBatches);
  }
  const auto rows = static_cast<int>(batches.size());
  const auto lengths = static_cast<int>(SortedWords(run.cells, &SweepPlotCell::row).size());
  const int panel_px = std::clamp(90 * lengths, 280, 700);
  const PlotPage page =
      FitPage({.height_px = 425 + rows * panel_px + (rows - 1) * 210, .columns = 3, .rows = rows}, text);
  return PageScript(image, page, text, ShapeMaps(run, page, batches));
}

}  // namespace llmdyno
