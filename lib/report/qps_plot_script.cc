// The half of qps_plot.h that says what is drawn.
#include <algorithm>

#include "llmdyno/report/qps_plot.h"
#include "report/plot_panel.h"
#include "report/plot_process.h"
#include "report/plot_text.h"
#include "report/serving_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

using namespace plot_colour;

const Distribution& TtftOf(const LevelReport& level) { return level.metrics.all.ttft; }
const Distribution& E2eOf(const LevelReport& level) { return level.metrics.all.e2e; }
const Distribution& SpeedOf(const LevelReport& level) { return level.metrics.request_speed; }

std::string Cross() { return std::string("points pt 2 ps 3 lw 4 lc rgb '") + kRed + "'"; }

std::string RatesPanel(const PlotLevels& levels) {
  std::vector<PlotSeries> series;
  if (levels.report().load_kind == LoadKind::kRate) {
    series.push_back({"target", "lines lw 6 lc rgb '#C8C8C8'",
                      [](const LevelReport& l) { return std::optional(l.target); }});
    series.push_back({"offered", CurveStyle(kOrange, 6, 2.4),
                      [](const LevelReport& l) { return l.metrics.offered_per_second; }});
    series.push_back(
        {"sent", CurveStyle(kBlue, 7, 1.3), [](const LevelReport& l) { return l.metrics.sent_per_second; }});
  }
  series.push_back({"completed", CurveStyle(kGreen, 5, 1.3),
                    [](const LevelReport& l) { return l.metrics.completed_per_second; }});
  series.push_back({"success (right)", CurveStyle(kPurple, 9, 1.6, " dashtype 3"),
                    [](const LevelReport& l) { return l.metrics.all.success_rate_percent; }, true});
  const std::vector<double> rates = levels.Values(series);
  PlotPanel panel{.title = "Rates and success", .y = AxisFromZero(rates, "Requests/s")};
  // Over loads of several orders of magnitude the low ones would lie on the axis.
  if (levels.has_log_loads()) panel.y = AxisForSpread(rates, "Requests/s");
  panel.y2 = PlotAxis{.low = 0, .high = 109, .title = "Success (%)", .tics = {0, 20, 40, 60, 80, 100}};
  panel.extra = Threshold("second", kReliablePercent, "95 % success", true);
  panel.series = std::move(series);
  return levels.Draw(panel);
}

std::string TtftPanel(const PlotLevels& levels) {
  constexpr double kVisible = 0.4;  // below, a line at one second would flatten what there is to see
  PlotPanel panel{.column = 1, .title = "Time to first token", .series = PercentileCurves(TtftOf, 1e-3)};
  panel.y = AxisForSpread(levels.Values(panel.series), "Seconds");
  if (!panel.y.is_log && panel.y.high > kVisible) panel.y.high = std::max(panel.y.high, 1.1);
  if (panel.y.low < 1 && panel.y.high > 1) panel.extra = Threshold("first", 1, "1 s", false);
  return levels.Draw(panel);
}

std::string E2ePanel(const PlotLevels& levels) {
  PlotPanel panel{.column = 2, .title = "End-to-end latency", .series = PercentileCurves(E2eOf, 1e-3)};
  panel.y = AxisForSpread(levels.Values(panel.series), "Seconds");
  return levels.Draw(panel);
}

std::string SpeedPanel(const PlotLevels& levels) {
  PlotPanel panel{.row = 1, .title = "Generation speed", .series = PercentileCurves(SpeedOf, 1)};
  panel.series.push_back({"all (right)", CurveStyle(kPurple, 11, 1.6, " dashtype 3"),
                          [](const LevelReport& l) { return l.metrics.all.output_tokens_per_second; }, true});
  panel.y = AxisFromZero(levels.Values(panel.series), "Output tokens/s of one request");
  panel.y2 = AxisFromZero(levels.Values(panel.series, true), "Output tokens/s of all");
  return levels.Draw(panel);
}

std::string CostPanel(const PlotLevels& levels) {
  const PlotValue price = [](const LevelReport& l) {
    return l.cost ? l.cost->usd_per_million_tokens : std::nullopt;
  };
  PlotPanel panel{.column = 1, .row = 1, .title = "Cost per million tokens (input + output)"};
  panel.series = {{"US dollars per 1M tokens", CurveStyle(kGreen, 7), price},
                  {"below 95 % success", Cross(),
                   [price](const LevelReport& l) { return IsBelowReliable(l) ? price(l) : std::nullopt; }}};
  panel.y = AxisForSpread(levels.Values(panel.series), "US dollars per 1M tokens");
  return levels.Draw(panel);
}

