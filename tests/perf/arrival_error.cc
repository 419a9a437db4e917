#include "arrival_error.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "llmdyno/core/record_log.h"
#include "llmdyno/metrics/request_metrics.h"

namespace llmdyno {
namespace {

// What the simulator wrote of one request, nanoseconds of the monotonic clock.
struct Truth {
  int64_t arrival_ns = 0;
  std::vector<int64_t> token_sent_ns;
};

using Truths = std::map<std::string, Truth>;

Truths ReadSimulatorLog(const std::string& path) {
  Truths truths;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json["token_sent_ns"].is_array()) {
      truths[json["x_request_id"].get<std::string>()] = {json["arrival_ns"].get<int64_t>(),
                                                         json["token_sent_ns"].get<std::vector<int64_t>>()};
    }
  }
  return truths;
}

// Calls `compare` for each request that is in both files.
void Join(const std::string& records_path, const std::string& simulator_log_path,
          const std::function<void(const RequestRecord&, const Truth&)>& compare) {
  const Truths truths = ReadSimulatorLog(simulator_log_path);
  const auto contents = ReadRecordLog(records_path, [&](const RequestRecord& record) {
    const auto truth = truths.find("llmdyno-" + std::to_string(record.request_id));
    if (truth != truths.end()) compare(record, truth->second);
  });
  if (contents.ok()) return;
  std::fprintf(stderr, "%s\n", std::string(contents.status().message()).c_str());
  std::exit(1);
}

int64_t Nanoseconds(TimePoint at) { return at.time_since_epoch().count(); }

ErrorQuantiles QuantilesOf(std::vector<double> errors_us) {
  if (errors_us.empty()) {
    std::fprintf(stderr, "no arrivals to compare: the files have no request in common\n");
    std::exit(1);
  }
  std::sort(errors_us.begin(), errors_us.end());
  const auto quantile = [&](double p) {
    return errors_us[static_cast<size_t>(p * static_cast<double>(errors_us.size() - 1))];
  };
  return {quantile(0.50), quantile(0.99), errors_us.back()};
}

}  // namespace

ArrivalError MeasureArrivalError(const std::string& records_path, const std::string& simulator_log_path) {
  ArrivalError result;
  std::vector<double> errors;
  Join(records_path, simulator_log_path, [&](const RequestRecord& record, const Truth& truth) {
    size_t token = 0;
    for (const Arrival& arrival : record.arrivals) {
      for (uint32_t i = 0; i < arrival.tokens && token < truth.token_sent_ns.size(); ++i, ++token) {
        errors.push_back(static_cast<double>(Nanoseconds(arrival.at) - truth.token_sent_ns[token]) / 1e3);
        if (arrival.upper_bound || i + 1 < arrival.tokens) ++result.upper_bounds;
      }
    }
  });
  result.tokens = std::ssize(errors);
  result.arrival = QuantilesOf(std::move(errors));
  return result;
}

FirstTokenError MeasureFirstTokenError(const std::string& records_path, const std::string& simulator_log_path,
                                       Duration ramp) {
  std::optional<TimePoint> first_send;
  (void)ReadRecordLog(records_path, [&](const RequestRecord& record) {
    first_send = std::min(first_send.value_or(record.started_at), record.started_at);
  });
  FirstTokenError result;
  std::vector<double> arrival_errors;
  std::vector<double> client_errors;
  std::vector<double> ttft_errors;
  Join(records_path, simulator_log_path, [&](const RequestRecord& record, const Truth& truth) {
    const std::optional<Duration> ttft = Ttft(record);
    if (!ttft || !record.sent_at || truth.token_sent_ns.empty()) return;
    if (record.started_at < *first_send + ramp) return;
    const int64_t sent = truth.token_sent_ns.front();
    const double arrival_error = static_cast<double>(Nanoseconds(*record.first_text_at) - sent) / 1e3;
    arrival_errors.push_back(arrival_error);
    client_errors.push_back(arrival_error + ToMicroseconds(*record.sent_at - record.started_at));
    ttft_errors.push_back(static_cast<double>(ttft->count() - (sent - truth.arrival_ns)) / 1e3);
    const Arrival first = *record.arrivals.begin();
    result.upper_bounds += first.upper_bound || first.events > 1;
  });
  result.requests = std::ssize(arrival_errors);
  result.arrival = QuantilesOf(std::move(arrival_errors));
  result.client = QuantilesOf(std::move(client_errors));
  result.ttft = QuantilesOf(std::move(ttft_errors));
  return result;
}

}  // namespace llmdyno
