#include "selftest/selftest_options.h"

#include <algorithm>

#include "cli/list_text.h"
#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

constexpr const char* kLevels = "1,10,100,500,1000,2000,5000,10000";
constexpr const char* kQuickLevels = "1,10,100,500,1000";
constexpr const char* kRates = "100,1000,3000";
constexpr const char* kQuickRates = "100,1000";
constexpr Duration kWindow = std::chrono::seconds(4);
constexpr Duration kQuickWindow = std::chrono::milliseconds(1200);
constexpr Duration kShortestWindow = std::chrono::milliseconds(200);
constexpr int64_t kMostStreams = 1'000'000;
// Below 10 ms the simulator's own rounds would overlap at a thousand streams.
constexpr double kMostTokensPerSecond = 1000;

}  // namespace

FlagTable MakeSelftestFlags(SelftestOptions& options) {
  FlagTable flags("llmdyno-selftest",
                  "measures this client's own error against a simulated endpoint that knows the truth.");
  flags.Section("Load");
  flags.Switch("quick", options.quick,
               "Be done in less than 15 s: shorter levels, and none above 1000 streams");
  flags.Text("concurrency", options.concurrency, "LIST",
             "Hold these numbers of streams, one after the other");
  flags.DescribeDefault(
      "1,10,100,500,1000,2000,5000,10000 as far as descriptors and memory allow; with --quick "
      "1,10,100,500,1000");
  flags.Time("duration", options.duration, "Compare this long at each load; a ramp comes before it");
  flags.DescribeDefault("4s; with --quick 1200ms");
  flags.Real("tokens-per-second", options.tokens_per_second, 1, "N",
             "Let the endpoint send so many tokens a second to each stream, up to 1000");
  flags.Text("rates", options.rates, "LIST",
             "Offer these request rates, too, and compare the sends with the schedule; none for no rates");
  flags.DescribeDefault("100,1000,3000; with --quick 100,1000");
  flags.Section("Results");
  flags.Text("output", options.output, "FILE", "Write the figures into this file (docs/result-files.md)");
  flags.Real("max-p99-us", options.max_p99_us, 0, "X",
             "End with status 6 when the p99 error of arrivals is above X microseconds at a level");
  return flags;
}

absl::StatusOr<SelftestSpec> MakeSelftestSpec(const SelftestOptions& options) {
  SelftestSpec spec;
  const std::string levels =
      options.concurrency.empty() ? (options.quick ? kQuickLevels : kLevels) : options.concurrency;
  LLMDYNO_ASSIGN_OR_RETURN(spec.levels, ParseWholeNumbers("concurrency", levels, kMostStreams));
  std::sort(spec.levels.begin(), spec.levels.end());
  spec.window = options.duration.value_or(options.quick ? kQuickWindow : kWindow);
  if (spec.window < kShortestWindow) {
    return absl::InvalidArgumentError("--duration: expected at least 200ms, got " + ToString(spec.window));
  }
  if (options.tokens_per_second > kMostTokensPerSecond) {
    return absl::InvalidArgumentError("--tokens-per-second: expected 1 to 1000");
  }
  // Whole microseconds, so that it can be written as a setting and rounds fall on them.
  spec.itl = std::chrono::microseconds(static_cast<int64_t>(1e6 / options.tokens_per_second));
  spec.rate_window = std::min(spec.window, Duration(std::chrono::seconds(3)));
  if (options.rates == "none") return spec;
  const std::string rates = options.rates.empty() ? (options.quick ? kQuickRates : kRates) : options.rates;
  LLMDYNO_ASSIGN_OR_RETURN(spec.rates, ParseRates("rates", rates));
  return spec;
}

}  // namespace llmdyno
