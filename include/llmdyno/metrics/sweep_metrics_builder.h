// Turns the records of one level of a sweep into SweepLevelMetrics. A RecordSink; works as well on a log.
// RunSweep feeds it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "llmdyno/base/time.h"
#include "llmdyno/core/record_sink.h"
#include "llmdyno/metrics/steady_state.h"
#include "llmdyno/metrics/sweep_metrics.h"

namespace llmdyno {

// What the records do not say.
struct SweepMetricsConfig {
  int64_t num_completions = 1;        // answers per request ("n")
  bool expects_exact_output = false;  // every answer was to have requested_output_tokens
  // The endpoint's own model, for the requests without an adapter; used when any request has one. No
  // adapter's name.
  std::string base_model = {};
  SteadyStateConfig steady = {};
};

// Records tell their run by RequestRecord::run; those of one run come together, as runs do. Warm-up records
// are left out. Memory: about 250 bytes per request, and for the run at hand what SteadyStateMeter keeps.
// Thread-compatible.
class SweepMetricsBuilder final : public RecordSink {
 public:
  // Needs a config whose `steady` is valid and num_completions of at least 1.
  explicit SweepMetricsBuilder(SweepMetricsConfig config = {});
  ~SweepMetricsBuilder() override;
  // What was moved from may be assigned to or destroyed.
  SweepMetricsBuilder(SweepMetricsBuilder&&) noexcept;
  SweepMetricsBuilder& operator=(SweepMetricsBuilder&&) noexcept;

  void OnRecord(const RequestRecord& record) override;
  // The run at hand has its last record. Need not be told, but finding its steady state takes milliseconds,
  // which are better spent between two runs than when the first record of the next one comes.
  void EndRun();
  // May be called at any time and again.
  SweepLevelMetrics Build() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace llmdyno
