// What a run has come to so far, in Prometheus' text format.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "llmdyno/core/record.h"

namespace llmdyno {

// A cumulative histogram as Prometheus has it: bounds in seconds, the last one infinite.
class PrometheusHistogram {
 public:
  // The bounds of vLLM's own time_to_first_token_seconds and e2e_request_latency_seconds taken together, so
  // that both sides can be laid over one another.
  static constexpr std::array<double, 22> kBounds = {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1,
                                                     0.25,  0.5,   0.75, 1,    2.5,  5,    7.5,  10,
                                                     20,    40,    80,   160,  640,  2560};
  void Add(double seconds);
  void Append(const std::string& name, std::string& text) const;

 private:
  std::array<int64_t, kBounds.size() + 1> counts_{};
  double sum_ = 0;
  int64_t count_ = 0;
};

// A value; copied to where it is written.
class PrometheusCounters {
 public:
  void Add(const RequestRecord& record);
  void FinishLine() { ++finish_lines_; }
  // `info` are the labels of the run, as AppendPrometheusLabel makes them.
  std::string Text(const std::string& info) const;

 private:
  std::map<std::pair<std::string, std::string>, int64_t> requests_;  // by phase and outcome
  int64_t input_tokens_ = 0;
  int64_t output_tokens_ = 0;
  int64_t finish_lines_ = 0;
  PrometheusHistogram ttft_;
  PrometheusHistogram e2e_;
};

// name="value", with the escapes that the format wants, behind a comma unless it is the first.
void AppendPrometheusLabel(const std::string& name, const std::string& value, std::string& labels);

}  // namespace llmdyno