// Without prices: how many requests were worth having.
std::string GoodputPanel(const PlotLevels& levels) {
  const PlotValue good = [](const LevelReport& l) { return l.metrics.good_per_second; };
  const PlotValue successful = [](const LevelReport& l) { return l.metrics.successful_per_second; };
  const bool with_goals = !levels.Values({{"", "", good}}).empty();
  PlotPanel panel{.column = 1, .row = 1, .title = with_goals ? "Goodput" : "Successful requests"};
  panel.series.push_back({"successful", CurveStyle(kBlue, 7), successful});
  if (with_goals) panel.series.push_back({"good", CurveStyle(kGreen, 5), good});
  panel.series.push_back(
      {"SLO missed, a queue grew, or below 95 % success", Cross(), [successful](const LevelReport& l) {
         const bool missed = (l.slo && !l.slo->met) || IsBelowReliable(l) || QueueOf(l).queue_grew;
         return missed ? successful(l) : std::nullopt;
       }});
  panel.y = AxisFromZero(levels.Values(panel.series), "Requests/s");
  return levels.Draw(panel);
}

std::string TextLabel(int tag, const PlotTextLine& line, const std::string& place) {
  std::string font = "Sans,15";
  if (line.kind == PlotTextLine::Kind::kHeading) font = "Sans:Bold,16";
  if (line.kind == PlotTextLine::Kind::kTable) font = "Monospace,14";
  return "set label " + std::to_string(tag) + " " + PlotQuoted(line.text) + " at " + place + " font '" +
         font + "' textcolor rgb '" + line.colour + "'\n";
}

// Also carries what stands above and below all panels: a label belongs to some panel.
std::string TextPanel(const ServingReport& report) {
  std::string text =
      "reset\n" + PlotPlace(2, 1) +
      "unset border\nunset tics\nunset key\nset xrange [0:1]\nset yrange [0:1]\n" +
      PlotPanelTitle("Summary and recommendation") +
      TextLabel(1, {.text = PlotSubtitle(report), .colour = "#555555"}, "screen 0.5,0.935 center") +
      TextLabel(2,
                {.text = "Latencies of successful requests, from the send.  Hollow marks: too few "
                         "requests for that percentile.  Completed: over the whole level, the "
                         "drain included.",
                 .colour = "#555555"},
                "screen 0.5,0.018 center");
  if (report.is_simulated) {
    text +=
        "set label 3 'SIMULATED: no real engine was measured' at screen 0.985,0.972 right font "
        "'Sans:Bold,20' textcolor rgb '" +
        std::string(kRed) + "'\n";
  }
  constexpr double kTop = 1.09;  // shares of the panel's height
  constexpr double kStep = 0.085;
  double at = kTop;
  int tag = 4;
  for (const PlotTextLine& line : PlotTextLines(report)) {
    if (!line.text.empty()) text += TextLabel(tag++, line, "screen 0.690,graph " + Plain(at, 3) + " left");
    at -= line.text.empty() ? kStep / 2 : kStep;
  }
  return text + "plot 2 notitle\n";
}

std::string PageTitle(const ServingReport& report) {
  const size_t room = report.is_simulated ? 30 : 60;
  std::string title = report.title.empty() ? "QPS benchmark" : report.title;
  if (!report.model.empty()) title += "  |  " + Shorten(OneLine(report.model), room);
  return title;
}

}  // namespace

std::string QpsPlotScript(const std::string& path, const ServingReport& report) {
  const PlotLevels levels(report);
  const bool has_cost = std::any_of(report.levels.begin(), report.levels.end(),
                                    [](const LevelReport& level) { return level.cost.has_value(); });
  return PlotPrologue(path, 2400, 1350) + "set multiplot title " + PlotQuoted(PageTitle(report)) +
         " font 'Sans:Bold,24' offset 0,-0.4\n" + RatesPanel(levels) + TtftPanel(levels) + E2ePanel(levels) +
         SpeedPanel(levels) + (has_cost ? CostPanel(levels) : GoodputPanel(levels)) + TextPanel(report) +
         "unset multiplot\nset output\n";
}

}  // namespace llmdyno
