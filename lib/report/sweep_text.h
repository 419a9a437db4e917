// How the texts about a sweep write numbers, levels and columns.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "llmdyno/metrics/distribution.h"
#include "llmdyno/report/sweep_report.h"
#include "report/sweep_reading.h"

namespace llmdyno {

// As LeafJson has it: the standard deviation of one value is 0.
MeanStd MeanStdOf(const Distribution& values);

// "39.0 ± 15.0", both times `scale`; "39.0" without a standard deviation, "-" without a mean.
std::string PlusMinus(const MeanStd& value, int decimals, double scale = 1);

// About four digits, at most three decimals: "1,234", "123.4", "12.34", "0.012".
std::string FourDigits(double value);

// "batch size 8", "concurrency 8", "in 128, out 32, batch 8", "batch size 8, short".
std::string SweepLevelName(const SweepReport& report, const std::string& key);

// Cells in columns as wide as their widest, two spaces between them; all but the first are right-justified.
class TextColumns {
 public:
  explicit TextColumns(std::vector<std::string> head) : rows_{std::move(head)} {}
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.size() < 2; }
  // Each line begins with `indent`.
  std::string Text(const std::string& indent = "  ") const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace llmdyno
