// Whole measurements in virtual time, from a spec to a verdict.
#include "llmdyno/measure/measurement.h"

#include "llmdyno/measure/result_json.h"
#include "simulation/simulated_run.h"

using namespace llmdyno;

namespace {

// Ten tokens an answer, 100 ms to the first and 20 ms between two; no tokenizer.
SimulatedResponse TenTokens(const HttpRequest& request, int64_t /*index*/) {
  if (request.url.ends_with("/tokenize")) return AnswerOf(404, "{}");
  return StreamedChat({.tokens = 10});
}

class VirtualHost {
 public:
  explicit VirtualHost(SimulatedEndpoint endpoint = TenTokens) : transport(clock, std::move(endpoint)) {
    options.clock = &clock;
    options.transport = &transport;
    spec.endpoint = {.url = *BaseUrl::Parse("http://simulated"), .model = "simulated"};
    spec.workload.name = "synthetic";
    spec.load = ClosedLoopConfig{.users = 2, .ramp_users_per_second = 0};
    spec.stop.requests = 100;
  }

  SimulatedClock clock;
  SimulatedTransport transport;
  MeasurementOptions options;
  RunSpec spec;
};

}  // namespace

TEST_CASE("A measurement takes clock and transport of a host and says SIMULATED", "[measure]") {
  VirtualHost host;
  const auto result = Measure(host.spec, host.options);
  REQUIRE(result.ok());
  CHECK(result->metrics.successful == 100);
  CHECK(result->metrics.output_tokens == 1000);
  CHECK(result->metrics.ttft.Quantile(0.5) == 100);
  // Two users, 50 requests each, of 100 + 9 * 20 ms.
  CHECK(result->metrics.elapsed == 50 * 280ms);
  CHECK(result->validity.valid);
  CHECK(ToJson(*result).find("\"simulated\": true") != std::string::npos);
}

TEST_CASE("The warm-up is in no figure and its finish line is nobody's", "[measure]") {
  VirtualHost host;
  host.spec.warm_up_requests = 4;
  RecordCollector collected;
  host.options.sinks = {&collected};
  const auto result = Measure(host.spec, host.options);
  REQUIRE(result.ok());
  CHECK(result->metrics.requests == 100);
  CHECK(result->metrics.warm_up_requests == 4);
  CHECK(collected.records.size() == 104);
  CHECK(collected.line == result->run.finish_line);
  CHECK(collected.records.front().phase == RunPhase::kWarmUp);
}

TEST_CASE("A warm-up that gets nowhere ends the measurement with its reason", "[measure]") {
  VirtualHost host([](const HttpRequest& request, int64_t) {
    return request.url.ends_with("/tokenize") ? AnswerOf(404, "{}") : AnswerOf(503, "{\"error\": \"no\"}");
  });
  host.spec.warm_up_requests = 20;
  const auto result = Measure(host.spec, host.options);
  CHECK(result.status().code() == absl::StatusCode::kUnavailable);
  CHECK(std::string(result.status().message()).find("the warm-up gave up after 10 failures in a row: ") == 0);
}

TEST_CASE("A measurement that is finished early has the figures of what there was", "[measure]") {
  VirtualHost host;
  auto run = Measurement::Begin(host.spec, host.options);
  REQUIRE(run.ok());
  CHECK((*run)->Progress().run.totals.requests_issued == 0);
  const TimePoint until = host.clock.Now() + 1s;
  while (host.clock.Now() < until) REQUIRE((*run)->Step(until));
  // Each user has ended three of 280 ms and has a fourth under way.
  CHECK((*run)->Progress().run.totals.requests_ended == 6);
  CHECK((*run)->Progress().run.in_flight == 2);
  const auto result = (*run)->Finish();
  REQUIRE(result.ok());
  CHECK(result->run.totals.requests_ok == 6);
  CHECK(result->run.cancelled_in_drain == 2);
  // What the two had sent by then counts: four tokens each, at 940, 960, 980 and 1000 ms, beside 6 * 10.
  CHECK(result->metrics.output_tokens == 2 * 4 + 60);
  CHECK(result->run.stop_reason == StopReason::kInterrupted);
  CHECK_FALSE((*run)->Step(kEndOfTime));
  const auto again = (*run)->Finish();
  REQUIRE(again.ok());
  CHECK(ToJson(*again) == ToJson(*result));
}

TEST_CASE("A transport without the clock that it goes by is refused", "[measure]") {
  VirtualHost host;
  host.options.clock = nullptr;
  CHECK(Measurement::Begin(host.spec, host.options).status().code() == absl::StatusCode::kInvalidArgument);
  VirtualHost threaded;
  threaded.spec.shards = 2;
  CHECK(Measurement::Begin(threaded.spec, threaded.options).status().code() ==
        absl::StatusCode::kInvalidArgument);
}
