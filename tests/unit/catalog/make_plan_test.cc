#include "llmdyno/catalog/make_plan.h"

#include <map>
#include <set>

#include "llmdyno/run/execute_run.h"
#include "llmdyno/testing/simulated_transport.h"
#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

SimulatedResponse Answer(int status, const std::string& body) {
  SimulatedResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.body = {{0s, body}};
  return response;
}

// A chat endpoint with or without the route /tokenize.
SimulatedEndpoint EndpointOf(bool tokenizes) {
  return [=](const HttpRequest& request, int64_t) {
    if (!request.url.ends_with("/tokenize")) return StreamedChat({});
    return tokenizes ? Answer(200, R"({"count":30})") : Answer(404, "{}");
  };
}

RunSpec SyntheticSpec() {
  RunSpec spec;
  spec.endpoint.url = *BaseUrl::Parse("host");
  spec.endpoint.model = "m";
  spec.workload.name = "synthetic";
  spec.workload.tokens = {20, 40};
  spec.load = ClosedLoopConfig{.users = 3, .ramp_users_per_second = 0};
  spec.stop.requests = 10;
  spec.warm_up_requests = 4;
  return spec;
}

RunSpec OpenLoopSpec(const std::string& arrivals, double per_second = 50) {
  RunSpec spec = SyntheticSpec();
  OpenLoopConfig load;
  load.arrivals = arrivals;
  load.schedule = {.rate = {.final_per_second = per_second}, .requests = 10};
  spec.load = load;
  return spec;
}

// All that a plan is made from.
struct Bench {
  explicit Bench(SimulatedEndpoint endpoint) : transport(clock, std::move(endpoint)) {}
  SimulatedClock clock;
  SimulatedTransport transport;
  Catalog catalog = MakeBuiltInCatalog();
  std::vector<std::string> notes;
  Diagnostics diagnostics{[this](Severity, std::string_view note) { notes.emplace_back(note); }};
  RunSetting setting{catalog, transport, clock, diagnostics};
};

class Keeper final : public RecordSink {
 public:
  void OnRecord(const RequestRecord& record) override { records.push_back(record); }
  std::vector<RequestRecord> records;
};

std::vector<RequestRecord> Run(RunPlan plan, Bench& bench) {
  RunControl control;
  Keeper keeper;
  plan.keep_texts = true;
  REQUIRE(ExecuteRun(plan, {.clock = bench.clock,
                            .transports = {&bench.transport},
                            .control = control,
                            .sinks = {&keeper},
                            .on_progress = {},
                            .progress_interval = 5s,
                            .diagnostics = Diagnostics()})
              .ok());
  return keeper.records;
}

std::vector<RequestRecord> RunMeasured(const RunSpec& spec) {
  Bench bench(EndpointOf(false));
  const auto counter = MakeEstimatingTokenCounter();
  auto plan = MakePlan(spec, bench.setting, *counter);
  INFO(plan.status().ToString());
  REQUIRE(plan.ok());
  return Run(*std::move(plan), bench);
}

// When each request was due, by its id, from the first.
std::vector<Duration> Schedule(const std::vector<RequestRecord>& records) {
  std::map<int64_t, TimePoint> due;
  for (const RequestRecord& record : records) due[record.request_id] = record.scheduled_at;
  std::vector<Duration> offsets;
  for (const auto& [id, at] : due) offsets.push_back(at - due.begin()->second);
  return offsets;
}

std::map<int64_t, std::string> Prompts(const std::vector<RequestRecord>& records, int64_t first_id = 0) {
  std::map<int64_t, std::string> prompts;
  for (const RequestRecord& record : records) prompts[record.request_id - first_id] = record.prompt_text;
  return prompts;
}

}  // namespace

TEST_CASE("The endpoint's own tokenizer counts where there is one", "[make_plan]") {
  Bench bench(EndpointOf(true));
  const auto counter = MakeTokenCounter(SyntheticSpec(), bench.setting);
  REQUIRE(counter.ok());
  const std::string_view text = "some text";
  CHECK((*counter)->CountAll({&text, 1})->front() == TokenCount{30, TokenCountSource::kTokenizer});
}

