#include "llmdyno/testing/load_model_conformance.h"

#include <map>
#include <set>

#include "llmdyno/base/random.h"
#include "testing/violations.h"

namespace llmdyno {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// How the endpoint behaves that a model is tried on.
struct Behaviour {
  Duration shortest{};
  Duration longest{};
  double failures = 0;
  std::optional<Duration> retry_after;
};

struct Sent {
  TimePoint at;
  int64_t user_id = 0;
  friend bool operator==(const Sent&, const Sent&) = default;
};

bool IsSame(const LoadDecision& a, const LoadDecision& b) {
  if (a.index() != b.index()) return false;
  const auto* issue = std::get_if<IssueAt>(&a);
  return issue == nullptr ||
         (issue->at == std::get<IssueAt>(b).at && issue->user_id == std::get<IssueAt>(b).user_id);
}

class Trial {
 public:
  Trial(LoadModel& model, const Behaviour& behaviour, Violations& found)
      : model_(model), behaviour_(behaviour), found_(found), rng_(17) {
    state_.now = state_.started_at = TimePoint(std::chrono::hours(1));
  }

  // What was sent, in order.
  std::vector<Sent> Run(int64_t requests) {
    // A model that neither sends nor waits would keep this loop going for ever.
    for (int64_t step = 0; step < requests * 20 && std::ssize(sent_) < requests; ++step) {
      const LoadDecision decision = model_.Next(state_);
      found_.Expect(IsSame(model_.Next(state_), decision),
                    "asking again before anything is sent gives another answer");
      if (const auto* issue = std::get_if<IssueAt>(&decision)) {
        if (issue->at > state_.now) {
          AdvanceTo(issue->at);
        } else {
          Issue(*issue);
        }
      } else if (std::holds_alternative<AwaitCompletion>(decision)) {
        if (!found_.Expect(!ends_.empty(), "it awaits a completion while nothing is in flight")) break;
        AdvanceTo(kEndOfTime);
      } else if (ends_.empty()) {
        found_.Expect(std::holds_alternative<LoadFinished>(model_.Next(state_)),
                      "once finished it goes on again");
        break;
      } else {
        AdvanceTo(kEndOfTime);
      }
    }
    return std::move(sent_);
  }

 private:
  void Issue(const IssueAt& issue) {
    found_.Expect(issue.at >= state_.started_at, "a request is scheduled before the phase began");
    found_.Expect(issue.user_id >= 0, "a user id is negative");
    if (const auto users = model_.user_count()) {
      found_.Expect(issue.user_id < *users, "a user id is not below the number of users");
      found_.Expect(!busy_.contains(issue.user_id), "a user sends while its last request is under way");
      if (!begun_.contains(issue.user_id)) {
        found_.Expect(issue.user_id == std::ssize(begun_), "users do not begin in the order of their ids");
      }
    }
    begun_.insert(issue.user_id);
    busy_.insert(issue.user_id);
    sent_.push_back({issue.at, issue.user_id});
    const double share = rng_.UniformReal();
    const auto takes = behaviour_.shortest +
                       Duration(static_cast<int64_t>(
                           static_cast<double>((behaviour_.longest - behaviour_.shortest).count()) * share));
    ends_.emplace(state_.now + takes, issue.user_id);
    ++state_.issued;
    ++state_.in_flight;
    model_.OnIssued(state_);
    const int64_t active = model_.active_users(state_);
    found_.Expect(active >= 0 && active <= model_.user_count().value_or(active),
                  "more users are active than there are");
  }

  // To the next end of a request, or to `at` when that comes first.
  void AdvanceTo(TimePoint at) {
    if (ends_.empty() || ends_.begin()->first > at) {
      state_.now = at;
      return;
    }
    state_.now = std::max(state_.now, ends_.begin()->first);
    const int64_t user_id = ends_.begin()->second;
    ends_.erase(ends_.begin());
    busy_.erase(busy_.find(user_id));
    --state_.in_flight;
    ++state_.completed;
    Outcome outcome;
    if (rng_.Chance(behaviour_.failures)) {
      outcome.cls = behaviour_.retry_after ? OutcomeClass::kOverload : OutcomeClass::kConnectFailed;
      outcome.retry_after = behaviour_.retry_after;
    }
    model_.OnFinished(user_id, outcome, state_);
  }

  LoadModel& model_;
  const Behaviour behaviour_;
  Violations& found_;
  Rng rng_;
  LoadState state_;
  std::multimap<TimePoint, int64_t> ends_;  // of the requests in flight
  std::multiset<int64_t> busy_;
  std::set<int64_t> begun_;
  std::vector<Sent> sent_;
};

}  // namespace

std::vector<std::string> CheckLoadModel(const MakeLoadModel& make, int64_t requests) {
  Violations found;
  const std::vector<Behaviour> behaviours = {
      {Duration(0), Duration(0), 0, {}},                      // answers at once
      {milliseconds(10), seconds(3), 0, {}},                  // as an endpoint does
      {std::chrono::hours(1), std::chrono::hours(2), 0, {}},  // hangs
      {milliseconds(1), milliseconds(2), 1, {}},              // is dead
      {milliseconds(10), seconds(1), 0.3, seconds(2)},        // is overloaded now and then
      {milliseconds(10), seconds(1), 0.5, Duration::max()},   // asks to be left alone for ever
  };
  for (const Behaviour& behaviour : behaviours) {
    std::vector<std::vector<Sent>> sequences;
    for (int again = 0; again < 2; ++again) {
      const std::unique_ptr<LoadModel> model = make();
      if (!found.Expect(model != nullptr, "no model was made")) return found.Take();
      sequences.push_back(Trial(*model, behaviour, found).Run(requests));
    }
    found.Expect(!sequences[0].empty(), "it sends nothing at all");
    found.Expect(sequences[0] == sequences[1], "the same seed gives other decisions");
  }
  return found.Take();
}

}  // namespace llmdyno
