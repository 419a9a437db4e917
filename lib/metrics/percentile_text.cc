#include "llmdyno/metrics/percentile_text.h"

#include <algorithm>
#include <optional>

#include "llmdyno/base/number_text.h"
#include "metrics/short_number.h"

namespace llmdyno {
namespace {

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

absl::Status Unknown(std::string_view item) {
  return absl::InvalidArgumentError("unknown percentile '" + std::string(item) +
                                    "': expected a number above 0 and below 100");
}

}  // namespace

absl::StatusOr<std::vector<double>> ParsePercentiles(std::string_view text) {
  std::vector<double> percentiles;
  for (size_t start = 0; start <= text.size();) {
    const size_t comma = std::min(text.find(',', start), text.size());
    const std::string_view item = Trimmed(text.substr(start, comma - start));
    const std::optional<double> value = ParseReal(item);
    if (!value || *value <= 0 || *value >= 100) return Unknown(item);
    if (std::find(percentiles.begin(), percentiles.end(), *value) != percentiles.end()) {
      return absl::InvalidArgumentError("percentile '" + std::string(item) +
                                        "' is given twice: expected each of them once");
    }
    percentiles.push_back(*value);
    start = comma + 1;
  }
  return percentiles;
}

std::string PercentileText(double percentile) { return ShortNumber(percentile); }

}  // namespace llmdyno
