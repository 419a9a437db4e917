#include "llmdyno/experiment/sweep.h"

#include <set>
#include <string>
#include <vector>

#include "simulation/simulated_run.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

// A sweep over the simulated endpoint, with what it told on its way.
class SimulatedSweep {
 public:
  explicit SimulatedSweep(SimulatedEndpoint endpoint) : transport(clock, std::move(endpoint)) {
    steps.make_plan = [this](const SweepLevel& level, int64_t index, int64_t run) {
      story.push_back("plan " + Name(level.key, index, run));
      return Plan(level, run);
    };
    steps.run_ended = [this](int64_t index, int64_t run, const SweepRunEnd& end) {
      run_ends.push_back(end);
      if (after_run) after_run(index, run);
    };
    steps.level_ended = [this](const SweepLevel& level, int64_t index, const SweepLevelRun& run) {
      story.push_back("ended " + level.key);
      CHECK(level.key == config.levels[static_cast<size_t>(index)].key);
      levels.push_back(run);
      return level_ended;
    };
  }

  absl::StatusOr<SweepResult> TryRun() {
    return RunSweep(config, steps,
                    {.clock = clock,
                     .transports = {&transport},
                     .control = control,
                     .sinks = {&collected},
                     .on_progress = nullptr,
                     .progress_interval = 5s,
                     .diagnostics = Diagnostics()});
  }

  SweepResult Run() {
    auto result = TryRun();
    REQUIRE(result.ok());
    CHECK(transport.in_flight() == 0);
    CHECK(result->levels_run == static_cast<int64_t>(levels.size()));
    // One finish line, behind the last record, and no id twice.
    CHECK(collected.line);
    CHECK(collected.records_at_line == collected.records.size());
    std::set<int64_t> ids;
    for (const RequestRecord& record : collected.records) ids.insert(record.request_id);
    CHECK(ids.size() == collected.records.size());
    return *std::move(result);
  }

  int64_t Records(RunPhase phase) const {
    return std::count_if(collected.records.begin(), collected.records.end(),
                         [&](const RequestRecord& record) { return record.phase == phase; });
  }

  SimulatedClock clock;
  SimulatedTransport transport;
  RunControl control;
  RecordCollector collected;
  SweepConfig config;
  SweepSteps steps;
  StopCondition stop = {.consecutive_failures_at_start = {}, .consecutive_failures = {}};
  std::function<void(int64_t level_index, int64_t run)> after_run;
  absl::Status level_ended;
  absl::Status plan_error;
  std::vector<std::string> story;
  std::vector<SweepLevelRun> levels;
  std::vector<SweepRunEnd> run_ends;

 private:
  static std::string Name(const std::string& key, int64_t index, int64_t run) {
    return key + " at " + std::to_string(index) + (run < 0 ? ", warm-up" : ", run " + std::to_string(run));
  }

  absl::StatusOr<RunPlan> Plan(const SweepLevel& level, int64_t run) {
    if (!plan_error.ok()) return plan_error;
    RunPlan plan;
    plan.endpoint.url = *BaseUrl::Parse("http://simulated");
    plan.endpoint.model = "simulated";
    plan.source = std::make_unique<NumberedQuestions>();
    plan.load = *MakeClosedLoop({.users = run < 0 ? 1 : level.in_flight, .ramp_users_per_second = 0}, Rng(1));
    plan.dialect = *MakeOpenAiDialect({});
    plan.stop = stop;
    plan.drain_timeout = 1s;
    return plan;
  }
};

// First token after 100 ms, ten tokens, 20 ms apart.
SimulatedResponse Answers(const HttpRequest& /*request*/, int64_t /*index*/) { return StreamedChat({}); }

std::vector<SweepLevel> Bursts(const std::vector<int64_t>& sizes) {
  std::vector<SweepLevel> levels;
  for (const int64_t size : sizes) {
    levels.push_back({.key = std::to_string(size), .in_flight = size, .requests = size});
  }
  return levels;
}

TEST_CASE("A sweep warms up before each level, runs it as often as asked and hands it over at once") {
  SimulatedSweep sweep(Answers);
  sweep.config.levels = Bursts({2, 4});
  sweep.config.runs = 2;
  const SweepResult result = sweep.Run();
  REQUIRE(sweep.story == std::vector<std::string>{"plan 2 at 0, warm-up", "plan 2 at 0, run 0",
                                                  "plan 2 at 0, run 1", "ended 2", "plan 4 at 1, warm-up",
                                                  "plan 4 at 1, run 0", "plan 4 at 1, run 1", "ended 4"});
  REQUIRE(sweep.Records(RunPhase::kWarmUp) == 6);
  REQUIRE(sweep.Records(RunPhase::kMeasured) == 12);
  REQUIRE_FALSE(result.interrupted);
  REQUIRE(result.refusal.empty());
  REQUIRE(result.skipped.empty());
  REQUIRE(result.skip_reason.empty());
  REQUIRE(sweep.collected.reason == "target_requests");
}

