#include "report/serving_text.h"

#include <cmath>
#include <cstdio>

#include "report/text_format.h"

namespace llmdyno {

std::string Plain(double value, int decimals) {
  char text[400];  // the largest double has 309 digits before the point
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string PlainOrDash(const std::optional<double>& value, int decimals) {
  return value ? Plain(*value, decimals) : "-";
}

std::string LoadText(double load, LoadKind kind) {
  if (!std::isfinite(load)) return "inf";
  if (kind == LoadKind::kUsers) return Plain(load, 0);
  constexpr int kMostDecimals = 4;
  int decimals = 1;
  while (decimals < kMostDecimals && std::abs(std::stod(Plain(load, decimals)) - load) > 1e-9 * load) {
    ++decimals;
  }
  return Plain(load, decimals);
}

std::string ShareText(double load, LoadKind kind) {
  if (kind == LoadKind::kUsers) return LoadText(std::floor(load), kind);
  char text[64];
  std::snprintf(text, sizeof text, "%.4g", load);
  return LoadText(std::stod(text), kind);
}

std::string LoadName(double load, LoadKind kind) {
  const std::string text = LoadText(load, kind);
  if (kind == LoadKind::kRate) return "QPS " + text;
  return text + (text == "1" ? " user" : " users");
}

std::string LoadWithUnit(double load, LoadKind kind) {
  return kind == LoadKind::kRate ? LoadText(load, kind) + " requests/s" : LoadName(load, kind);
}

std::string Dollars(double usd) {
  constexpr double kTenCents = 0.1;
  return "$" + Fixed(usd, usd < kTenCents ? 4 : 2);
}

std::optional<double> ActualRate(const LevelReport& level, LoadKind kind) {
  return kind == LoadKind::kRate ? level.metrics.sent_per_second : level.metrics.completed_per_second;
}

bool IsBelowReliable(const LevelReport& level) {
  const auto success = level.metrics.all.success_rate_percent;
  return success && *success < kReliablePercent;
}

std::string SimulatedLine() {
  return "SIMULATED: the endpoint was llmdyno's own engine model; these numbers describe no real engine.\n";
}

}  // namespace llmdyno
