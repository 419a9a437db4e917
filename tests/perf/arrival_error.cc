#include "arrival_error.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "llmdyno/core/record_log.h"

namespace llmdyno {
namespace {

using SentInstants = std::map<std::string, std::vector<int64_t>>;

SentInstants ReadSimulatorLog(const std::string& path) {
  SentInstants sent;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json["token_sent_ns"].is_array()) {
      sent[json["x_request_id"].get<std::string>()] = json["token_sent_ns"].get<std::vector<int64_t>>();
    }
  }
  return sent;
}

}  // namespace

ArrivalError MeasureArrivalError(const std::string& records_path, const std::string& simulator_log_path) {
  const SentInstants sent = ReadSimulatorLog(simulator_log_path);
  ArrivalError result;
  std::vector<double> errors;
  const auto compare = [&](const RequestRecord& record) {
    const auto truth = sent.find("llmdyno-" + std::to_string(record.request_id));
    if (truth == sent.end()) return;
    size_t token = 0;
    for (const Arrival& arrival : record.arrivals) {
      for (uint32_t i = 0; i < arrival.tokens && token < truth->second.size(); ++i, ++token) {
        errors.push_back(static_cast<double>(arrival.at.time_since_epoch().count() - truth->second[token]) /
                         1e3);
        if (arrival.upper_bound || i + 1 < arrival.tokens) ++result.upper_bounds;
      }
    }
  };
  const auto contents = ReadRecordLog(records_path, compare);
  if (!contents.ok() || errors.empty()) {
    std::fprintf(stderr, "no arrivals to compare: %s\n", std::string(contents.status().message()).c_str());
    std::exit(1);
  }
  std::sort(errors.begin(), errors.end());
  const auto quantile = [&](double p) {
    return errors[static_cast<size_t>(p * static_cast<double>(errors.size() - 1))];
  };
  result.tokens = static_cast<int64_t>(errors.size());
  result.p50_us = quantile(0.50);
  result.p99_us = quantile(0.99);
  result.max_us = errors.back();
  return result;
}

}  // namespace llmdyno
