#include "llmdyno/report/sweep_plot.h"

#include <cstdlib>
#include <filesystem>

#include "llmdyno/report/sweep_json.h"
#include "made_embedding.h"
#include "report/sweep_plot_chart.h"
#include "report/sweep_plot_data.h"
#include "report/sweep_plot_layout.h"
#include "support/catch.h"
#include "temporary_folder.h"

using namespace llmdyno;

namespace {

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

size_t CountOf(const std::string& text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string ScriptOf(const std::vector<std::string>& files,
                     std::optional<SweepPlotLayout> layout = std::nullopt) {
  const auto script = SweepPlotScript(files, "out.png", layout);
  INFO(script.status().ToString());
  REQUIRE(script.ok());
  return *script;
}

std::string Problem(const std::vector<std::string>& files, const std::string& image = "out.png",
                    std::optional<SweepPlotLayout> layout = std::nullopt) {
  const auto script = SweepPlotScript(files, image, layout);
  REQUIRE_FALSE(script.ok());
  return std::string(script.status().message());
}

bool HasGnuplot() { return std::system("command -v gnuplot >/dev/null 2>&1") == 0; }

std::string Leaf(double mean, double std) {
  return R"({"mean":)" + std::to_string(mean) + R"(,"std":)" + std::to_string(std) + "}";
}

// As the older tools wrote them.
std::string OldSimpleEntry(double batch, double request) {
  return R"({"throughput":{"batch_tokens_per_second":)" + Leaf(batch, 5) +
         R"(,"request_tokens_per_second":)" + Leaf(request, 2) + "}}";
}
std::string OldAdvancedEntry(double ttft, double combined) {
  return R"({"prefill_metrics":{"ttft":)" + Leaf(ttft, 0.01) + R"(},"decode_metrics":{"output_throughput":)" +
         Leaf(50, 4) + R"(,"decode_time":)" + Leaf(0.5, 0.1) +
         R"(},"batch_metrics":{"combined_throughput":)" + Leaf(combined, 9) +
         R"(},"reliability":{"success_rate":100.0}})";
}
std::string LevelFile(int level, const std::string& model) {
  return R"({"metadata":{"model":")" + model + R"(","scenario":"some","batch_sizes":[1,2,4],)" +
         R"("bucket_size_seconds":0.05},"sweep_value":)" + std::to_string(level) +
         R"(,"result":{"prefill_metrics":{"ttft":)" + Leaf(0.03 * level, 0.01) + R"(,"ttfo":)" +
         Leaf(0.09 * level, 0.01) + R"(},"decode_metrics":{"output_throughput":)" + Leaf(50, 4) +
         R"(,"decode_time":)" + Leaf(0.5, 0.1) + R"(},"batch_metrics":{"e2e_tps":)" + Leaf(40.0 * level, 1) +
         R"(},"reliability":{"total_requests":10,"successful":9,"failed":1},"phased_metrics":)" +
         R"({"steady_state_tps":{"median":123.0,"median_std":4.0},"time_series":)" +
         R"({"output_tokens_per_bucket":[0,3,4,0,5],"active_requests_per_bucket":[0,1,1,1,1]}}}})";
}

class Files {
 public:
  std::string Write(const std::string& name, const SweepReport& report) {
    return folder_.Write(name, SweepResultsJson(report));
  }
  std::string Write(const std::string& name, const std::string& text) { return folder_.Write(name, text); }
  std::string File(const std::string& name) { return folder_.File(name); }
  const std::string& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace

// E01, B13
TEST_CASE("Simple results get two panels with bands and labels", "[report][sweep_plot]") {
  Files files;
  const std::string script = ScriptOf({files.Write("simple.json", MadeSweepOf(4, SweepKind::kSimple))});
  CHECK(CountOf(script, "\nset title ") == 2);
  CHECK(Has(script, "'Batch: output tokens/s over wall time'"));
  CHECK(Has(script, "'One request: output tokens/s'"));
  CHECK(CountOf(script, "filledcurves") == 2);
  CHECK(Has(script, " ± "));
  CHECK(Has(script, "'Some GPU'"));
}

TEST_CASE("Files of the older simple benchmark can be plotted, the oldest flat ones as well",
          "[report][sweep_plot]") {
  Files files;
  const std::string old =
      files.Write("old.json", R"({"metadata":{"batch_sizes":[1,2],"description":"Old"},"results":{"1":)" +
                                  OldSimpleEntry(100, 90) + R"(,"2":)" + OldSimpleEntry(180, 85) + "}}");
  CHECK(Has(ScriptOf({old}), "\n1 180 175 185\n"));
  const std::string flat = files.Write(
      "flat.json", R"({"metadata":{"batch_sizes":[1]},"results":{"1":{"tokens_per_second_in_batch":70.5,)"
                   R"("avg_tokens_per_second":60}}})");
  const std::string script = ScriptOf({flat});
  CHECK(Has(script, "\n0 70.5 70.5 70.5\n"));
  CHECK(Has(script, "\n0 60 60 60\n"));
}

// E02
TEST_CASE("Advanced results get four panels and a footer with averages", "[report][sweep_plot]") {
  Files files;
  const std::string old =
      files.Write("old.json",
                  R"({"metadata":{"batch_sizes":[1,2],"description":"Old","model":"m","scenario":"lengths"
}
, "results" : {"1":)" +
                      OldAdvancedEntry(0.1, 50) + R"(,"2":)" + OldAdvancedEntry(0.3, 95) + "}}");
  const std::string script = ScriptOf({old});
  for (const char* title : {"'Time to first token'", "'Decode throughput per request'",
                            "'Throughput of the batch'", "'Latency of a request'"}) {
    CHECK(Has(script, title));
  }
  CHECK(CountOf(script, "\nset title ") == 4);
  // (0.1 + 0.3) / 2; the larger of 50 and 95.
  CHECK(Has(script,
            "Average TTFT 0.200 s   |   average decode speed 50.00 tokens/s   |   best sum of decode "
            "speeds 95.00 tokens/s   |   average success 100.0 %"));
  CHECK(Has(script, "lengths"));
  CHECK(Has(script, "boxxyerror"));
  CHECK(Has(script, "\"800.0\""));  // 0.3 s + 0.5 s, the total above the bar, in milliseconds
}

// E06
TEST_CASE("Results with a time series get six panels, those that were not streamed two",
          "[report][sweep_plot]") {
  Files files;
  const std::string streamed = ScriptOf({files.Write("streamed.json", MadeSweepOf(3))});
  CHECK(CountOf(streamed, "\nset title ") == 6);
  CHECK(Has(streamed, "'Steady state'"));
  CHECK(Has(streamed, "'Tokens over time, last run of 4'"));
  CHECK(Has(streamed, "median in steady state: "));
  CHECK_FALSE(Has(streamed, "TTFO"));
  std::vector<SweepLevelReport> levels;
  for (const int64_t size : {1, 2})
    levels.push_back(MadeSweepLevelReport({.in_flight = size, .is_streamed = false}));
  const std::string whole = files.Write("whole.json", MadeSweep(std::move(levels)));
  CHECK(CountOf(ScriptOf({whole}), "\nset title ") == 2);
}

TEST_CASE("A layout can be asked for", "[report][sweep_plot]") {
  Files files;
  const std::string file = files.Write("sweep.json", MadeSweepOf(3));
  CHECK(CountOf(ScriptOf({file}, SweepPlotLayout::kSimple), "\nset title ") == 2);
  CHECK(CountOf(ScriptOf({file}, SweepPlotLayout::kAdvanced), "\nset title ") == 4);
  CHECK(CountOf(ScriptOf({file}, SweepPlotLayout::kStreaming), "\nset title ") == 6);
  CHECK(ParseSweepPlotLayout("advanced").value() == SweepPlotLayout::kAdvanced);
  CHECK(Has(std::string(ParseSweepPlotLayout("fancy").status().message()), "simple, advanced or streaming"));
}

TEST_CASE("A folder with a file for each level is one result", "[report][sweep_plot]") {
  Files files;
  files.Write("1.json", LevelFile(1, "m"));
  files.Write("10.json", LevelFile(10, "m"));
  files.Write("2.json", LevelFile(2, "m"));
  files.Write("notes.json", "{}");
  files.Write("readme.txt", "no JSON");
  const auto runs = ReadSweepPlotRuns(files.path());
  REQUIRE(runs.ok());
  REQUIRE(runs->size() == 1);
  const SweepPlotRun& run = runs->front();
  REQUIRE(run.levels.size() == 3);
  CHECK(run.levels[2].in_flight == 10);
  CHECK(run.levels[1].tokens_per_second.mean == 80.0);
  CHECK(run.levels[1].steady.mean == 123.0);
  CHECK(run.levels[1].success_rate_percent == 90.0);
  CHECK(run.levels[1].time_series->bucket_s == 0.05);
  CHECK(run.missing == std::vector<int64_t>{4});
  CHECK(run.notes.empty());
  const std::string script = ScriptOf({files.path()});
  CHECK(CountOf(script, "\nset title ") == 6);
  CHECK(Has(script, "first text of the answer (TTFO)"));
  CHECK(Has(script, "No result: 4"));
  files.Write("5.json", LevelFile(5, "other"));
  const auto mixed = FormatPlottedNumbers({files.path()});
  REQUIRE(mixed.ok());
  CHECK(Has(*mixed, "WARNING"));
  CHECK(Has(*mixed, "files of two"));
}

// E03, C40
TEST_CASE("Several results are compared, one colour each, told apart by adapters, description or file",
          "[report][sweep_plot]") {
  Files files;
  SweepReport adapters = MadeSweepOf(4);
  adapters.lora = SweepReport::Lora{"all-unique", {"a", "b"}, 0, 1};
  SweepReport nameless = MadeSweepOf(2);
  nameless.description.clear();
  const std::vector<std::string> names = {files.Write("base.json", MadeSweepOf(3)),
                                          files.Write("lora.json", adapters),
                                          files.Write("nameless.json", nameless)};
  const std::string script = ScriptOf(names);
  CHECK(CountOf(script, "\nset title ") == 4);
  CHECK(Has(script, "'A  Some GPU'"));
  CHECK(Has(script, "'B  LoRA all-unique, 2 adapters'"));
  CHECK(Has(script, "'C  nameless'"));
  CHECK(Has(script, " \"A"));
  CHECK(Has(script, " \"C"));
  // The levels of all, though not all have them.
  CHECK(Has(script, "set xtics ('1' 0,'2' 1,'4' 2,'8' 3)"));
  const auto twice = ReadSweepPlotRuns(names[0]);
  REQUIRE(twice.ok());
  CHECK(RunLabels({twice->front(), twice->front()})[0] == "Some GPU (base)");
}

TEST_CASE("Simple results are compared in two panels", "[report][sweep_plot]") {
  Files files;
  const std::string script = ScriptOf({files.Write("a.json", MadeSweepOf(3, SweepKind::kSimple)),
                                       files.Write("b.json", MadeSweepOf(2, SweepKind::kSimple))});
  CHECK(CountOf(script, "\nset title ") == 2);
  CHECK(Has(script, "'A  Some GPU (a)'"));
}

TEST_CASE("A grid of shapes is a heat map with the value in each cell, wrong lengths framed",
          "[report][sweep_plot]") {
  Files files;
  SweepReport report = MadeShapes({128, 512}, {32}, {1, 8});
  report.levels[0].metrics.output_lengths->shorter = 1;
  report.levels.pop_back();
  const std::string script = ScriptOf({files.Write("shapes.json", report)});
  CHECK(CountOf(script, "\nset title ") == 6);  // two batch sizes by three metrics
  CHECK(Has(script, "'Batch 8: prefill (ms)'"));
  CHECK(Has(script, "'22.80 !'"));
  CHECK(Has(script, "border lc rgb '#D55E00' lw 5"));
  CHECK(CountOf(script, " '-' at ") == 3);  // the cell that is missing
}

// E04
TEST_CASE("Embedding results get three panels of lines and a heat map", "[report][sweep_plot]") {
  Files files;
  const auto entry = [](double rate) {
    return R"({"timings":{"batch_total_seconds":)" + Leaf(0.2, 0.01) +
           R"(},"throughput":{"batch_embeddings_per_second":)" + Leaf(rate, 1) +
           R"(,"batch_tokens_per_second":)" + Leaf(rate * 10, 10) + "}}";
  };
  const std::string file = files.Write(
      "embedding.json", R"({"metadata":{"model":"e","batch_sizes":[1,8]},"results":{"batch_8_seq_short":)" +
                            entry(80) + R"(,"batch_1_seq_short":)" + entry(11) + R"(,"batch_1_seq_200":)" +
                            entry(7) + "}}");
  const std::string script = ScriptOf({file});
  CHECK(CountOf(script, "\nset title ") == 4);
  CHECK(Has(script, "'Embeddings/s'"));
  CHECK(Has(script, "set ytics ('200' 0,'short' 1)"));
  CHECK(Has(*FormatPlottedNumbers({file}), "11.0 ± 1.0"));
}

TEST_CASE("Our embedding files are drawn by their load, with failures framed", "[report][sweep_plot]") {
  Files files;
  SweepReport report = MadeEmbeddingOf({1, 4, 8}, {"short", "E(128)", "E(16)"});
  report.levels[0] =
      MadeEmbeddingLevelReport({.load = "batch_1", .in_flight = 1, .length = "short", .failed = 3});
  report.levels[4] =
      MadeEmbeddingLevelReport({.load = "batch_4", .in_flight = 4, .length = "E(128)", .failed = 1});
  report.levels.pop_back();
  const std::string script = ScriptOf({files.Write("embedding.json", report)});
  CHECK(CountOf(script, "\nset title ") == 4);
  CHECK(Has(script, "set ytics ('E(16)' 0,'E(128)' 1,'short' 2)"));
  CHECK(CountOf(script, " '-' at ") == 2);  // one failed, one was not measured
  CHECK(Has(script, "not every request succeeded"));
  CHECK(Has(script, "Batch size (requests at once)"));
  CHECK(Has(script, "'Milliseconds'"));
  const std::string rates = files.Write("rates.json", MadeEmbeddingRates({"20", "2.5"}, {"R(128,16)"}));
  const std::string by_rate = ScriptOf({rates});
  CHECK(Has(by_rate, "Request rate (requests/s)"));
  CHECK(Has(by_rate, "set xtics ('2.5' 0,'20' 1)"));
  CHECK(Has(by_rate, "'Documents/s'"));
  CHECK(Has(by_rate, "'Latency of a request'"));
  CHECK(Has(*FormatPlottedNumbers({rates}), "documents/s"));
  SweepReport sustained =
      MadeEmbedding({MadeEmbeddingLevelReport({.load = "concurrency_8"})}, {8}, {"short"});
  sustained.is_sustained = true;
  CHECK(Has(ScriptOf({files.Write("sustained.json", sustained)}), "Concurrency (requests in flight)"));
}

// E05
TEST_CASE("A level without an entry or without a value is drawn around", "[report][sweep_plot]") {
  Files files;
  const std::string old = files.Write(
      "old.json", R"({"metadata":{"batch_sizes":[1,2,4,8,16]},"results":{"1":)" + OldAdvancedEntry(0.1, 50) +
                      R"(,"2":null,"8":)" + OldAdvancedEntry(0.3, 95) +
                      R"(,"16":{"prefill_metrics":{"ttft":{"mean":null,"std":null}}}}})");
  const auto runs = ReadSweepPlotRuns(old);
  REQUIRE(runs.ok());
  CHECK(runs->front().missing == std::vector<int64_t>{2, 4});
  CHECK(runs->front().levels.size() == 3);
  const std::string script = ScriptOf({old});
  CHECK(Has(script, "set xtics ('1' 0,'2' 1,'4' 2,'8' 3,'16' 4)"));
  CHECK(Has(script, "\n1 ? ? ?\n2 ? ? ?\n"));
  CHECK(Has(script, "No result: 2, 4"));
  SweepReport failed = MadeSweepOf(3);
  failed.levels[1] = MadeSweepLevelReport({.in_flight = 2, .failed = 6});
  CHECK(Has(ScriptOf({files.Write("failed.json", failed)}), "\n1 ? ? ?\n"));
}

TEST_CASE("What cannot be plotted is refused with a sentence that names the file", "[report][sweep_plot]") {
  Files files;
  const std::string sweep = files.Write("sweep.json", MadeSweepOf(2));
  const std::string shapes = files.Write("shapes.json", MadeShapes({1, 2}, {3}, {1}));
  CHECK(Has(Problem({files.File("absent.json")}), "absent.json"));
  CHECK(Has(Problem({files.Write("text.json", "no json")}), "text.json' is no JSON"));
  CHECK(Has(Problem({files.Write("other.json", "{}")}), "holds no benchmark results"));
  CHECK(Has(Problem({files.Write("empty.json", MadeSweep({}))}), "holds no level with a result"));
  CHECK(Has(Problem({files.Write("qps.json", R"([{"qps_target":1.0}])")}), "QPS benchmark"));
  CHECK(Has(Problem({files.Write("meta.json", R"({"qps_levels":[1]})")}), "QPS benchmark"));
  CHECK(Has(Problem({files.Write("race.json", R"({"format":"llmdyno-summary"})")}), "summary of a race"));
  CHECK(Has(Problem({files.Write("vllm.json", R"({"request_throughput":3.1})")}), "serving benchmark"));
  CHECK(Has(Problem({sweep}, "out.pdf"), ".png or .svg"));
  CHECK(Has(Problem({sweep, shapes}), "cannot compare"));
  CHECK(Has(Problem({shapes, shapes}), "one at a time"));
  CHECK(Has(Problem({sweep, sweep}, "out.png", SweepPlotLayout::kSimple), "a layout is for one result"));
  CHECK(Has(Problem({shapes}, "out.png", SweepPlotLayout::kSimple), "heat map"));
  CHECK(Has(Problem({}), "no file"));
  TemporaryFolder nothing;
  CHECK(Has(Problem({nothing.path()}), "is a folder without"));
}

TEST_CASE("The plotted numbers can be read as text", "[report][sweep_plot]") {
  Files files;
  SweepReport report = MadeSweepOf(2);
  report.is_simulated = true;
  const auto text = FormatPlottedNumbers({files.Write("sweep.json", report)});
  REQUIRE(text.ok());
  INFO(*text);
  CHECK(Has(*text, "SIMULATED"));
  CHECK(Has(*text, "TTFT ms"));
  CHECK(Has(*text, "tok/s over wall time"));
  CHECK(Has(*text, "30.0 ± 0.0"));
  CHECK(Has(ScriptOf({files.File("sweep.json")}), "SIMULATED"));
}

TEST_CASE("Bands end at zero, and labels are thinned when levels are many", "[report][sweep_plot]") {
  Files files;
  std::string entries;
  for (int i = 1; i <= 60; ++i) {
    entries += (i == 1 ? "\"" : ",\"") + std::to_string(i) + "\":" + OldSimpleEntry(3 + i, 1.5);
  }
  const std::string file = files.Write("dense.json", R"({"metadata":{},"results":{)" + entries + "}}");
  const std::string script = ScriptOf({file});
  CHECK(Has(script, "\n0 4 0 9\n"));      // 4 ± 5
  CHECK(Has(script, "\n0 1.5 0 3.5\n"));  // 1.5 ± 2
  CHECK_FALSE(Has(script, " ± "));        // no room for both
  CHECK(CountOf(script, "\"1.500\"") < 60);
  CHECK(CountOf(script, "\"1.500\"") > 5);
}

TEST_CASE("Long series are merged by their means and silence at the end is cut", "[report][sweep_plot]") {
  std::vector<double> values(3001, 2.0);
  values[0] = 8;
  CHECK(MergeToAtMost(values, 1500) == 3);
  CHECK(values.size() == 1001);
  CHECK(values[0] == 4.0);  // (8 + 2 + 2) / 3
  std::vector<double> few = {1, 2};
  CHECK(MergeToAtMost(few, 1500) == 1);
  CHECK(few.size() == 2);
  std::vector<double> silent(100, 1.0);
  silent[50] = 0;
  silent.resize(200, 0.0);
  TrimTrailingSilence(silent, 0.05);
  CHECK(silent.size() == 105);
  std::vector<double> nothing(10, 0.0);
  TrimTrailingSilence(nothing, 0.05);
  CHECK(nothing.size() == 10);
}

TEST_CASE("gnuplot draws every layout, of one level, of many, and without a single number",
          "[report][sweep_plot]") {
  if (!HasGnuplot()) return;
  Files files;
  SweepReport odd_names = MadeSweepOf(3);
  odd_names.description = "it's `id` $(id) \"{/Bold x}\" %s \\n ü";
  odd_names.model = "x'; system 'touch /tmp/x";
  SweepReport failed = MadeSweep({MadeSweepLevelReport({.in_flight = 1, .failed = 3})});
  SweepReport failed_simple = failed;
  failed_simple.kind = SweepKind::kSimple;
  SweepReport failed_shapes = MadeShapes({8}, {8}, {1});
  failed_shapes.levels[0].metrics = {};
  const std::vector<SweepReport> reports = {
      MadeSweepOf(1),
      MadeSweepOf(9),
      MadeSweepOf(5, SweepKind::kSimple),
      failed,
      failed_simple,
      odd_names,
      MadeShapes({128, 512, 2048}, {32, 256}, {1, 8}),
      MadeShapes({1}, {1}, {1}),
      failed_shapes,
      MadeEmbeddingOf({1, 8, 64}, {"short", "200", "E(128)"}),
      MadeEmbeddingRates({"0.5"}, {"R(128,16)"}),
      MadeEmbedding({MadeEmbeddingLevelReport({.failed = 24})}, {8}, {"short"})};
  std::vector<std::vector<std::string>> plots;
  for (size_t i = 0; i < reports.size(); ++i) {
    plots.push_back({files.Write("sweep " + std::to_string(i) + ".json", reports[i])});
  }
  plots.push_back({plots[0][0], plots[1][0], plots[3][0], plots[5][0]});
  plots.push_back({plots[2][0], plots[4][0]});
  for (size_t i = 0; i < plots.size(); ++i) {
    const std::string image = files.File("it's plot " + std::to_string(i) + (i % 4 == 1 ? ".svg" : ".png"));
    const absl::Status status = PlotSweepFiles(plots[i], image);
    CAPTURE(i, status.ToString());
    REQUIRE(status.ok());
    const std::string drawn = ReadAll(image);
    CHECK((drawn.starts_with("\x89PNG") || drawn.starts_with("<?xml")));
    CHECK(drawn.size() > 5'000);
    CHECK_FALSE(Has(drawn, "\"Sans"));  // an SVG is for any machine
    CHECK_FALSE(std::filesystem::exists(image + ".gp"));
  }
  CHECK_FALSE(std::filesystem::exists("/tmp/x"));
}

TEST_CASE("Without gnuplot the script of a sweep's plot is kept and the sentence says so",
          "[report][sweep_plot]") {
  Files files;
  const std::string file = files.Write("sweep.json", MadeSweepOf(2));
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", files.File("no-such-folder").c_str(), 1);
  const absl::Status status = PlotSweepFiles({file}, files.File("out.png"));
  ::setenv("PATH", before.c_str(), 1);
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(Has(std::string(status.message()), "gnuplot was not found"));
  CHECK(ReadAll(files.File("out.png.gp")) == *SweepPlotScript({file}, files.File("out.png")));
}