TEST_CASE("The records of a sweep say which level and which run they belong to") {
  SimulatedSweep sweep(Answers);
  sweep.config.levels = Bursts({1, 2});
  sweep.config.runs = 2;
  sweep.config.warm_up_requests = 1;
  sweep.Run();
  std::string said;
  for (const RequestRecord& record : sweep.collected.records) {
    said += std::to_string(record.level) + (record.phase == RunPhase::kWarmUp ? "w" : ".") +
            std::to_string(record.run) + " ";
  }
  REQUIRE(said == "0w0 0.0 0.1 1w0 1.0 1.0 1.1 1.1 ");
}

TEST_CASE("The figures of a level are those of its runs, without the warm-up") {
  SimulatedSweep sweep([](const HttpRequest&, int64_t index) {
    // A cold start: the warm-up takes ten times as long.
    return StreamedChat({.time_to_first_token = index < 3 ? 1s : 100ms});
  });
  sweep.config.levels = Bursts({4});
  sweep.Run();
  REQUIRE(sweep.levels.size() == 1);
  const SweepLevelRun& level = sweep.levels[0];
  REQUIRE(level.metrics.runs == 3);
  REQUIRE(level.metrics.requests == 12);
  REQUIRE(level.metrics.successful == 12);
  REQUIRE(*level.metrics.request.ttft_s.Max() == Approx(0.1).epsilon(1e-9));
  // 100 ms, and nine gaps of 20 ms.
  REQUIRE(*level.metrics.run.batch_total_s.Mean() == Approx(0.28).epsilon(1e-9));
  REQUIRE(*level.metrics.run.combined_throughput.Mean() == Approx(4 * 50).epsilon(1e-9));
  REQUIRE(*level.metrics.run.send_spread_s.Max() == 0);
  REQUIRE(sweep.transport.peak_in_flight() == 4);
  REQUIRE(level.stop_reason == "target_requests");
  REQUIRE(level.results.size() == 3);
  REQUIRE(level.started_at == level.results[0].started_at);
  REQUIRE(level.health.arrival_clock == ArrivalClock::kSimulated);
  REQUIRE(level.health.send_lag_p99 == 0ms);
  REQUIRE(level.last_failure.empty());
  REQUIRE_FALSE(level.interrupted);
  REQUIRE_FALSE(level.refused);
}

TEST_CASE("Each run is told when it ends, with its own figures") {
  SimulatedSweep sweep(Answers);
  sweep.config.levels = Bursts({2});
  sweep.config.runs = 2;
  sweep.Run();
  REQUIRE(sweep.run_ends.size() == 3);
  REQUIRE(sweep.run_ends[0].metrics.requests == 0);  // the warm-up
  REQUIRE(sweep.run_ends[0].result.totals.requests_ended == 3);
  for (size_t i : {1U, 2U}) {
    REQUIRE(sweep.run_ends[i].metrics.requests == 2);
    REQUIRE(sweep.run_ends[i].metrics.run.batch_total_s.n() == 1);
  }
}

TEST_CASE("A sustained level keeps its requests in flight until their number is reached") {
  SimulatedSweep sweep(Answers);
  sweep.config.levels = {{.key = "3", .in_flight = 3, .requests = 12}};
  sweep.config.runs = 1;
  sweep.config.warm_up_requests = 0;
  sweep.Run();
  REQUIRE(sweep.transport.peak_in_flight() == 3);
  REQUIRE(sweep.levels[0].metrics.requests == 12);
  REQUIRE(*sweep.levels[0].metrics.run.batch_total_s.Mean() == Approx(4 * 0.28).epsilon(1e-9));
}

TEST_CASE("A level with a duration ends by the clock, and what is under way belongs to it") {
  SimulatedSweep sweep(Answers);
  sweep.config.levels = {{.key = "2", .in_flight = 2, .duration = 1s}};
  sweep.config.runs = 1;
  sweep.Run();
  REQUIRE(sweep.levels[0].stop_reason == "duration");
  // Sends at 0, 280, 560 and 840 ms; the last two end at 1120 ms, in the drain.
  REQUIRE(sweep.levels[0].metrics.successful == 8);
  REQUIRE(*sweep.levels[0].metrics.run.batch_total_s.Mean() == Approx(1.12).epsilon(1e-9));
}

