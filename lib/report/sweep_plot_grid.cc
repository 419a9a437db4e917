// The pages of sweep_plot_layout.h that show grids.
#include <algorithm>
#include <array>
#include <set>

#include "llmdyno/base/number_text.h"
#include "report/sweep_plot_heat.h"
#include "report/sweep_plot_layout.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

using CellValue = MeanStd SweepPlotCell::*;

// Numbers by size, words in their order behind them.
std::vector<std::string> Sorted(const std::vector<SweepPlotCell>& cells, std::string SweepPlotCell::*word) {
  std::vector<std::string> words;
  for (const SweepPlotCell& cell : cells) {
    if (std::find(words.begin(), words.end(), cell.*word) == words.end()) words.push_back(cell.*word);
  }
  std::stable_sort(words.begin(), words.end(), [](const std::string& a, const std::string& b) {
    const auto x = ParseInteger(a);
    const auto y = ParseInteger(b);
    if (x && y) return *x < *y;
    return x.has_value() && !y.has_value();
  });
  return words;
}

std::vector<int64_t> Batches(const std::vector<SweepPlotCell>& cells) {
  std::set<int64_t> batches;
  for (const SweepPlotCell& cell : cells) batches.insert(cell.batch_size);
  return {batches.begin(), batches.end()};
}

void SetRange(HeatMap& map, const std::vector<SweepPlotCell>& cells, CellValue value) {
  std::vector<double> means;
  for (const SweepPlotCell& cell : cells) {
    if ((cell.*value).mean) means.push_back(*(cell.*value).mean);
  }
  if (means.empty()) return;
  const auto [low, high] = std::minmax_element(means.begin(), means.end());
  // Noise is not to look like a trend.
  constexpr double kLeastSpan = 0.2;
  map.high = *high;
  map.low = std::min(*low, (1 - kLeastSpan) * *high);
}

std::string TitleOf(const SweepPlotRun& run, const std::string& otherwise) {
  constexpr size_t kRoom = 90;
  std::string title = run.description.empty() ? otherwise : run.description;
  if (!run.model.empty()) title += "   |   " + run.model;
  return Shorten(OneLine(title), kRoom);
}

// Beyond that a page is too tall to be an image.
constexpr size_t kMostBatches = 24;

struct ShapeMetric {
  const char* title;
  CellValue value;
  double scale;
};

std::string ShapeMaps(const SweepPlotRun& run, const PlotPage& page, const std::vector<int64_t>& batches) {
  const std::vector<std::string> rows = Sorted(run.cells, &SweepPlotCell::row);
  const std::vector<std::string> columns = Sorted(run.cells, &SweepPlotCell::column);
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
      SetRange(map, run.cells, metrics[m].value);
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

PlotPageText EmbeddingWords(const SweepPlotRun& run, const std::vector<std::string>& lengths) {
  PlotPageText text{.title = TitleOf(run, "Embeddings"),
                    .subtitle = run.api_base,
                    .footer = {(run.num_runs > 0 ? Count(run.num_runs, "run") + " each.   " : "") +
                               "Bands: ±1 standard deviation, not below 0."},
                    .is_simulated = run.is_simulated};
  for (size_t i = 0; i < lengths.size(); ++i) {
    PlotLegendEntry entry = CurveLook(i);
    entry.text = lengths[i];
    text.legend.push_back(entry);
  }
  return text;
}

}  // namespace

std::string ShapesPage(const SweepPlotRun& run, const std::string& image) {
  std::vector<int64_t> batches = Batches(run.cells);
  PlotPageText text{
      .title = TitleOf(run, "Shapes"),
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
  const auto lengths = static_cast<int>(Sorted(run.cells, &SweepPlotCell::row).size());
  const int panel_px = std::clamp(90 * lengths, 280, 700);
  const PlotPage page =
      FitPage({.height_px = 425 + rows * panel_px + (rows - 1) * 210, .columns = 3, .rows = rows}, text);
  return PageScript(image, page, text, ShapeMaps(run, page, batches));
}

std::string EmbeddingPage(const SweepPlotRun& run, const std::string& image) {
  const std::vector<int64_t> batches = Batches(run.cells);
  const std::vector<std::string> lengths = Sorted(run.cells, &SweepPlotCell::row);
  const PlotPageText text = EmbeddingWords(run, lengths);
  const PlotPage page = FitPage({}, text);
  std::vector<std::string> words;
  for (const int64_t batch : batches) words.push_back(std::to_string(batch));
  const ChartPainter painter(page, words, "Batch size (requests at once)");
  const auto lines = [&](int column, int row, LineChart chart, CellValue value) {
    for (size_t i = 0; i < lengths.size(); ++i) {
      const PlotLegendEntry look = CurveLook(i);
      ChartCurve curve{.title = "",
                       .colour = look.colour,
                       .mark = look.mark,
                       .with_labels = lengths.size() == 1,
                       .points = std::vector<MeanStd>(batches.size())};
      for (const SweepPlotCell& cell : run.cells) {
        const auto at = std::find(batches.begin(), batches.end(), cell.batch_size) - batches.begin();
        if (cell.row == lengths[i]) curve.points[static_cast<size_t>(at)] = cell.*value;
      }
      chart.curves.push_back(std::move(curve));
    }
    return painter.Draw(column, row, chart);
  };
  HeatMap map{
      .title = "Embeddings/s",
      .x_title = "Batch size (requests at once)",
      .y_title = "Length of a text",
      .columns = words,
      .rows = lengths,
      .cells = std::vector<std::vector<HeatCell>>(lengths.size(), std::vector<HeatCell>(words.size()))};
  SetRange(map, run.cells, &SweepPlotCell::embeddings_per_second);
  for (const SweepPlotCell& cell : run.cells) {
    const auto r = std::find(lengths.begin(), lengths.end(), cell.row) - lengths.begin();
    const auto c = std::find(batches.begin(), batches.end(), cell.batch_size) - batches.begin();
    map.cells[static_cast<size_t>(r)][static_cast<size_t>(c)].value = cell.embeddings_per_second.mean;
  }
  return PageScript(
      image, page, text,
      lines(0, 0, {.title = "Batch: embeddings/s", .y_title = "Embeddings/s", .curves = {}},
            &SweepPlotCell::embeddings_per_second) +
          lines(1, 0, {.title = "Batch: tokens/s", .y_title = "Tokens/s", .curves = {}},
                &SweepPlotCell::tokens_per_second) +
          lines(0, 1, {.title = "Time of a batch", .y_title = "Milliseconds", .scale = 1e3, .curves = {}},
                &SweepPlotCell::batch_s) +
          DrawHeatMap(page, 1, 1, map));
}

}  // namespace llmdyno
