// Every load model keeps to the rules of load models, and the check finds those that do not.
#include "llmdyno/testing/load_model_conformance.h"

#include "llmdyno/load/closed_loop.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

using Sentences = std::vector<std::string>;

// As many users as it likes, all at once; a test breaks one rule of it.
class Simple : public LoadModel {
 public:
  LoadDecision Next(const LoadState& state) override { return IssueAt{state.started_at, state.issued}; }
  void OnIssued(const LoadState&) override {}
  void OnFinished(int64_t, const Outcome&, const LoadState&) override {}
  int64_t active_users(const LoadState& state) const override { return state.in_flight; }
};

}  // namespace

TEST_CASE("The closed loop keeps to the rules with few users and many, with and without a ramp",
          "[conformance]") {
  for (const int64_t users : {1, 2, 7, 80, 1000}) {
    for (const double ramp : {0.0, 0.5, 20.0, 1e6}) {
      INFO(users << " users, " << ramp << " a second");
      CHECK(CheckLoadModel([=] {
              return *MakeClosedLoop({.users = users, .ramp_users_per_second = ramp}, Rng(3));
            }) == Sentences());
    }
  }
}

TEST_CASE("A model without users may send as it likes", "[conformance]") {
  CHECK(CheckLoadModel([] { return std::make_unique<Simple>(); }) == Sentences());
}

TEST_CASE("A load model that breaks a rule is told which", "[conformance]") {
  class Idle final : public Simple {
   public:
    LoadDecision Next(const LoadState&) override { return AwaitCompletion{}; }
  };
  CHECK(CheckLoadModel([] { return std::make_unique<Idle>(); }) ==
        Sentences{"it awaits a completion while nothing is in flight", "it sends nothing at all"});

  class Fickle final : public Simple {
   public:
    LoadDecision Next(const LoadState& state) override { return IssueAt{state.started_at, calls_++}; }

   private:
    int64_t calls_ = 0;
  };
  CHECK(CheckLoadModel([] { return std::make_unique<Fickle>(); }) ==
        Sentences{"asking again before anything is sent gives another answer"});

  class Crowded final : public Simple {
   public:
    LoadDecision Next(const LoadState& state) override { return IssueAt{state.started_at, 1}; }
    std::optional<int64_t> user_count() const override { return 1; }
  };
  const Sentences crowded = CheckLoadModel([] { return std::make_unique<Crowded>(); });
  CHECK(crowded == Sentences{"a user id is not below the number of users",
                             "users do not begin in the order of their ids",
                             "a user sends while its last request is under way",
                             "more users are active than there are"});

  class Random final : public Simple {
   public:
    explicit Random(int64_t seed) : seed_(seed) {}
    LoadDecision Next(const LoadState& state) override { return IssueAt{state.started_at, seed_}; }

   private:
    int64_t seed_;
  };
  int64_t seed = 0;
  CHECK(CheckLoadModel([&] { return std::make_unique<Random>(seed++); }) ==
        Sentences{"the same seed gives other decisions"});
}
