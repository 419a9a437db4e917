#include "llmdyno/experiment/capacity_search.h"

#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <string>

#include "support/catch.h"

namespace llmdyno {
namespace {

// Runs the search against an endpoint that sustains what `sustains` says.
CapacityAnswer SearchFor(CapacitySearch& search, const std::function<bool(double)>& sustains,
                         const std::function<std::optional<double>(double)>& estimate = {}) {
  for (int i = 0; i < 1000; ++i) {
    const auto next = search.Next();
    if (const auto* answer = std::get_if<CapacityAnswer>(&next)) return *answer;
    const double load = std::get<CapacitySearch::Try>(next).load;
    const bool sustained = sustains(load);
    search.Add(sustained, sustained ? "fine" : "success 90.0 %",
               estimate ? estimate(load) : std::optional<double>());
  }
  FAIL("the search did not end");
  return {};
}

CapacityAnswer SearchForCapacity(double capacity, CapacitySearchConfig config = {}) {
  CapacitySearch search(config);
  return SearchFor(search, [capacity](double load) { return load <= capacity; });
}

TEST_CASE("The capacity search finds any capacity within its tolerance") {
  for (const double capacity : {0.013, 0.4, 1.0, 7.3, 16.0, 97.1, 1234.5, 98'765.0}) {
    const CapacityAnswer answer = SearchForCapacity(capacity);
    INFO(capacity << ": " << answer.sentence);
    REQUIRE(answer.kind == CapacityAnswer::Kind::kConverged);
    REQUIRE(*answer.load <= capacity);
    REQUIRE(*answer.load >= capacity * 0.965);
    REQUIRE(*answer.failed_at > capacity);
    REQUIRE(answer.trials_at_load == 3);
  }
}

TEST_CASE("The loads of a capacity search are the numbers that they print as") {
  for (const double capacity : {0.0137, 0.4321, 7.37, 47.43, 97.1, 1234.5, 98'765.0}) {
    CapacitySearch search({});
    SearchFor(search, [&](double load) {
      char text[32];
      std::snprintf(text, sizeof text, "%.4g", load);
      INFO(load - std::stod(text) << " beside " << text);
      CHECK(load == std::stod(text));
      return load <= capacity;
    });
  }
}

TEST_CASE("An estimate of the capacity shortens the search") {
  const auto trials = [](bool with_estimate) {
    CapacitySearch search({});
    const CapacityAnswer answer = SearchFor(
        search, [](double load) { return load <= 437; },
        [&](double load) -> std::optional<double> {
          if (!with_estimate || load <= 437) return std::nullopt;
          return 437.0;
        });
    REQUIRE(answer.kind == CapacityAnswer::Kind::kConverged);
    REQUIRE(*answer.load > 437 * 0.96);
    return search.trials().size();
  };
  REQUIRE(trials(true) < trials(false));
}

TEST_CASE("A wrong estimate leads the capacity search nowhere wrong") {
  for (const double wrong : {0.001, 3.0, 40.0, 1e9}) {
    CapacitySearch search({});
    const CapacityAnswer answer = SearchFor(
        search, [](double load) { return load <= 100; }, [&](double) { return wrong; });
    INFO(wrong << ": " << answer.sentence);
    REQUIRE(answer.kind == CapacityAnswer::Kind::kConverged);
    REQUIRE(*answer.load >= 96.5);
    REQUIRE(*answer.load <= 100);
  }
}

TEST_CASE("An endpoint that never breaks makes the capacity 'not reached'") {
  CapacitySearchConfig config;
  config.highest = 500;
  CapacitySearch search(config);
  const CapacityAnswer answer = SearchFor(search, [](double) { return true; });
  REQUIRE(answer.kind == CapacityAnswer::Kind::kNotReached);
  REQUIRE(*answer.load == 500);
  REQUIRE_FALSE(answer.failed_at.has_value());
  REQUIRE(answer.sentence.find("not reached") != std::string::npos);
}

TEST_CASE("An endpoint that sustains nothing cannot serve") {
  CapacitySearchConfig config;
  config.lowest = 0.1;
  CapacitySearch search(config);
  const CapacityAnswer answer = SearchFor(search, [](double) { return false; });
  REQUIRE(answer.kind == CapacityAnswer::Kind::kCannotServe);
  REQUIRE_FALSE(answer.load.has_value());
  REQUIRE(search.trials().back().load == 0.1);
  REQUIRE(search.trials().size() < 10);
}

TEST_CASE("A load that fails its confirmation is not the answer") {
  // Sustained at first sight only: 94 and above fail from the second trial on.
  CapacitySearch search({});
  std::map<double, int> tried;
  const CapacityAnswer answer = SearchFor(search, [&](double load) {
    const int before = tried[load]++;
    return load < 94 || (load < 100 && before == 0);
  });
  REQUIRE(answer.kind == CapacityAnswer::Kind::kConverged);
  REQUIRE(*answer.load < 94);
  REQUIRE(*answer.load > 94 * 0.96);
  REQUIRE(answer.trials_at_load == 3);
}

TEST_CASE("The capacity search ends within its number of trials") {
  CapacitySearchConfig config;
  config.max_trials = 5;
  CapacitySearch search(config);
  const CapacityAnswer answer = SearchFor(search, [](double load) { return load <= 1234; });
  REQUIRE(answer.kind == CapacityAnswer::Kind::kOutOfTrials);
  REQUIRE(search.trials().size() == 5);
  REQUIRE(*answer.load == 16);
}

TEST_CASE("Users are whole numbers and the bracket closes to one of them") {
  CapacitySearchConfig config;
  config.whole_numbers = true;
  config.lowest = 1;
  config.tolerance = 0.001;
  for (const double capacity : {1.0, 2.0, 3.0, 17.0, 250.0}) {
    const CapacityAnswer answer = SearchForCapacity(capacity, config);
    INFO(capacity << ": " << answer.sentence);
    REQUIRE(answer.kind == CapacityAnswer::Kind::kConverged);
    REQUIRE(*answer.load == capacity);
    REQUIRE(*answer.failed_at == capacity + 1);
  }
}

TEST_CASE("The confidence of an answer follows from the number of its trials") {
  CapacitySearchConfig config;
  config.confirmations = 4;
  const CapacityAnswer answer = SearchForCapacity(50, config);
  REQUIRE(answer.trials_at_load == 5);
  REQUIRE(std::abs(*answer.sustain_probability_at_least - std::pow(0.05, 0.2)) < 1e-12);
}

TEST_CASE("A capacity search says which of its settings is wrong") {
  CapacitySearchConfig config;
  config.growth = 1;
  REQUIRE(std::string(config.Validate().message()).find("factor above 1") != std::string::npos);
  config = {};
  config.start = 0;
  REQUIRE_FALSE(config.Validate().ok());
  config = {};
  config.lowest = 5;
  config.highest = 2;
  REQUIRE_FALSE(config.Validate().ok());
}

}  // namespace
}  // namespace llmdyno
