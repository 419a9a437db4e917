// How far a client's figures are off, by the endpoint's own account of the same requests.
//
// The self-test and the benchmarks add pairs of record and truth and get a distribution of errors for each
// quantity that a report prints (docs/metrics.md, "The error of a measurement").
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"
#include "llmdyno/core/request_truth.h"
#include "llmdyno/metrics/distribution.h"

namespace llmdyno {

// What is compared. An error is the client's figure minus the true one; the way through the kernel, which the
// truth does not see, is part of it.
enum class MeasuredQuantity {
  kArrival,       // of each token: our stamp minus the instant right before the endpoint's send
  kFirstArrival,  // the same of each request's first text
  kItl,           // each gap between tokens, as the metrics count it
  kTpot,
  // These two begin at the client. Here the truth begins when the client was ready to write the request, so
  // that the error is what the client adds: its way to the socket, and the error of the last instant.
  kTtft,
  kE2e,
  // Here the truth begins when the endpoint had read the request, so the time for which the request lay
  // unread is inside. That wait is the endpoint's and belongs into TTFT; it is no error of the client.
  kTtftWithReadDelay,
  kE2eWithReadDelay,
};
inline constexpr size_t kMeasuredQuantities = 8;

// "arrival", "first_arrival", "itl", "tpot", "ttft", "e2e", "ttft_with_read_delay", "e2e_with_read_delay".
std::string_view ToString(MeasuredQuantity quantity);
// Undoes ToString; nothing for an unknown word.
std::optional<MeasuredQuantity> ParseMeasuredQuantity(std::string_view text);
// The quantity at that position, 0 to kMeasuredQuantities - 1, in the order of the enumeration.
constexpr MeasuredQuantity QuantityAt(size_t index) { return static_cast<MeasuredQuantity>(index); }

// What a table shows of errors. The bias is the mean with its sign, all others are of the absolute values, so
// that being early by as much does not make up for being late.
struct ErrorFigures {
  int64_t n = 0;
  double bias_us = 0;
  double p50_us = 0;
  double p99_us = 0;
  double max_us = 0;
  friend bool operator==(const ErrorFigures&, const ErrorFigures&) = default;
};
// Nothing when there are no errors.
std::optional<ErrorFigures> FiguresOf(const Distribution& errors_us);

// The part of a run that is compared: begin <= instant < end. Tokens count by the instant at which they were
// sent (gaps by both of theirs), requests by the one at which they started.
struct ComparedWindow {
  TimePoint begin{};
  TimePoint end = kEndOfTime;
};

// All errors of a run, in microseconds, and how much was compared.
struct MeasurementErrors {
  std::array<Distribution, kMeasuredQuantities> errors_us;
  int64_t tokens = 0;              // compared
  int64_t upper_bounds = 0;        // of these: only an upper bound of the arrival was known
  int64_t first_upper_bounds = 0;  // the same of first arrivals
  int64_t requests = 0;            // that started in the window and have a truth
  int64_t tokens_sent = 0;         // by the endpoint in the window, also what the client no longer saw
  int64_t without_truth = 0;       // requests of which the endpoint knows nothing
  int64_t token_mismatches = 0;    // complete responses in which the client saw another number of tokens

  // The errors of one quantity.
  const Distribution& of(MeasuredQuantity quantity) const { return errors_us[static_cast<size_t>(quantity)]; }
};

// Collects the errors of one run. Thread-compatible.
class MeasurementErrorBuilder {
 public:
  // Everything is compared unless a window says which part.
  explicit MeasurementErrorBuilder(ComparedWindow window = {}) : window_(window) {}
  // Null: the endpoint knows nothing of that request.
  void Add(const RequestRecord& record, const RequestTruth* truth);
  const MeasurementErrors& errors() const { return errors_; }

 private:
  bool Contains(TimePoint at) const { return window_.begin <= at && at < window_.end; }
  void AddError(MeasuredQuantity quantity, Duration error);
  void AddArrivals(const RequestRecord& record, const RequestTruth& truth);
  void AddFirstToken(const RequestRecord& record, const RequestTruth& truth);
  void AddWhole(const RequestRecord& record, const RequestTruth& truth);

  ComparedWindow window_;
  MeasurementErrors errors_;
};

}  // namespace llmdyno