TEST_CASE("Without it lengths are estimated, and a note says so", "[make_plan]") {
  Bench bench(EndpointOf(false));
  const auto counter = MakeTokenCounter(SyntheticSpec(), bench.setting);
  REQUIRE(counter.ok());
  const std::string_view text = "some text";
  CHECK((*counter)->CountAll({&text, 1})->front().source == TokenCountSource::kEstimated);
  REQUIRE(bench.notes.size() == 1);
  CHECK(bench.notes[0].find("no /tokenize route (HTTP 404)") != std::string::npos);
}

TEST_CASE("An endpoint that nothing answers at is said before anything is planned", "[make_plan]") {
  Bench bench([](const HttpRequest&, int64_t) {
    SimulatedResponse refused;
    refused.status = 0;
    refused.end = OutcomeClass::kConnectFailed;
    return refused;
  });
  const auto counter = MakeTokenCounter(SyntheticSpec(), bench.setting);
  REQUIRE_FALSE(counter.ok());
  CHECK(absl::IsUnavailable(counter.status()));
  CHECK(bench.transport.sent().size() == 3);
}

TEST_CASE("Warm-up and measured run share neither ids nor prompts", "[make_plan]") {
  Bench bench(EndpointOf(false));
  const RunSpec spec = SyntheticSpec();
  const auto counter = MakeTokenCounter(spec, bench.setting);
  auto warm_up = MakeWarmUpPlan(spec, bench.setting, **counter);
  auto measured = MakePlan(spec, bench.setting, **counter);
  REQUIRE((warm_up.ok() && measured.ok()));
  const auto warm_up_records = Run(*std::move(warm_up), bench);
  const auto measured_records = Run(*std::move(measured), bench);
  CHECK(warm_up_records.size() == 4);
  CHECK(measured_records.size() == 10);
  std::set<int64_t> ids;
  std::set<std::string> prompts;
  for (const auto* records : {&warm_up_records, &measured_records}) {
    for (const RequestRecord& record : *records) {
      CHECK(record.phase == (records == &warm_up_records ? RunPhase::kWarmUp : RunPhase::kMeasured));
      CHECK(record.outcome.ok());
      ids.insert(record.request_id);
      prompts.insert(record.prompt_text);
    }
  }
  CHECK(ids.size() == 14);
  CHECK(prompts.size() == 14);
}

TEST_CASE("A warm-up of fewer requests than users makes do with fewer users", "[make_plan]") {
  Bench bench(EndpointOf(false));
  RunSpec spec = SyntheticSpec();
  spec.load = ClosedLoopConfig{.users = 80};
  spec.warm_up_requests = 2;
  const auto counter = MakeTokenCounter(spec, bench.setting);
  auto plan = MakeWarmUpPlan(spec, bench.setting, **counter);
  REQUIRE(plan.ok());
  CHECK(plan->load->user_count() == 2);
  CHECK(Run(*std::move(plan), bench).size() == 2);
}

TEST_CASE("The same seed plans the same prompts, whatever the load; another seed others", "[make_plan]") {
  const auto prompts_of = [](uint64_t seed, int64_t users) {
    Bench bench(EndpointOf(false));
    RunSpec spec = SyntheticSpec();
    spec.seed = seed;
    spec.load = ClosedLoopConfig{.users = users, .ramp_users_per_second = 0};
    const auto counter = MakeTokenCounter(spec, bench.setting);
    auto plan = MakePlan(spec, bench.setting, **counter);
    REQUIRE(plan.ok());
    std::map<int64_t, std::string> prompts;
    for (const RequestRecord& record : Run(*std::move(plan), bench))
      prompts[record.request_id] = record.prompt_text;
    return prompts;
  };
  CHECK(prompts_of(1, 3) == prompts_of(1, 7));
  CHECK(prompts_of(1, 3) != prompts_of(2, 3));
}

TEST_CASE("An open loop sends on the schedule that its arrival process gives", "[make_plan]") {
  const std::vector<Duration> constant = Schedule(RunMeasured(OpenLoopSpec("constant")));
  REQUIRE(constant.size() == 10);
  for (size_t i = 0; i < constant.size(); ++i) CHECK(constant[i] == i * 20ms);
  const std::vector<Duration> poisson = Schedule(RunMeasured(OpenLoopSpec("poisson")));
  CHECK(poisson.size() == 10);
  CHECK(poisson != constant);
  CHECK(poisson == Schedule(RunMeasured(OpenLoopSpec("poisson"))));
  CHECK(poisson == Schedule(RunMeasured(OpenLoopSpec("gamma"))));
  CHECK(poisson != Schedule(RunMeasured(OpenLoopSpec("gamma:burstiness=3"))));
}