TEST_CASE("An interrupt ends the run at hand, hands its level over and skips the others") {
  SimulatedSweep* running = nullptr;
  SimulatedSweep sweep([&running](const HttpRequest&, int64_t index) {
    // Three warm-ups and two requests of level 1, three warm-ups, then the first request of level 2's run.
    if (index == 8) running->control.Stop();
    // Longer than the drain may take.
    return StreamedChat({.time_to_first_token = index >= 8 ? 10s : 100ms});
  });
  running = &sweep;
  sweep.config.levels = Bursts({2, 4, 8, 16});
  sweep.config.runs = 1;
  const SweepResult result = sweep.Run();
  REQUIRE(result.interrupted);
  REQUIRE(result.levels_run == 2);
  REQUIRE(result.skipped == std::vector<std::string>{"8", "16"});
  REQUIRE(result.skip_reason == "interrupted");
  REQUIRE(sweep.collected.reason == "interrupted");
  REQUIRE_FALSE(sweep.levels[0].interrupted);
  const SweepLevelRun& cut = sweep.levels[1];
  REQUIRE(cut.interrupted);
  REQUIRE(cut.stop_reason == "interrupted");
  REQUIRE(cut.metrics.successful == 0);
  REQUIRE(cut.metrics.failed == cut.metrics.requests);
  REQUIRE(cut.metrics.all.failures[0].cls == OutcomeClass::kCancelled);
}

TEST_CASE("An interrupt between two runs keeps those that were made") {
  SimulatedSweep sweep(Answers);
  sweep.config.levels = Bursts({2, 4});
  sweep.after_run = [&](int64_t level, int64_t run) {
    if (level == 0 && run == 1) sweep.control.Stop();
  };
  const SweepResult result = sweep.Run();
  REQUIRE(result.interrupted);
  REQUIRE(sweep.levels.size() == 1);
  REQUIRE(sweep.levels[0].interrupted);
  REQUIRE(sweep.levels[0].metrics.runs == 2);
  REQUIRE(sweep.levels[0].metrics.failed == 0);
  REQUIRE(result.skipped == std::vector<std::string>{"4"});
}

TEST_CASE("An interrupt during the warm-up skips its level") {
  SimulatedSweep sweep(Answers);
  sweep.config.levels = Bursts({2, 4});
  sweep.config.runs = 1;
  sweep.after_run = [&](int64_t level, int64_t run) {
    if (level == 1 && run < 0) sweep.control.Stop();
  };
  const SweepResult result = sweep.Run();
  REQUIRE(result.interrupted);
  REQUIRE(sweep.levels.size() == 1);
  REQUIRE_FALSE(sweep.levels[0].interrupted);
  REQUIRE(result.skipped == std::vector<std::string>{"4"});
}

TEST_CASE("An interrupt when everything is done interrupts nothing") {
  SimulatedSweep sweep(Answers);
  sweep.config.levels = Bursts({2});
  sweep.after_run = [&](int64_t /*level*/, int64_t run) {
    if (run == 2) sweep.control.Stop();
  };
  const SweepResult result = sweep.Run();
  REQUIRE_FALSE(result.interrupted);
  REQUIRE_FALSE(sweep.levels[0].interrupted);
  REQUIRE(sweep.collected.reason == "target_requests");
}

TEST_CASE("An endpoint that refuses the whole warm-up ends the sweep with its reason") {
  SimulatedSweep sweep(
      [](const HttpRequest&, int64_t) { return AnswerOf(401, R"({"error":{"message":"no such key"}})"); });
  sweep.config.levels = Bursts({2, 4});
  const SweepResult result = sweep.Run();
  REQUIRE(sweep.levels.empty());
  REQUIRE(result.refusal == "HTTP 401: no such key");
  REQUIRE(result.skipped == std::vector<std::string>{"2", "4"});
  REQUIRE(result.skip_reason == "the endpoint refuses these requests: HTTP 401: no such key");
  REQUIRE_FALSE(result.interrupted);
  REQUIRE(sweep.Records(RunPhase::kMeasured) == 0);
  REQUIRE(sweep.collected.reason == "refused");
}

