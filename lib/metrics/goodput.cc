#include "llmdyno/metrics/goodput.h"

#include <array>
#include <optional>
#include <utility>

#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/metrics/request_metrics.h"
#include "metrics/short_number.h"

namespace llmdyno {
namespace {

using Goal = std::pair<std::string_view, std::optional<Duration> Goodput::*>;

// In vLLM's spelling and order.
constexpr std::array<Goal, 3> kGoals = {
    {{"ttft", &Goodput::ttft}, {"tpot", &Goodput::tpot}, {"e2el", &Goodput::e2e}}};

absl::Status Wrong(const std::string& term, const std::string& problem, size_t offset) {
  return absl::InvalidArgumentError(problem + " at character " + std::to_string(offset + 1) + ": " + term);
}

absl::StatusOr<std::optional<Duration> Goodput::*> FindGoal(const std::string& term,
                                                            const std::string& name) {
  std::vector<std::string> known;
  for (const auto& [goal, member] : kGoals) {
    if (goal == name) return member;
    known.emplace_back(goal);
  }
  std::string problem = "unknown metric '" + name + "'";
  if (const auto nearest = FindNearestName(name, known)) problem += ", did you mean " + *nearest + "?";
  return Wrong(term, problem + " Expected ttft, tpot or e2el", 0);
}

}  // namespace

absl::StatusOr<Goodput> Goodput::Parse(std::span<const std::string> terms) {
  if (terms.empty()) {
    return absl::InvalidArgumentError("expected goals in milliseconds such as ttft:500 tpot:50 e2el:5000");
  }
  Goodput goodput;
  for (const std::string& term : terms) {
    const size_t colon = term.find(':');
    const std::string name = term.substr(0, colon);
    const auto goal = FindGoal(term, name);
    if (!goal.ok()) return goal.status();
    if (colon == std::string::npos) {
      return Wrong(term, "expected a colon and milliseconds, as in " + name + ":500,", term.size());
    }
    const std::optional<double> milliseconds = ParseReal(std::string_view(term).substr(colon + 1));
    if (!milliseconds || *milliseconds <= 0) {
      return Wrong(term, "expected milliseconds above 0", colon + 1);
    }
    if (goodput.*(*goal)) return Wrong(term, "a second goal for " + name, 0);
    goodput.*(*goal) = FromSeconds(*milliseconds / 1e3);
  }
  return goodput;
}

bool Goodput::IsGood(const RequestRecord& record, FirstToken definition) const {
  if (!record.outcome.ok()) return false;
  if (ttft) {
    const std::optional<Duration> measured = Ttft(record, definition);
    if (!measured || *measured > *ttft) return false;
  }
  if (tpot && record.output_tokens.tokens > 1) {
    // What was not streamed cannot be shown to have kept the pace.
    if (!record.streamed) return false;
    const std::optional<Duration> measured = Tpot(record, definition);
    if (measured && *measured > *tpot) return false;
  }
  return !e2e || E2e(record) <= *e2e;
}

std::string ToString(const Goodput& goodput) {
  std::string text;
  for (const auto& [name, member] : kGoals) {
    if (!(goodput.*member)) continue;
    if (!text.empty()) text += ' ';
    text += std::string(name) + ":" + ShortNumber(ToMilliseconds(*(goodput.*member)));
  }
  return text;
}

}  // namespace llmdyno
