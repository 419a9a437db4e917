// How the text reports name levels and write their numbers.
#pragma once

#include <optional>
#include <string>

#include "llmdyno/report/serving_report.h"

namespace llmdyno {

inline constexpr double kReliablePercent = 95;  // below, a price or a rate is not one to plan with

// Fixed decimals without separators, as tables that scripts read have them. Needs a finite value.
std::string Plain(double value, int decimals);
std::string PlainOrDash(const std::optional<double>& value, int decimals);

// "20.0"; with more decimals when one would tell another rate: "0.25". Users are whole numbers. "inf" for all
// at once.
std::string LoadText(double load, LoadKind kind);
// A share of a load, as a recommendation: at most four digits; a share of some users is no whole number of
// them and is rounded down.
std::string ShareText(double load, LoadKind kind);
// "QPS 20.0", "80 users".
std::string LoadName(double load, LoadKind kind);
// "20.0 requests/s", "80 users".
std::string LoadWithUnit(double load, LoadKind kind);

// "$0.17", with four decimals below ten cents: the price of tokens is often a fraction of a cent.
std::string Dollars(double usd);

// What the table calls the actual rate: sent over the send window; of a closed loop, completed over the
// whole.
std::optional<double> ActualRate(const LevelReport& level, LoadKind kind);

bool IsBelowReliable(const LevelReport& level);

// What every output of a simulated run begins with.
std::string SimulatedLine();

}  // namespace llmdyno