TEST_CASE("Other errors of a warm-up are ignored, and so is a refusal of some of it") {
  SimulatedSweep sweep([](const HttpRequest& request, int64_t index) {
    if (index == 0) return AnswerOf(404, "{}");
    if (index < 3) return AnswerOf(503, "{}");
    return Answers(request, index);
  });
  sweep.config.levels = Bursts({2});
  const SweepResult result = sweep.Run();
  REQUIRE(result.refusal.empty());
  REQUIRE(sweep.levels.size() == 1);
  REQUIRE(*sweep.levels[0].metrics.success_rate_percent == 100);
  REQUIRE(sweep.levels[0].last_failure.empty());
}

TEST_CASE("A run that is refused is handed over and is the last one") {
  SimulatedSweep sweep([](const HttpRequest&, int64_t) { return AnswerOf(404, "{}"); });
  sweep.config.levels = Bursts({4, 8});
  sweep.config.warm_up_requests = 0;
  sweep.stop.refusals_at_start = 4;
  const SweepResult result = sweep.Run();
  REQUIRE(sweep.levels.size() == 1);
  REQUIRE(sweep.levels[0].refused);
  REQUIRE_FALSE(sweep.levels[0].interrupted);
  REQUIRE(sweep.levels[0].stop_reason == "refused");
  REQUIRE(sweep.levels[0].metrics.failed == 4);
  REQUIRE(result.refusal == "HTTP 404: {}");
  REQUIRE(result.skipped == std::vector<std::string>{"8"});
}

TEST_CASE("A level whose requests all fail is a result, and the next one runs") {
  SimulatedSweep sweep([](const HttpRequest& request, int64_t index) {
    return index < 6 ? Failure(OutcomeClass::kConnectFailed) : Answers(request, index);
  });
  sweep.config.levels = Bursts({3, 1});
  sweep.config.runs = 2;
  sweep.config.warm_up_requests = 0;
  const SweepResult result = sweep.Run();
  REQUIRE(sweep.levels.size() == 2);
  REQUIRE(sweep.levels[0].metrics.failed == 6);
  REQUIRE(sweep.levels[0].metrics.run.batch_total_s.empty());
  REQUIRE(sweep.levels[1].metrics.successful == 2);
  REQUIRE(result.last_failure == sweep.levels[0].last_failure);
}

TEST_CASE("Progress says which level and which run it is of") {
  SimulatedSweep sweep(Answers);
  sweep.config.levels = Bursts({1});
  sweep.config.runs = 2;
  sweep.steps.progress_interval = 100ms;
  std::set<std::pair<int64_t, int64_t>> seen;
  sweep.steps.on_progress = [&](int64_t level, int64_t run, const RunProgress& progress) {
    seen.insert({level, run});
    CHECK(progress.in_flight <= 1);
  };
  sweep.Run();
  REQUIRE(seen == std::set<std::pair<int64_t, int64_t>>{{0, -1}, {0, 0}, {0, 1}});
}

TEST_CASE("What cannot be planned or kept ends the sweep with its error, and without a finish line") {
  SimulatedSweep unplanned(Answers);
  unplanned.config.levels = Bursts({1, 2});
  unplanned.plan_error = absl::InvalidArgumentError("no prompts");
  REQUIRE(unplanned.TryRun().status().message() == "no prompts");
  REQUIRE_FALSE(unplanned.collected.line);

  SimulatedSweep unsaved(Answers);
  unsaved.config.levels = Bursts({1, 2});
  unsaved.level_ended = absl::UnknownError("the disk is full");
  REQUIRE(unsaved.TryRun().status().message() == "the disk is full");
  REQUIRE(unsaved.levels.size() == 1);
  REQUIRE_FALSE(unsaved.collected.line);
}

TEST_CASE("A sweep that makes no sense is refused before anything is planned") {
  const auto refused = [](const std::function<void(SweepConfig&)>& change) {
    SimulatedSweep sweep(Answers);
    sweep.config.levels = Bursts({1});
    change(sweep.config);
    const absl::Status status = sweep.TryRun().status();
    CHECK(sweep.story.empty());
    return status.code() == absl::StatusCode::kInvalidArgument;
  };
  REQUIRE(refused([](SweepConfig& config) { config.levels.clear(); }));
  REQUIRE(refused([](SweepConfig& config) { config.runs = 0; }));
  REQUIRE(refused([](SweepConfig& config) { config.warm_up_requests = -1; }));
  REQUIRE(refused([](SweepConfig& config) { config.levels[0].in_flight = 0; }));
  REQUIRE(refused([](SweepConfig& config) { config.levels[0].request_weight = 0; }));
  REQUIRE(refused([](SweepConfig& config) { config.metrics.num_completions = 0; }));
  REQUIRE(refused([](SweepConfig& config) { config.metrics.steady.threshold = 2; }));
}

}  // namespace
}  // namespace llmdyno
