#include "llmdyno/report/measurement_error_note.h"

#include <cmath>

#include "llmdyno/base/number_text.h"
#include "llmdyno/report/selftest_json.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

std::string OfDate(const std::string& date) { return date.empty() ? "" : " of " + date; }

// Rounded up: an error is never made smaller.
std::string Microseconds(double value) {
  return value < 10 ? Fixed(std::ceil(value * 10) / 10, 1) : Fixed(std::ceil(value), 0);
}

std::string_view TitleOf(MeasuredQuantity quantity) {
  switch (quantity) {
    case MeasuredQuantity::kTtft:
      return "TTFT";
    case MeasuredQuantity::kItl:
      return "ITL";
    case MeasuredQuantity::kTpot:
      return "TPOT";
    case MeasuredQuantity::kE2e:
      return "E2E";
    default:
      return ToString(quantity);
  }
}

// What follows the error: where it was found.
std::string Circumstances(const MeasurementErrorNote& note) {
  return " (p99) on this machine at " + Count(note.tested_concurrency, "stream") + ", self-test" +
         OfDate(note.date) + (note.tested_valid ? "" : ", in which the client was SUSPECT");
}

bool Covers(const SelftestSummary::Level& level, const ClientLoad& load) {
  return level.concurrency >= load.in_flight && level.tokens_per_second >= load.tokens_per_second.value_or(0);
}

}  // namespace

std::string MeasurementErrorNote::Sentence() const {
  if (!figures) {
    return "beyond what the self-test" + OfDate(date) + " covered (" + Count(tested_concurrency, "stream") +
           ", " + Fixed(tested_tokens_per_second, 0) + " tokens/s)";
  }
  return "± " + Microseconds(figures->p99_us) + " us" + Circumstances(*this);
}

std::string FormatMeasurementErrors(std::span<const MeasurementErrorNote> notes) {
  std::string text;
  for (const MeasurementErrorNote& note : notes) {
    // The load is the same for all, and so is what was tested.
    if (!note.figures) return note.Sentence();
    text += (text.empty() ? "" : ", ") + std::string(TitleOf(note.quantity)) + " ± " +
            Microseconds(note.figures->p99_us) + " us";
  }
  return text.empty() ? "" : text + Circumstances(notes.front());
}

std::optional<MeasurementErrorNote> FindMeasurementError(const SelftestSummary& selftest,
                                                         MeasuredQuantity quantity, const ClientLoad& load) {
  if (selftest.levels.empty()) return std::nullopt;
  const SelftestSummary::Level* taken = &selftest.levels.back();
  bool is_covered = false;
  for (const SelftestSummary::Level& level : selftest.levels) {
    if (!Covers(level, load)) continue;
    taken = &level;
    is_covered = true;
    break;
  }
  MeasurementErrorNote note;
  note.quantity = quantity;
  note.tested_concurrency = taken->concurrency;
  note.tested_tokens_per_second = taken->tokens_per_second;
  note.tested_valid = taken->valid;
  note.date = selftest.date;
  if (is_covered) {
    note.figures = taken->errors[static_cast<size_t>(quantity)];
    if (!note.figures) return std::nullopt;
  }
  return note;
}

std::vector<std::string> SelftestWarnings(const SelftestSummary& selftest, const Machine& here) {
  std::vector<std::string> warnings;
  for (const std::string& difference : MachineDifferences(selftest.machine, here)) {
    warnings.push_back("the self-test '" + selftest.path + "' may not speak for this machine: " + difference);
  }
  return warnings;
}

}  // namespace llmdyno