TEST_CASE("A trace is replayed from its own file or from the dataset's", "[make_plan]") {
  const std::string file = std::string(LLMDYNO_TEST_DATA) + "/traces/arrivals.jsonl";
  const std::vector<Duration> recorded = {0ms, 0ms, 120ms, 450500us, 450500us, 900ms, 3s, 3010ms, 5230ms, 9s};
  CHECK(Schedule(RunMeasured(OpenLoopSpec("trace:path=" + file))) == recorded);
  RunSpec spec = OpenLoopSpec("trace:speedup=2");
  spec.workload.path = file;
  std::vector<Duration> faster = recorded;
  for (Duration& offset : faster) offset /= 2;
  CHECK(Schedule(RunMeasured(spec)) == faster);
}

TEST_CASE("Neither the arrivals nor the rate change the prompts", "[make_plan]") {
  const auto prompts = Prompts(RunMeasured(OpenLoopSpec("constant")));
  CHECK(prompts.size() == 10);
  CHECK(prompts == Prompts(RunMeasured(OpenLoopSpec("poisson"))));
  CHECK(prompts == Prompts(RunMeasured(OpenLoopSpec("constant", 1000))));
  CHECK(prompts == Prompts(RunMeasured(SyntheticSpec())));  // nor the closed loop
}

TEST_CASE("Levels send the same prompts under ids of their own, and say which level they are",
          "[make_plan]") {
  RunSpec spec = OpenLoopSpec("poisson");
  const auto first = RunMeasured(spec);
  spec.level = 1;
  spec.first_request_id = 14;  // behind four requests of warm-up and ten measured ones
  const auto second = RunMeasured(spec);
  CHECK(Prompts(first, 4) == Prompts(second, 18));
  CHECK(Schedule(first) == Schedule(second));
  for (const RequestRecord& record : first) CHECK(record.level == 0);
  for (const RequestRecord& record : second) CHECK(record.level == 1);
}

TEST_CASE("The warm-up of an open loop is a closed loop of at most eight users", "[make_plan]") {
  Bench bench(EndpointOf(false));
  const auto counter = MakeEstimatingTokenCounter();
  RunSpec spec = OpenLoopSpec("constant");
  spec.level = 2;
  spec.first_request_id = 100;
  for (const int64_t requests : {3, 8, 50}) {
    spec.warm_up_requests = requests;
    auto plan = MakeWarmUpPlan(spec, bench.setting, *counter);
    REQUIRE(plan.ok());
    CHECK(plan->load->user_count() == std::min<int64_t>(requests, 8));
    CHECK(plan->phase == RunPhase::kWarmUp);
    CHECK(plan->level == 2);
    CHECK(plan->first_request_id == 100);
    CHECK(std::ssize(Run(*std::move(plan), bench)) == requests);
  }
  CHECK(MakePlan(spec, bench.setting, *counter)->first_request_id == 150);
}

TEST_CASE("An arrival process that cannot be had is told in words", "[make_plan]") {
  Bench bench(EndpointOf(false));
  const auto counter = MakeEstimatingTokenCounter();
  const auto problem = [&](const std::string& arrivals) {
    const absl::Status status = MakePlan(OpenLoopSpec(arrivals), bench.setting, *counter).status();
    return std::string(status.message());
  };
  CHECK(problem("poison") ==
        "unknown arrival process 'poison' (did you mean 'poisson'?); known are constant, poisson, gamma, "
        "trace");
  CHECK(problem("gamma:burst=1").find("unknown setting 'burst'") != std::string::npos);
  CHECK(problem("gamma:burstiness=0").find("the burstiness is 0") != std::string::npos);
  CHECK(problem("trace") == "no trace file is named: expected path=FILE");
}

TEST_CASE("A spec with a problem plans nothing", "[make_plan]") {
  Bench bench(EndpointOf(false));
  const auto counter = MakeEstimatingTokenCounter();
  RunSpec spec = SyntheticSpec();
  spec.endpoint.model.clear();
  CHECK(MakePlan(spec, bench.setting, *counter).status().message() == "the model's name is empty");
  spec = SyntheticSpec();
  spec.workload.name = "syntetic";
  CHECK(MakePlan(spec, bench.setting, *counter).status().message().find("did you mean 'synthetic'?") !=
        std::string::npos);
  CHECK(bench.transport.sent().empty());
}
