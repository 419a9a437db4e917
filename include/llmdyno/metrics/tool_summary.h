// What other benchmarks would have printed for a whole run: their definitions, aggregated as they do it.
// `llmdyno report` uses it on record logs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "llmdyno/metrics/distribution.h"
#include "llmdyno/metrics/gap_histogram.h"
#include "llmdyno/metrics/tool_definitions.h"

namespace llmdyno {

// One figure of one tool over all its values; the numbers are absent without any.
struct ToolSummary {
  const ToolMetric* metric = nullptr;
  int64_t n = 0;  // values: gaps where the tool pools them, else requests
  std::optional<Duration> mean;
  std::optional<Duration> p50;
  std::optional<Duration> p99;
};

// All figures of all tools for one run, and what they leave out.
struct ToolSummaries {
  std::vector<ToolSummary> figures;  // in the order of ToolMetricTable
  int64_t requests = 0;              // measured, answered and streamed: those that the figures are of

  // Left out.
  int64_t warm_up = 0;
  int64_t failed = 0;
  int64_t not_streamed = 0;

  // Of the requests, those about which the record tells a tool's definition less than the stream did.
  int64_t without_usage = 0;            // token counts are not the endpoint's own
  int64_t with_estimated_answer = 0;    // see AnswerTokens
  int64_t with_unplaced_events = 0;     // events without text in mid-stream: vLLM's gaps around them are one
  int64_t without_latest_instants = 0;  // of a log from before they were kept: figures are absent
  int64_t with_unannounced_tokens = 0;  // events carry more tokens, or fewer, than the stream told
  int64_t with_shared_reads = 0;        // some events share an instant: gaps of 0 in per-event figures
};

// Receives records in any order. Keeps sixteen bytes per request and figure; gaps are kept in histograms, so
// their percentiles are off by at most 0.8 %. Thread-compatible.
class ToolSummaryBuilder {
 public:
  ToolSummaryBuilder();
  // Only measured requests that were answered in a stream count, as in all of these tools.
  void OnRecord(const RequestRecord& record);
  // Of the records so far. May be called at any time and again.
  ToolSummaries Build() const;

 private:
  struct Figure {
    std::vector<ToolValue> values;  // one per request
    GapHistogram gaps;              // or these, when the figure is per gap
  };
  void Count(const RequestRecord& record);

  std::vector<Figure> figures_;
  ToolSummaries counts_;  // its figures are empty
};

}  // namespace llmdyno
