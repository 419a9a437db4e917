// The page of sweep_plot_layout.h for an embedding benchmark: curves by load, one per length, and a heat map.
#include <algorithm>
#include <map>
#include <utility>

#include "report/sweep_embedding.h"
#include "report/sweep_plot_grid.h"
#include "report/sweep_plot_layout.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

using CellValue = MeanStd SweepPlotCell::*;

// Ascending, and what the file calls them.
std::map<double, std::string> LoadsOf(const SweepPlotRun& run) {
  std::map<double, std::string> loads;
  for (const SweepPlotCell& cell : run.cells) loads.emplace(cell.load, cell.load_text);
  return loads;
}

bool HasFailures(const SweepPlotCell& cell) { return cell.success_rate_percent.value_or(100) < 100; }

PlotPageText WordsOf(const SweepPlotRun& run, const std::vector<std::string>& lengths) {
  PlotPageText text{.title = GridTitle(run, IsRankingLength(lengths.front()) ? "Ranking" : "Embeddings"),
                    .subtitle = run.api_base,
                    .footer = {(run.num_runs > 0 ? Count(run.num_runs, "run") + " each.   " : "") +
                               "Bands: ±1 standard deviation, not below 0."},
                    .is_simulated = run.is_simulated};
  if (std::any_of(run.cells.begin(), run.cells.end(), HasFailures)) {
    text.footer.emplace_back("Framed, with a mark: not every request succeeded; rates count successes.");
  }
  for (size_t i = 0; i < lengths.size(); ++i) {
    PlotLegendEntry entry = CurveLook(i);
    entry.text = lengths[i];
    text.legend.push_back(entry);
  }
  return text;
}

class EmbeddingPanels {
 public:
  EmbeddingPanels(const SweepPlotRun& run, std::vector<std::string> lengths, const PlotPage& page)
      : run_(run), lengths_(std::move(lengths)), page_(page) {
    for (const auto& [load, word] : LoadsOf(run)) {
      loads_.push_back(load);
      words_.push_back(word);
    }
  }

  std::string Lines(int column, int row, LineChart chart, CellValue value) const {
    for (size_t i = 0; i < lengths_.size(); ++i) {
      const PlotLegendEntry look = CurveLook(i);
      chart.curves.push_back({.title = "",
                              .colour = look.colour,
                              .mark = look.mark,
                              .with_labels = lengths_.size() == 1,
                              .points = Points(lengths_[i], value)});
    }
    return ChartPainter(page_, words_, LevelTitle({run_})).Draw(column, row, chart);
  }

  // How long a steady load lasts was decided beforehand: its requests tell more.
  std::string Times(int column, int row) const {
    const bool is_burst = !run_.is_sustained && !run_.is_open_loop;
    const CellValue value = is_burst ? &SweepPlotCell::batch_s : &SweepPlotCell::request_s;
    std::vector<std::vector<MeanStd>> all;
    for (const std::string& length : lengths_) all.push_back(Points(length, value));
    const TimeAxis axis = TimeAxisFor(all);
    return Lines(column, row,
                 {.title = is_burst ? "Time of a batch" : "Latency of a request",
                  .y_title = axis.title,
                  .scale = axis.scale,
                  .curves = {}},
                 value);
  }

  std::string Heat(int column, int row, const std::string& title) const {
    constexpr size_t kRoom = 7;  // longer words push the axis' title into the next panel
    const bool is_narrow = std::all_of(lengths_.begin(), lengths_.end(),
                                       [](const std::string& length) { return length.size() <= kRoom; });
    HeatMap map{
        .title = title,
        .x_title = LevelTitle({run_}),
        .y_title = is_narrow ? "Length of a text" : "",
        .columns = words_,
        .rows = lengths_,
        .cells = std::vector<std::vector<HeatCell>>(lengths_.size(), std::vector<HeatCell>(words_.size()))};
    SetHeatRange(map, run_.cells, &SweepPlotCell::embeddings_per_second);
    for (const SweepPlotCell& cell : run_.cells) {
      const auto r = std::find(lengths_.begin(), lengths_.end(), cell.row) - lengths_.begin();
      map.cells[static_cast<size_t>(r)][ColumnOf(cell)] = {cell.embeddings_per_second.mean,
                                                           HasFailures(cell)};
    }
    return DrawHeatMap(page_, column, row, map);
  }

 private:
  size_t ColumnOf(const SweepPlotCell& cell) const {
    return static_cast<size_t>(std::lower_bound(loads_.begin(), loads_.end(), cell.load) - loads_.begin());
  }

  std::vector<MeanStd> Points(const std::string& length, CellValue value) const {
    std::vector<MeanStd> points(loads_.size());
    for (const SweepPlotCell& cell : run_.cells) {
      if (cell.row == length) points[ColumnOf(cell)] = cell.*value;
    }
    return points;
  }

  const SweepPlotRun& run_;
  std::vector<std::string> lengths_;
  PlotPage page_;
  std::vector<double> loads_;
  std::vector<std::string> words_;
};

}  // namespace

std::string EmbeddingPage(const SweepPlotRun& run, const std::string& image) {
  const std::vector<std::string> lengths = SortedWords(run.cells, &SweepPlotCell::row);
  const PlotPageText text = WordsOf(run, lengths);
  const PlotPage page = FitPage({}, text);
  const EmbeddingPanels panels(run, lengths, page);
  const bool is_ranking = IsRankingLength(lengths.front());
  const std::string items = std::string(is_ranking ? "Documents" : "Embeddings") + "/s";
  const std::string of = run.is_sustained || run.is_open_loop ? "Run: " : "Batch: ";
  return PageScript(
      image, page, text,
      panels.Lines(0, 0, {.title = of + ItemsName(is_ranking) + "/s", .y_title = items, .curves = {}},
                   &SweepPlotCell::embeddings_per_second) +
          panels.Lines(1, 0, {.title = of + "tokens/s", .y_title = "Tokens/s", .curves = {}},
                       &SweepPlotCell::tokens_per_second) +
          panels.Times(0, 1) + panels.Heat(1, 1, items));
}

}  // namespace llmdyno
