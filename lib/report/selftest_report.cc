#include "llmdyno/report/selftest_report.h"

#include "report/text_format.h"

namespace llmdyno {
namespace {

std::optional<double> ArrivalP99(const SelftestLevel& level) {
  const auto& figures = level.error(MeasuredQuantity::kArrival);
  return figures ? std::optional(figures->p99_us) : std::nullopt;
}

std::string Percent(double share) { return Fixed(100 * share, 0) + " %"; }

void NoteLoad(const SelftestLevel& level, std::vector<std::string>& notes) {
  constexpr double kHeld = 0.95;
  constexpr double kSaturated = 0.9;
  const bool is_saturated = level.endpoint_cpu_share && *level.endpoint_cpu_share >= kSaturated;
  const bool is_held = level.tokens_per_second >= kHeld * level.scripted_tokens_per_second;
  if (is_held && !is_saturated) return;
  std::string text;
  if (is_saturated) {
    text = "the simulated endpoint used " + Percent(*level.endpoint_cpu_share) + " of a core";
    if (is_held) {
      notes.push_back(text + ": its tokens left late, but all of them left");
      return;
    }
    text += " and could not send more: ";
  }
  notes.push_back(text + "the load was " + Fixed(level.tokens_per_second, 0) + " tokens/s, " +
                  Fixed(level.scripted_tokens_per_second, 0) +
                  " were meant; errors are still against the instants at which tokens were really sent");
}

void NoteWaits(const SelftestLevel& level, std::vector<std::string>& notes) {
  constexpr double kBusy = 0.05;
  if (level.client_wait_share.value_or(0) >= kBusy) {
    notes.push_back("the client waited " + Percent(*level.client_wait_share) +
                    " of the time for a core that was busy with something else: end other work and repeat");
  }
  if (level.endpoint_wait_share.value_or(0) >= kBusy) {
    notes.push_back("the simulated endpoint waited " + Percent(*level.endpoint_wait_share) +
                    " of the time for a core that was busy with something else");
  }
}

}  // namespace

const SelftestLevel* HighestLoadBelow(const SelftestReport& report) {
  const SelftestLevel* highest = nullptr;
  for (const SelftestLevel& level : report.levels) {
    const auto p99 = ArrivalP99(level);
    if (!p99 || *p99 >= report.limit_us) break;
    highest = &level;
  }
  return highest;
}

std::vector<std::string> SelftestNotes(const SelftestLevel& level) {
  std::vector<std::string> notes;
  if (level.interrupted) notes.emplace_back("interrupted: compared is what there was by then");
  if (level.tokens == 0)
    notes.emplace_back("not a token arrived in the window, so there is nothing to compare");
  if (level.failed_requests > 0) notes.push_back(Count(level.failed_requests, "request") + " failed");
  if (level.without_truth > 0) {
    notes.push_back("the endpoint knows nothing of " + Count(level.without_truth, "request"));
  }
  if (level.token_mismatches > 0) {
    notes.push_back(Count(level.token_mismatches, "response") +
                    " had another number of tokens than were sent");
  }
  NoteLoad(level, notes);
  NoteWaits(level, notes);
  return notes;
}

const SelftestLevel* FirstLevelAbove(const SelftestReport& report, double max_us) {
  for (const SelftestLevel& level : report.levels) {
    const auto p99 = ArrivalP99(level);
    if (!p99 || *p99 > max_us) return &level;
  }
  return nullptr;
}

}  // namespace llmdyno
