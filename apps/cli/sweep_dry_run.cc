#include "cli/sweep_dry_run.h"

#include <algorithm>

#include "cli/request_route.h"
#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

std::string FirstWords(const std::string& text) {
  constexpr size_t kShown = 160;
  std::string line = text.substr(0, kShown);
  // Not in the middle of a character.
  while (line.size() < text.size() && !line.empty() && (text[line.size()] & 0xC0) == 0x80) line.pop_back();
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return line + (line.size() < text.size() ? "…" : "");
}

// "3 levels", "1 level".
std::string Counted(int64_t count, const char* noun) {
  return WithThousands(count) + " " + noun + (count == 1 ? "" : "s");
}

// What a run would send.
struct Totals {
  int64_t requests = 0;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  int64_t images = 0;
  bool generates = false;  // not vectors or scores
  bool knows_output = true;
};

std::string OutputOf(const Totals& totals) {
  if (!totals.generates) return "";
  return totals.knows_output ? ", at most " + WithThousands(totals.output_tokens) + " out" : ", ? out";
}

Totals TotalsOf(const std::vector<Request>& requests) {
  Totals totals;
  for (const Request& request : requests) {
    ++totals.requests;
    totals.input_tokens += request.prompt_tokens.value_or(0);
    totals.output_tokens += request.max_output_tokens.value_or(0);
    totals.images += ImageCount(request);
    if (ExpectedItems(request)) continue;
    totals.generates = true;
    if (!request.max_output_tokens) totals.knows_output = false;
  }
  return totals;
}

}  // namespace

absl::StatusOr<std::string> DescribeDryRun(
    const RunSpec& run, const Dialect& dialect, const SweepConfig& sweep,
    const std::function<absl::StatusOr<std::vector<Request>>(const SweepLevel&, int64_t run)>& prepare) {
  std::string text = "Dry run: nothing is sent; lengths are estimates.\n\n";
  const std::string route = RequestRoute(run, dialect);
  text += "  endpoint  " + (route.empty() ? "the simulator" : route) + "\n  model     " + run.endpoint.model +
          "\n\n";
  Totals all;
  bool ends_by_clock = false;
  for (const SweepLevel& level : sweep.levels) {
    LLMDYNO_ASSIGN_OR_RETURN(const std::vector<Request> requests, prepare(level, 0));
    const Totals totals = TotalsOf(requests);
    text += "Level " + level.key + ": " + std::to_string(level.in_flight) + " in flight, " +
            Counted(sweep.runs, "run") + " of " +
            (level.duration ? ToString(*level.duration) : Counted(totals.requests, "request")) + ", " +
            Counted(sweep.warm_up_requests, "warm-up") + "\n";
    text += std::string(level.duration ? "  prompts of one run, in turn: " : "  one run: ") +
            WithThousands(totals.input_tokens) + " tokens in" + OutputOf(totals);
    if (totals.images > 0) text += ", " + WithThousands(totals.images) + " pictures";
    text += "\n  first prompt: " +
            (requests.empty() ? std::string("none") : FirstWords(PromptText(requests.front()))) + "\n";
    ends_by_clock |= level.duration.has_value();
    all.requests += totals.requests * sweep.runs + sweep.warm_up_requests;
    all.input_tokens += totals.input_tokens * sweep.runs;
    all.output_tokens += totals.output_tokens * sweep.runs;
    all.generates |= totals.generates;
    all.knows_output &= totals.knows_output;
  }
  text += "\nIn all: " + Counted(std::ssize(sweep.levels), "level") + ", ";
  if (ends_by_clock) return text + "as many requests as the endpoint answers in the time\n";
  return text + Counted(all.requests, "request") + " with warm-ups; without them " +
         WithThousands(all.input_tokens) + " tokens in" + OutputOf(all) + "\n";
}

}  // namespace llmdyno
