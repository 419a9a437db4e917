#include "arrival_error.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>

#include "llmdyno/core/record_log.h"
#include "llmdyno/metrics/measurement_error.h"
#include "llmdyno/sim/request_log_reader.h"

namespace llmdyno {
namespace {

[[noreturn]] void Exit(absl::string_view sentence) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(sentence.size()), sentence.data());
  std::exit(1);
}

void ReadRecords(const std::string& path, const std::function<void(const RequestRecord&)>& visit) {
  const auto contents = ReadRecordLog(path, visit);
  if (!contents.ok()) Exit(contents.status().message());
}

// Compares the requests that were sent after the first `ramp`.
MeasurementErrors Compare(const std::string& records_path, const std::string& simulator_log_path,
                          Duration ramp) {
  const auto truths = ReadRequestTruths(simulator_log_path);
  if (!truths.ok()) Exit(truths.status().message());
  std::optional<TimePoint> first_send;
  ReadRecords(records_path, [&](const RequestRecord& record) {
    first_send = std::min(first_send.value_or(record.started_at), record.started_at);
  });
  if (!first_send) Exit("the record log has no request");
  MeasurementErrorBuilder builder({.begin = *first_send + ramp});
  ReadRecords(records_path, [&](const RequestRecord& record) {
    const auto truth = truths->find(XRequestId(record.request_id));
    builder.Add(record, truth == truths->end() ? nullptr : &truth->second);
  });
  return builder.errors();
}

ErrorQuantiles QuantilesOf(const MeasurementErrors& errors, MeasuredQuantity quantity) {
  const auto figures = FiguresOf(errors.of(quantity));
  if (!figures) Exit("no arrivals to compare: the files have no request in common");
  return {figures->p50_us, figures->p99_us, figures->max_us};
}

}  // namespace

ArrivalError MeasureArrivalError(const std::string& records_path, const std::string& simulator_log_path) {
  const MeasurementErrors errors = Compare(records_path, simulator_log_path, Duration::zero());
  return {errors.tokens, errors.upper_bounds, QuantilesOf(errors, MeasuredQuantity::kArrival)};
}

FirstTokenError MeasureFirstTokenError(const std::string& records_path, const std::string& simulator_log_path,
                                       Duration ramp) {
  const MeasurementErrors errors = Compare(records_path, simulator_log_path, ramp);
  return {errors.of(MeasuredQuantity::kFirstArrival).n(), errors.first_upper_bounds,
          QuantilesOf(errors, MeasuredQuantity::kFirstArrival), QuantilesOf(errors, MeasuredQuantity::kTtft),
          QuantilesOf(errors, MeasuredQuantity::kTtftWithReadDelay)};
}

}  // namespace llmdyno
