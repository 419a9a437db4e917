// Turns the records of one level into ServingMetrics. A RecordSink; works as well on the records of a log.
// Hand it to the run among its sinks, call Build afterwards.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "llmdyno/core/record_sink.h"
#include "llmdyno/metrics/first_token.h"
#include "llmdyno/metrics/goodput.h"
#include "llmdyno/metrics/serving_metrics.h"

namespace llmdyno {

// What the records do not say.
struct ServingMetricsConfig {
  FirstToken first_token = FirstToken::kAnyText;
  std::optional<Goodput> goodput = {};
  bool keep_details = false;  // RequestDetail of every request: memory grows with tokens
  // True when every response must have the length that was asked for (ignore_eos).
  bool expects_requested_length = false;
};

// Warm-up records are counted and left out of everything else. A finish line is not listened to: each request
// counts by how it ended. Memory: about 150 bytes per request. Thread-compatible.
class ServingMetricsBuilder final : public RecordSink {
 public:
  // Begins without a record.
  explicit ServingMetricsBuilder(ServingMetricsConfig config = {});
  ~ServingMetricsBuilder() override;
  // What was moved from may be assigned to or destroyed.
  ServingMetricsBuilder(ServingMetricsBuilder&&) noexcept;
  ServingMetricsBuilder& operator=(ServingMetricsBuilder&&) noexcept;

  void OnRecord(const RequestRecord& record) override;
  // May be called at any time and again.
  ServingMetrics Build() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace llmdyno
