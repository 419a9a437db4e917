// The figures of one request of a sweep, before they are gathered over a level, a run or an adapter.
#pragma once

#include <cstdint>
#include <optional>

#include "llmdyno/core/record.h"
#include "llmdyno/metrics/sweep_metrics.h"

namespace llmdyno {

// As the members of RequestFigures, empty where a request has no such value.
struct RequestValues {
  std::optional<double> input_tokens;
  std::optional<double> output_tokens;
  std::optional<double> ttft_s;
  std::optional<double> ttfo_s;
  double e2e_s = 0;
  double decode_time_s = 0;
  std::optional<double> tpot_s;
  std::optional<double> input_throughput;
  std::optional<double> output_throughput;
  std::optional<double> request_tokens_per_second;
  std::optional<double> items_per_second;
  std::optional<double> input_tokens_per_second;
};

// Of a success. Needs num_completions >= 1.
RequestValues ValuesOf(const RequestRecord& record, int64_t num_completions);

void AddTo(const RequestValues& values, RequestFigures& figures);
void AddTo(const RequestValues& values, AdapterFigures& figures);
void Sort(RequestFigures& figures);
void Sort(AdapterFigures& figures);

// Adds what exists.
void AddIfAny(std::optional<double> value, Distribution& values);

// The prompt's tokens; nothing when neither the endpoint nor the client has counted them.
std::optional<int64_t> InputTokens(const RequestRecord& record);

}  // namespace llmdyno
