#include "llmdyno/report/progress_line.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr size_t kWidth = 100;

// How far the run is towards its target, from 0 to 1 and a little beyond; nothing without a target.
std::optional<double> Fraction(const ProgressSnapshot& snapshot) {
  const auto ratio = [](double done, double target) {
    return target > 0 ? std::optional(done / target) : std::nullopt;
  };
  if (snapshot.target_tokens) {
    return ratio(static_cast<double>(snapshot.output_tokens), static_cast<double>(*snapshot.target_tokens));
  }
  if (snapshot.target_requests) {
    return ratio(static_cast<double>(snapshot.requests_ok + snapshot.requests_failed),
                 static_cast<double>(*snapshot.target_requests));
  }
  if (snapshot.target_duration)
    return ratio(ToSeconds(snapshot.elapsed), ToSeconds(*snapshot.target_duration));
  return std::nullopt;
}

// Seconds to go. Tokens at the present rate; requests at the average so far; of a duration, what is left.
std::optional<double> EtaSeconds(const ProgressSnapshot& snapshot) {
  const double elapsed = ToSeconds(snapshot.elapsed);
  if (snapshot.target_tokens) {
    const auto missing =
        static_cast<double>(std::max<int64_t>(*snapshot.target_tokens - snapshot.output_tokens, 0));
    if (missing == 0) return 0;
    if (!snapshot.tokens_per_second || *snapshot.tokens_per_second <= 0) return std::nullopt;
    return missing / *snapshot.tokens_per_second;
  }
  const auto fraction = Fraction(snapshot);
  if (!fraction || *fraction <= 0) return std::nullopt;
  return elapsed * std::max(1 / *fraction - 1, 0.0);
}

std::string ProgressField(const ProgressSnapshot& snapshot) {
  if (snapshot.target_tokens) {
    return WithThousands(snapshot.output_tokens) + "/" + WithThousands(*snapshot.target_tokens) + " tokens";
  }
  return WithThousands(snapshot.output_tokens) + " tokens";
}

std::string RequestsField(const ProgressSnapshot& snapshot) {
  const int64_t done = snapshot.requests_ok + snapshot.requests_failed;
  std::string field = WithThousands(done);
  if (snapshot.target_requests && !snapshot.target_tokens)
    field += "/" + WithThousands(*snapshot.target_requests);
  field += " reqs";
  if (snapshot.requests_failed > 0) field += " (" + WithThousands(snapshot.requests_failed) + " failed)";
  return field;
}

std::string Join(const std::vector<std::string>& fields, std::string_view separator) {
  std::string line;
  for (const std::string& field : fields) {
    if (!line.empty()) line += separator;
    line += field;
  }
  return line;
}

}  // namespace

std::string FormatProgressLine(const ProgressSnapshot& snapshot) {
  const auto fraction = Fraction(snapshot);
  const auto eta = EtaSeconds(snapshot);
  std::vector<std::string> fields = {
      ProgressField(snapshot),
      (fraction ? Fixed(100 * *fraction, 1) : std::string("-")) + "%",
      Fixed(ToSeconds(snapshot.elapsed), 0) + "s",
      FixedOrDash(snapshot.tokens_per_second, 0) + " tok/s",
      "ETA " + (eta ? Fixed(*eta, 0) + "s" : std::string("-")),
      WithThousands(snapshot.users) + " users",
      RequestsField(snapshot),
  };
  if (snapshot.is_simulated) fields.emplace_back("SIMULATED");
  std::string line = Join(fields, " | ");
  if (ScreenWidth(line) > kWidth) line = Join(fields, "  ");
  // Very long runs: the last words go, the numbers before them stay.
  return Shorten(line, kWidth);
}

}  // namespace llmdyno
