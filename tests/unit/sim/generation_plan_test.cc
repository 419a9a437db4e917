#include "sim/generation_plan.h"

#include <set>

#include "support/catch.h"

namespace llmdyno {
namespace {

ApiRequest Chat(std::optional<int64_t> max_tokens = std::nullopt) {
  ApiRequest request;
  request.max_tokens = max_tokens;
  request.prompt_tokens = 10;
  return request;
}

TEST_CASE("Output lengths are drawn from the range, from the seed and the index alone", "[sim][plan]") {
  SimConfig config;
  config.output_tokens = {5, 8};
  std::set<int64_t> lengths;
  for (uint64_t index = 0; index < 200; ++index) {
    const auto plan = PlanGeneration(config, Chat(), index);
    CHECK(plan.output_tokens == PlanGeneration(config, Chat(), index).output_tokens);
    CHECK_FALSE(plan.reaches_limit);
    lengths.insert(plan.output_tokens);
  }
  CHECK(lengths == std::set<int64_t>{5, 6, 7, 8});
}

TEST_CASE("A limit below the drawn length ends the output there, with reason length", "[sim][plan]") {
  SimConfig config;
  const auto plan = PlanGeneration(config, Chat(7), 3);
  CHECK(plan.output_tokens == 7);
  CHECK(plan.reaches_limit);
}

TEST_CASE("ignore_eos makes the output exactly as long as the limit", "[sim][plan]") {
  SimConfig config;
  ApiRequest request = Chat(1000);
  CHECK(PlanGeneration(config, request, 0).output_tokens < 1000);
  request.ignore_eos = true;
  CHECK(PlanGeneration(config, request, 0).output_tokens == 1000);
}

TEST_CASE("min_tokens lengthens a short draw but not beyond the limit", "[sim][plan]") {
  SimConfig config;
  config.output_tokens = {5, 5};
  ApiRequest request = Chat(50);
  request.min_tokens = 20;
  CHECK(PlanGeneration(config, request, 0).output_tokens == 20);
  request.min_tokens = 90;
  CHECK(PlanGeneration(config, request, 0).output_tokens == 50);
}

TEST_CASE("A short output ends one token early and of itself", "[sim][plan]") {
  SimConfig config;
  config.short_output = true;
  const auto plan = PlanGeneration(config, Chat(7), 0);
  CHECK(plan.output_tokens == 6);
  CHECK_FALSE(plan.reaches_limit);
}

TEST_CASE("Faults come as often as configured and exclude one another where they must", "[sim][plan]") {
  SimConfig config;
  config.faults[Fault::kHttp503] = 0.2;
  config.faults[Fault::kDrop] = 0.3;
  config.faults[Fault::kNoUsage] = 0.5;
  int refused = 0;
  int dropped = 0;
  int without_usage = 0;
  for (uint64_t index = 0; index < 10'000; ++index) {
    const auto plan = PlanGeneration(config, Chat(), index);
    refused += plan.fate == Fault::kHttp503 ? 1 : 0;
    dropped += plan.fate == Fault::kDrop ? 1 : 0;
    without_usage += plan.omits_usage ? 1 : 0;
  }
  // Standard deviations of 40, 46 and 50: five of them either way.
  CHECK(std::abs(refused - 2000) < 200);
  CHECK(std::abs(dropped - 3000) < 230);
  CHECK(std::abs(without_usage - 5000) < 250);
}

TEST_CASE("A fault that is certain always strikes, whatever else is at zero", "[sim][plan]") {
  SimConfig config;
  config.faults[Fault::kEmpty] = 1;
  for (uint64_t index = 0; index < 100; ++index)
    CHECK(PlanGeneration(config, Chat(), index).fate == Fault::kEmpty);
}

TEST_CASE("Faults of vectors and scores strike answers that have some, and nothing else", "[sim][plan]") {
  const auto fate = [](Fault fault, ApiRoute route) {
    SimConfig config;
    config.faults[fault] = 1;
    ApiRequest request;
    request.route = route;
    return PlanGeneration(config, request, 0).fate;
  };
  for (const Fault fault : {Fault::kShortItems, Fault::kNanItem, Fault::kOtherDimension}) {
    CHECK(fate(fault, ApiRoute::kEmbeddings) == fault);
    CHECK(fate(fault, ApiRoute::kTeiEmbed) == fault);
    CHECK_FALSE(fate(fault, ApiRoute::kChat));
    CHECK_FALSE(fate(fault, ApiRoute::kCompletions));
  }
  CHECK(fate(Fault::kNanItem, ApiRoute::kScore) == Fault::kNanItem);
  CHECK_FALSE(fate(Fault::kOtherDimension, ApiRoute::kRerank));
}

TEST_CASE("Changing the faults never changes the lengths", "[sim][plan]") {
  SimConfig calm;
  SimConfig faulty;
  faulty.faults[Fault::kCut] = 0.5;
  faulty.faults[Fault::kDrip] = 0.5;
  for (uint64_t index = 0; index < 50; ++index) {
    CHECK(PlanGeneration(calm, Chat(), index).output_tokens ==
          PlanGeneration(faulty, Chat(), index).output_tokens);
  }
}

}  // namespace
}  // namespace llmdyno
