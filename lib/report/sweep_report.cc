#include "llmdyno/report/sweep_report.h"

#include <array>
#include <cmath>

#include "llmdyno/base/number_text.h"
#include "report/sweep_entry.h"
#include "report/sweep_reading.h"

namespace llmdyno {

std::string ToString(const ShapeCell& cell) {
  return "in_" + std::to_string(cell.input_tokens) + "_out_" + std::to_string(cell.output_tokens) +
         "_batch_" + std::to_string(cell.batch_size);
}

std::optional<ShapeCell> ParseShapeCell(std::string_view key) {
  ShapeCell cell;
  struct Part {
    std::string_view name;
    int64_t& value;
  };
  const std::array<Part, 3> parts = {
      {{"in_", cell.input_tokens}, {"_out_", cell.output_tokens}, {"_batch_", cell.batch_size}}};
  std::string_view rest = key;
  for (const Part& part : parts) {
    if (!rest.starts_with(part.name)) return std::nullopt;
    rest.remove_prefix(part.name.size());
    const std::string_view digits = rest.substr(0, rest.find('_'));
    const auto value = ParseInteger(digits);
    if (!value || *value < 0) return std::nullopt;
    part.value = *value;
    rest.remove_prefix(digits.size());
  }
  // Signs and suffixes ("2k") are numbers to ParseInteger, but no key has them.
  if (!rest.empty() || ToString(cell) != key) return std::nullopt;
  return cell;
}

std::vector<std::string> SuspectLevels(const SweepReport& report) {
  std::vector<std::string> keys;
  for (const SweepEntry& entry : SweepEntries(report)) {
    if (!FlagAt(entry.json, {"verdict", "valid"}, true)) keys.push_back(entry.key);
  }
  return keys;
}

bool HasLengthProblem(const SweepLevelMetrics& metrics) {
  constexpr double kTolerablePercent = 2;
  const auto deviation = metrics.input_lengths.deviation_percent.Mean();
  const bool is_off = deviation && std::abs(*deviation) > kTolerablePercent &&
                      std::abs(metrics.input_lengths.mean_extra.value_or(0)) > 1;
  const auto& output = metrics.output_lengths;
  return is_off || (output && output->shorter + output->longer > 0);
}

}  // namespace llmdyno
