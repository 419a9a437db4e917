#include "llmdyno/report/qps_plot.h"

#include <cstdlib>
#include <filesystem>
#include <limits>

#include "made_serving.h"
#include "report/plot_axis.h"
#include "report/plot_text.h"
#include "support/catch.h"
#include "temporary_folder.h"

using namespace llmdyno;

namespace {

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// With another search path for programs, until it goes out of scope.
class PathIs {
 public:
  explicit PathIs(const std::string& path) : before_(std::getenv("PATH")) {
    ::setenv("PATH", path.c_str(), 1);
  }
  ~PathIs() { ::setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

bool HasGnuplot() {
  std::string path = std::getenv("PATH");
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find(':', at), path.size());
    if (std::filesystem::exists(path.substr(at, end - at) + "/gnuplot")) return true;
    at = end + 1;
  }
  return false;
}

ServingReport FiveLevels() {
  ServingReport report = MadeServingReport(
      {MadeLevel({.target = 1, .requests = 10}), MadeLevel({.target = 5}), MadeLevel({.target = 10}),
       MadeLevel({.target = 20, .failed = 2}), MadeLevel({.target = 30, .failed = 30, .slower = 10ms})});
  AddGpuCost(report);
  return report;
}

}  // namespace

TEST_CASE("The plot has the six panels of the reference document", "[report][qps_plot]") {
  const std::string script = QpsPlotScript("out.png", FiveLevels());
  for (const char* title :
       {"'Rates and success'", "'Time to first token'", "'End-to-end latency'", "'Generation speed'",
        "'Cost per million tokens (input + output)'", "'Summary and recommendation'"}) {
    CHECK(Has(script, title));
  }
  CHECK(Has(script, "pngcairo size 2400,1350"));
  CHECK(Has(script, "set output 'out.png'"));
  CHECK(Has(script, "'below 95 % success'"));
  CHECK_FALSE(Has(script, "SIMULATED"));
  CHECK(Has(QpsPlotScript("out.svg", FiveLevels()), "set terminal svg"));
}

TEST_CASE("Without a price the plot shows how many requests were good", "[report][qps_plot]") {
  const auto without = MadeServingReport({MadeLevel({}, Goodput{.ttft = 1s})});
  CHECK(Has(QpsPlotScript("out.png", without), "'Goodput'"));
  CHECK(Has(QpsPlotScript("out.png", MadeServingReport({MadeLevel({})})), "'Successful requests'"));
}

TEST_CASE("The plot's summary says where a queue grew, and how trials of a search went",
          "[report][qps_plot]") {
  ServingReport report = MadeServingReport({MadeLevel({}), WithGrowingQueue(MadeLevel({.target = 80}))});
  const auto words = [&] {
    std::string text;
    for (const PlotTextLine& line : PlotTextLines(report)) text += line.text + "\n";
    return text;
  };
  CHECK(Has(words(), "80.0  PASS"));
  CHECK(Has(words(), "queue grew"));
  CHECK(Has(words(), "Saturation: a queue grew"));
  report.capacity_trials = {{.load = 10, .sustained = true}, {.load = 80, .sustained = false}};
  CHECK_FALSE(Has(words(), "PASS"));
  CHECK(Has(words(), "10.0  held"));
  CHECK(Has(words(), "80.0  broke"));
}

TEST_CASE("A plot of a simulated endpoint says so", "[report][qps_plot]") {
  ServingReport report = FiveLevels();
  report.is_simulated = true;
  CHECK(Has(QpsPlotScript("out.png", report), "'SIMULATED: no real engine was measured'"));
}

TEST_CASE("No text can leave its quotes in a plot script", "[report][qps_plot]") {
  CHECK(PlotQuoted("it's") == "'it''s'");
  CHECK(PlotQuoted("a\nsystem 'x'") == "'a system ''x'''");
}

TEST_CASE("Loads of more than a factor of 20 get a logarithmic axis", "[report][qps_plot]") {
  CHECK_FALSE(LoadAxis({1, 5, 10, 20}).is_log);
  CHECK(LoadAxis({1, 5, 10, 30}).is_log);
  CHECK(LoadAxis({1, 5, 10, 20}).tics == std::vector<double>{1, 5, 10, 20});
  CHECK(LoadAxis({10, 10.1, 20}).tics == std::vector<double>{10, 20});
  const PlotAxis one = LoadAxis({10});
  CHECK((one.low < 10 && one.high > 10));
  const PlotAxis none = LoadAxis({});
  CHECK(none.low < none.high);
  CHECK(AxisFromZero({}, "").high == 1);
  CHECK(AxisFromZero({0, 0}, "").high == 1);
}

TEST_CASE("gnuplot draws every benchmark: of many levels, of one, without a success, without a level",
          "[report][qps_plot]") {
  if (!HasGnuplot()) return;
  TemporaryFolder folder;
  auto at_once = MadeLevel({});
  at_once.target = std::numeric_limits<double>::infinity();
  ServingReport odd_names = FiveLevels();
  odd_names.model = "it's `id` $(id) \"{/Bold x}\" %s \\n ü";
  ServingReport users = MadeServingReport({MadeLevel({})});
  users.load_kind = LoadKind::kUsers;
  const std::vector<ServingReport> reports = {FiveLevels(),
                                              MadeServingReport({MadeLevel({})}),
                                              MadeServingReport({MadeLevel({.failed = 100})}),
                                              MadeServingReport({}),
                                              MadeServingReport({at_once}),
                                              MadeServingReport({LevelReport()}),
                                              odd_names,
                                              users};
  for (size_t i = 0; i < reports.size(); ++i) {
    const std::string path = folder.File("it's plot " + std::to_string(i) + ".png");
    const absl::Status status = WriteQpsPlot(path, reports[i]);
    CAPTURE(i, status.ToString());
    REQUIRE(status.ok());
    const std::string image = ReadAll(path);
    CHECK(image.starts_with("\x89PNG"));
    CHECK(image.size() > 10'000);
    CHECK_FALSE(std::filesystem::exists(path + ".gp"));
  }
}

TEST_CASE("Without gnuplot the script is kept and the sentence says so", "[report][qps_plot]") {
  TemporaryFolder folder;
  const std::string path = folder.File("benchmark_qps.png");
  const PathIs nowhere(folder.File("no-such-folder"));
  const absl::Status status = WriteQpsPlot(path, FiveLevels());
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(Has(std::string(status.message()), "gnuplot was not found"));
  CHECK(Has(std::string(status.message()), path + ".gp"));
  CHECK(ReadAll(path + ".gp") == QpsPlotScript(path, FiveLevels()));
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("A plot that gnuplot cannot write is an error that repeats gnuplot's words", "[report][qps_plot]") {
  if (!HasGnuplot()) return;
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.File("taken.png"));
  const absl::Status status = WriteQpsPlot(folder.File("taken.png"), FiveLevels());
  CAPTURE(status.ToString());
  CHECK_FALSE(status.ok());
  CHECK(Has(std::string(status.message()), "taken.png"));
}
