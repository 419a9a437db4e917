#include "llmdyno/metrics/measurement_error.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "llmdyno/metrics/request_metrics.h"

namespace llmdyno {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, kMeasuredQuantities> kNames = {
    "arrival", "first_arrival", "itl", "tpot", "ttft", "e2e", "ttft_with_read_delay", "e2e_with_read_delay"};

}  // namespace

std::string_view ToString(MeasuredQuantity quantity) { return kNames[static_cast<size_t>(quantity)]; }

std::optional<MeasuredQuantity> ParseMeasuredQuantity(std::string_view text) {
  const auto found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return std::nullopt;
  return QuantityAt(static_cast<size_t>(found - kNames.begin()));
}

std::optional<ErrorFigures> FiguresOf(const Distribution& errors_us) {
  if (errors_us.empty()) return std::nullopt;
  std::vector<double> sizes(errors_us.samples().begin(), errors_us.samples().end());
  for (double& size : sizes) size = std::abs(size);
  std::sort(sizes.begin(), sizes.end());
  return ErrorFigures{errors_us.n(), *errors_us.Mean(), QuantileOfSorted(sizes, 0.50),
                      QuantileOfSorted(sizes, 0.99), sizes.back()};
}

void MeasurementErrorBuilder::AddError(MeasuredQuantity quantity, Duration error) {
  errors_.errors_us[static_cast<size_t>(quantity)].Add(ToMicroseconds(error));
}

void MeasurementErrorBuilder::Add(const RequestRecord& record, const RequestTruth* truth) {
  if (truth == nullptr) {
    if (Contains(record.started_at)) ++errors_.without_truth;
    return;
  }
  errors_.tokens_sent += std::count_if(truth->tokens_sent_at.begin(), truth->tokens_sent_at.end(),
                                       [this](TimePoint at) { return Contains(at); });
  AddArrivals(record, *truth);
  if (!Contains(record.started_at)) return;
  ++errors_.requests;
  AddFirstToken(record, *truth);
  AddWhole(record, *truth);
}

// The tokens of one arrival share its instant, and its gap in equal parts, as in AddInterTokenGaps.
void MeasurementErrorBuilder::AddArrivals(const RequestRecord& record, const RequestTruth& truth) {
  const std::vector<TimePoint>& sent = truth.tokens_sent_at;
  size_t token = 0;
  std::optional<TimePoint> previous;
  for (const Arrival& arrival : record.arrivals) {
    if (previous && arrival.tokens == 0) continue;
    for (uint32_t i = 0; i < arrival.tokens && token < sent.size(); ++i, ++token) {
      if (!Contains(sent[token])) continue;
      ++errors_.tokens;
      if (arrival.upper_bound || i + 1 < arrival.tokens) ++errors_.upper_bounds;
      AddError(MeasuredQuantity::kArrival, arrival.at - sent[token]);
      if (!previous || token == 0 || !Contains(sent[token - 1])) continue;
      AddError(MeasuredQuantity::kItl,
               (arrival.at - *previous) / arrival.tokens - (sent[token] - sent[token - 1]));
    }
    previous = arrival.at;
  }
}

void MeasurementErrorBuilder::AddFirstToken(const RequestRecord& record, const RequestTruth& truth) {
  const std::optional<Duration> ttft = Ttft(record);
  if (!ttft || truth.tokens_sent_at.empty()) return;
  const TimePoint sent = truth.tokens_sent_at.front();
  if (!record.arrivals.empty()) {
    const Arrival first = *record.arrivals.begin();
    if (first.upper_bound || first.events > 1) ++errors_.first_upper_bounds;
  }
  AddError(MeasuredQuantity::kFirstArrival, *record.first_text_at - sent);
  AddError(MeasuredQuantity::kTtftWithReadDelay, *ttft - (sent - truth.read_at));
  if (record.sent_at) AddError(MeasuredQuantity::kTtft, *ttft - (sent - *record.sent_at));
}

// What needs the whole response, on both sides.
void MeasurementErrorBuilder::AddWhole(const RequestRecord& record, const RequestTruth& truth) {
  if (!record.outcome.ok() || !truth.ended_at) return;
  const auto tokens = static_cast<int64_t>(truth.tokens_sent_at.size());
  if (record.output_tokens.tokens != tokens) ++errors_.token_mismatches;
  AddError(MeasuredQuantity::kE2eWithReadDelay, E2e(record) - (*truth.ended_at - truth.read_at));
  if (record.sent_at) AddError(MeasuredQuantity::kE2e, E2e(record) - (*truth.ended_at - *record.sent_at));
  if (const std::optional<Duration> tpot = Tpot(record); tpot && tokens > 1) {
    const Duration decoding = truth.tokens_sent_at.back() - truth.tokens_sent_at.front();
    AddError(MeasuredQuantity::kTpot, *tpot - decoding / (tokens - 1));
  }
}

}  // namespace llmdyno
