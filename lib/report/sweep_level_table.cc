#include "report/sweep_level_table.h"

#include <algorithm>

#include "llmdyno/base/number_text.h"
#include "report/text_format.h"

namespace llmdyno {

void LevelTable::AddPerRequest(const std::string& name, const Distribution& values, int decimals,
                               double scale) {
  const auto quantile = [&](double p) {
    const auto value = values.Quantile(p);
    if (!value) return std::string("-");
    const bool is_thin = values.IsThin(p);
    any_thin_ = any_thin_ || is_thin;
    return (is_thin ? "~" : "") + Fixed(*value * scale, decimals);
  };
  requests_.Add({name, PlusMinus(MeanStdOf(values), decimals, scale), quantile(0.5), quantile(0.9),
                 quantile(0.95), quantile(0.99), WithThousands(values.n())});
}

void LevelTable::AddPerRun(const std::string& name, const Distribution& values, int decimals, double scale) {
  constexpr size_t kMostShown = 5;
  std::string each;
  for (size_t i = 0; i < std::min(values.samples().size(), kMostShown); ++i) {
    each += (i == 0 ? "" : "  ") + Fixed(values.samples()[i] * scale, decimals);
  }
  if (values.samples().size() > kMostShown) each += "  ...";
  runs_.Add({name, PlusMinus(MeanStdOf(values), decimals, scale), each});
}

std::string LevelTable::Text() const {
  return (requests_.empty() ? "" : requests_.Text()) +
         (any_thin_ ? "    ~ too few requests for this percentile to mean much\n" : "") +
         (runs_.empty() ? "" : runs_.Text());
}

}  // namespace llmdyno
