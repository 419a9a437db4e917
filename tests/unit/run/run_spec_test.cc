#include "llmdyno/run/run_spec.h"

#include <functional>

#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

RunSpec GoodSpec() {
  RunSpec spec;
  spec.endpoint.url = *BaseUrl::Parse("localhost:8000");
  spec.endpoint.model = "m";
  spec.workload.name = "synthetic";
  spec.stop.output_tokens = 1'000'000;
  return spec;
}

std::string ProblemOf(const std::function<void(RunSpec&)>& change) {
  RunSpec spec = GoodSpec();
  change(spec);
  return std::string(spec.Validate().message());
}

}  // namespace

TEST_CASE("A spec with an endpoint, a model and a workload is enough", "[run_spec]") {
  CHECK(GoodSpec().Validate().ok());
}

TEST_CASE("The first problem of any part is told in words", "[run_spec]") {
  CHECK(ProblemOf([](RunSpec& spec) { spec.endpoint.model.clear(); }) == "the model's name is empty");
  CHECK(ProblemOf([](RunSpec& spec) { spec.workload.name.clear(); }) == "no workload is named");
  CHECK(ProblemOf([](RunSpec& spec) { spec.warm_up_requests = -1; }) == "warm-up requests must be 0 or more");
  CHECK(ProblemOf([](RunSpec& spec) { spec.drain_timeout = -1s; }) == "the drain timeout must be 0 or more");
  CHECK(ProblemOf([](RunSpec& spec) { spec.dialect.extra_body_json = "x"; }).find("JSON object") !=
        std::string::npos);
  CHECK(ProblemOf([](RunSpec& spec) { spec.load = ClosedLoopConfig{.users = 0}; }).find("users") !=
        std::string::npos);
  CHECK(ProblemOf([](RunSpec& spec) {
          spec.load = OpenLoopConfig{.schedule = {.rate = {.final_per_second = 0}}};
        }).find("the rate is 0") != std::string::npos);
  CHECK(ProblemOf([](RunSpec& spec) { spec.level = -1; }) == "the level must be 0 or more");
  CHECK(ProblemOf([](RunSpec& spec) { spec.first_request_id = -1; }) ==
        "the first request's id must be 0 or more");
  CHECK(ProblemOf([](RunSpec& spec) { spec.stop.output_tokens = 0; }).find("output_tokens") !=
        std::string::npos);
  CHECK(ProblemOf([](RunSpec& spec) { spec.transport.idle_timeout = -1s; }).find("idle timeout") !=
        std::string::npos);
  CHECK_FALSE(ProblemOf([](RunSpec& spec) { spec.workload.tokens = {10, 5}; }).empty());
  CHECK_FALSE(ProblemOf([](RunSpec& spec) { spec.workload.request.max_output_tokens = 0; }).empty());
  CHECK_FALSE(ProblemOf([](RunSpec& spec) { spec.workload.requests = 0; }).empty());
}
