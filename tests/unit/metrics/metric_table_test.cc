#include "llmdyno/metrics/metric_table.h"

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "llmdyno/metrics/run_metrics_builder.h"
#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

std::string Document(const std::string& name) {
  std::ifstream file(std::string(LLMDYNO_DOCS) + "/" + name);
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("Every metric has a row in docs/metrics.md with its unit", "[metrics][metric_table]") {
  const std::string document = Document("metrics.md");
  for (const MetricDef& metric : MetricTable()) {
    const std::string row = "| `" + std::string(metric.name) + "` | " + std::string(metric.unit) + " |";
    CAPTURE(row);
    CHECK(document.find(row) != std::string::npos);
  }
}

TEST_CASE("Every metric's row says its formula, where it exists and what it is elsewhere",
          "[metrics][metric_table]") {
  std::istringstream document(Document("metrics.md"));
  std::map<std::string, std::vector<std::string>> rows;  // by metric
  for (std::string line; std::getline(document, line);) {
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream text(line);
    for (std::string cell; std::getline(text, cell, '|');) cells.push_back(cell);
    const size_t name_end = line.find('`', 3);
    rows.emplace(line.substr(3, name_end - 3), cells);
  }
  for (const MetricDef& metric : MetricTable()) {
    CAPTURE(std::string(metric.name));
    const auto row = rows.find(std::string(metric.name));
    REQUIRE(row != rows.end());
    // Before the first bar nothing; then name, unit, formula, perhaps the population, where, elsewhere.
    const size_t expected = metric.scope == MetricScope::kRun ? 6 : 7;
    CHECK(row->second.size() == expected);
    for (size_t i = 1; i < row->second.size(); ++i) {
      CAPTURE(i);
      CHECK(row->second[i].find_first_not_of(' ') != std::string::npos);
    }
    if (metric.scope != MetricScope::kRun) {
      CHECK(row->second[4] == " " + std::string(ToString(metric.population)) + " ");
    }
  }
}

TEST_CASE("Every threshold of the verdict stands in docs/metrics.md", "[metrics][metric_table]") {
  const std::string document = Document("metrics.md");
  for (const char* name : {"max_late_send_share",      "min_late_sends",          "max_read_lag_p99_kernel",
                           "max_read_lag_p99_wake_up", "max_loop_cpu_share",      "max_run_queue_wait_share",
                           "max_wait_of_wanted",       "max_cores_busy_share",    "max_wait_anyhow",
                           "max_hand_over_lag",        "max_upper_bound_share",   "min_upper_bound_events",
                           "max_wall_clock_steps",     "max_descriptor_failures", "max_port_failures",
                           "max_retransmit_share",     "min_retransmits",         "max_early_slowdown",
                           "min_early_delay",          "max_early_p_value",       "max_throughput_change",
                           "max_trend_p_value"}) {
    CAPTURE(name);
    CHECK(document.find("`" + std::string(name) + "`") != std::string::npos);
  }
}

TEST_CASE("Every failure class stands in docs/metrics.md", "[metrics][metric_table]") {
  const std::string document = Document("metrics.md");
  for (int cls = 0; cls <= static_cast<int>(OutcomeClass::kCancelled); ++cls) {
    const std::string row = "| `" + std::string(ToString(static_cast<OutcomeClass>(cls))) + "` |";
    CAPTURE(row);
    CHECK(document.find(row) != std::string::npos);
  }
}

TEST_CASE("Names of metrics are unique and found again", "[metrics][metric_table]") {
  std::set<std::string_view> names;
  for (const MetricDef& metric : MetricTable()) {
    CHECK(names.insert(metric.name).second);
    CHECK(FindMetric(metric.name) == &metric);
  }
  CHECK(FindMetric("ttft") == nullptr);
}

TEST_CASE("A metric has exactly the functions that its scope asks for", "[metrics][metric_table]") {
  for (const MetricDef& metric : MetricTable()) {
    CAPTURE(std::string(metric.name));
    CHECK((metric.of_request != nullptr) == (metric.scope == MetricScope::kRequest));
    CHECK((metric.distribution != nullptr) == (metric.scope == MetricScope::kRequest));
    CHECK((metric.histogram != nullptr) == (metric.scope == MetricScope::kToken));
    CHECK((metric.of_run != nullptr) == (metric.scope == MetricScope::kRun));
    CHECK_FALSE(metric.applies_when.empty());
  }
}

TEST_CASE("Every metric of an ordinary race exists", "[metrics][metric_table]") {
  RunMetricsBuilder builder;
  builder.OnRecord(MakeSteady(0s, 10, 100ms));
  builder.OnRecord(Make({.ended = 1s, .outcome = Failed(OutcomeClass::kIdleTimeout)}));
  builder.OnFinishLine(kStart + 1s, "target_requests");
  const RunMetrics metrics =
      builder.Build({.users = 1, .run_started_at = kStart - 10ms, .expects_requested_length = true});
  for (const MetricDef& metric : MetricTable()) {
    CAPTURE(std::string(metric.name));
    if (metric.scope == MetricScope::kRun) {
      // One user that began at once: after ramp-up is the whole race.
      CHECK(metric.of_run(metrics).has_value());
    } else if (metric.scope == MetricScope::kToken) {
      CHECK_FALSE((metrics.*metric.histogram).empty());
    } else {
      CHECK_FALSE((metrics.*metric.distribution).empty());
    }
  }
}
