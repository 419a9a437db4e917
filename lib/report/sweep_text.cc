#include "report/sweep_text.h"

#include <algorithm>
#include <cmath>

#include "report/sweep_embedding_table.h"
#include "report/text_format.h"

namespace llmdyno {

MeanStd MeanStdOf(const Distribution& values) {
  MeanStd value{values.Mean(), values.StandardDeviation(), values.n()};
  if (values.n() == 1) value.std = 0;
  return value;
}

std::string PlusMinus(const MeanStd& value, int decimals, double scale) {
  if (!value.mean) return "-";
  std::string text = Fixed(*value.mean * scale, decimals);
  if (value.std) text += " ± " + Fixed(*value.std * scale, decimals);
  return text;
}

std::string FourDigits(double value) {
  const double size = std::abs(value);
  if (size >= 1000) return Fixed(value, 0);
  if (size >= 100) return Fixed(value, 1);
  return Fixed(value, size >= 10 ? 2 : 3);
}

std::string SweepLevelName(const SweepReport& report, const std::string& key) {
  if (const auto cell = ParseShapeCell(key)) {
    return "in " + std::to_string(cell->input_tokens) + ", out " + std::to_string(cell->output_tokens) +
           ", batch " + std::to_string(cell->batch_size);
  }
  if (const std::string name = EmbeddingLevelName(key); !name.empty()) return name;
  return (report.is_sustained ? "concurrency " : "batch size ") + key;
}

std::string TextColumns::Text(const std::string& indent) const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], ScreenWidth(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line = indent;
    for (size_t i = 0; i < row.size(); ++i) {
      line += i == 0 ? PadRight(row[i], widths[i]) : "  " + PadLeft(row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace llmdyno
