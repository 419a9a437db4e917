#include "llmdyno/metrics/goodput.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/metrics/request_metrics.h"
#include "metrics/short_number.h"

namespace llmdyno {
namespace {

using Goal = std::pair<std::string_view, std::optional<Duration> Goodput::*>;

// In vLLM's spelling and order.
constexpr std::array<Goal, 3> kGoals = {
    {{"ttft", &Goodput::ttft}, {"tpot", &Goodput::tpot}, {"e2el", &Goodput::e2e}}};

// One goal and where it stands in what was written.
struct Term {
  const std::string& text;
  size_t begin = 0;
  std::string_view words;

  absl::Status Wrong(const std::string& problem, size_t offset) const {
    return absl::InvalidArgumentError(problem + " at character " + std::to_string(begin + offset + 1) + ": " +
                                      text);
  }
};

absl::StatusOr<std::optional<Duration> Goodput::*> FindGoal(const Term& term, std::string_view name) {
  std::vector<std::string> known;
  for (const auto& [goal, member] : kGoals) {
    if (goal == name) return member;
    known.emplace_back(goal);
  }
  std::string problem = "unknown metric '" + std::string(name) + "'";
  if (const auto nearest = FindNearestName(name, known)) problem += ", did you mean " + *nearest + "?";
  return term.Wrong(problem + " Expected ttft, tpot or e2el", 0);
}

absl::Status ParseTerm(const Term& term, Goodput& goodput) {
  if (term.words.empty()) return term.Wrong("expected a goal such as ttft:500", 0);
  const size_t colon = term.words.find(':');
  const std::string_view name = term.words.substr(0, colon);
  LLMDYNO_ASSIGN_OR_RETURN(const auto goal, FindGoal(term, name));
  if (colon == std::string_view::npos) {
    return term.Wrong("expected a colon and milliseconds, as in " + std::string(name) + ":500,",
                      term.words.size());
  }
  const std::optional<double> milliseconds = ParseReal(term.words.substr(colon + 1));
  if (!milliseconds || *milliseconds <= 0) return term.Wrong("expected milliseconds above 0", colon + 1);
  if (goodput.*goal) return term.Wrong("a second goal for " + std::string(name), 0);
  goodput.*goal = FromSeconds(*milliseconds / 1e3);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Goodput> Goodput::Parse(std::span<const std::string> texts) {
  if (texts.empty()) {
    return absl::InvalidArgumentError("expected goals in milliseconds such as ttft:500 tpot:50 e2el:5000");
  }
  Goodput goodput;
  for (const std::string& text : texts) {
    for (size_t begin = 0; begin <= text.size();) {
      const size_t comma = std::min(text.find(',', begin), text.size());
      size_t first = begin;
      while (first < comma && text[first] == ' ') ++first;
      const Term term{text, first, std::string_view(text).substr(first, comma - first)};
      LLMDYNO_RETURN_IF_ERROR(ParseTerm(term, goodput));
      begin = comma + 1;
    }
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
