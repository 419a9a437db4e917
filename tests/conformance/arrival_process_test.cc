// Every arrival process keeps to the rules of arrival processes, and the check finds those that do not.
#include "llmdyno/testing/arrival_process_conformance.h"

#include <limits>

#include "llmdyno/catalog/catalog.h"
#include "llmdyno/load/open_loop.h"
#include "llmdyno/testing/load_model_conformance.h"
#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

using Sentences = std::vector<std::string>;

const std::string kTrace = std::string(LLMDYNO_TEST_DATA) + "/traces/arrivals.jsonl";

std::unique_ptr<ArrivalProcess> MakeFromCatalog(const std::string& text, const ArrivalSchedule& schedule) {
  const Diagnostics quiet;
  auto process = MakeBuiltInCatalog().arrivals.Make(*Params::Parse(text), {schedule, Rng(5), kTrace, quiet});
  INFO(process.status().ToString());
  REQUIRE(process.ok());
  return *std::move(process);
}

// A process made of a list, perhaps with something behind its end.
class Scripted final : public ArrivalProcess {
 public:
  explicit Scripted(std::vector<std::optional<Duration>> script) : script_(std::move(script)) {}
  std::optional<Duration> Next() override { return at_ < script_.size() ? script_[at_++] : std::nullopt; }

 private:
  const std::vector<std::optional<Duration>> script_;
  size_t at_ = 0;
};

MakeArrivalProcess Of(const std::vector<std::optional<Duration>>& script) {
  return [=] { return std::make_unique<Scripted>(script); };
}

}  // namespace

TEST_CASE("Every built-in arrival process keeps to the rules at every rate", "[conformance]") {
  const std::vector<RateProfile> rates = {{.final_per_second = 0.01},
                                          {.final_per_second = 7},
                                          {.final_per_second = 30'000},
                                          {.final_per_second = std::numeric_limits<double>::infinity()},
                                          {.final_per_second = 100, .initial_per_second = 0, .ramp = 10s},
                                          {.final_per_second = 1, .initial_per_second = 50, .ramp = 3s}};
  for (const std::string& name : MakeBuiltInCatalog().arrivals.Names()) {
    DYNAMIC_SECTION(name) {
      for (const RateProfile& rate : rates) {
        for (const int64_t requests : {1, 2, 1000}) {
          const ArrivalSchedule schedule{.rate = rate, .requests = requests};
          ExpectedArrivals expected;
          // A trace brings its own times.
          if (name != "trace") expected = {requests, rate.TimeOf(static_cast<double>(requests))};
          CHECK(CheckArrivalProcess([&] { return MakeFromCatalog(name, schedule); }, expected) ==
                Sentences());
        }
      }
    }
  }
}

TEST_CASE("An open loop keeps to the rules of load models, whatever its arrivals", "[conformance]") {
  const ArrivalSchedule schedule{.rate = {.final_per_second = 50}, .requests = 900};
  for (const std::string& name : MakeBuiltInCatalog().arrivals.Names()) {
    for (const std::optional<int64_t> max_in_flight : {std::optional<int64_t>(), {1}, {7}}) {
      INFO(name);
      CHECK(CheckLoadModel([&] { return *MakeOpenLoop(MakeFromCatalog(name, schedule), max_in_flight); }) ==
            Sentences());
    }
  }
}

TEST_CASE("An arrival process that breaks a rule is told which", "[conformance]") {
  CHECK(CheckArrivalProcess([] { return nullptr; }) == Sentences{"no process was made"});
  CHECK(CheckArrivalProcess(Of({})) == Sentences{"it has no request at all"});
  CHECK(CheckArrivalProcess(Of({1s, 3s, 2s})) == Sentences{"a request is due before the one before it"});
  CHECK(CheckArrivalProcess(Of({-1s, 2s})) == Sentences{"a request is due before the phase begins"});
  CHECK(CheckArrivalProcess(Of({1s, std::nullopt, 2s})) == Sentences{"once at its end it goes on again"});
  CHECK(CheckArrivalProcess(Of({1s, 2s}), {.requests = 3}) ==
        Sentences{"it has not as many requests as asked for"});
  CHECK(CheckArrivalProcess(Of({1s, 2s}), {.window = 2s}) ==
        Sentences{"its requests do not lie in the time that they take at the rate asked for"});
  int64_t made = 0;
  CHECK(CheckArrivalProcess([&] {
          return std::make_unique<Scripted>(std::vector<std::optional<Duration>>{made++ * 1s});
        }) == Sentences{"the same seed gives another schedule"});
}
