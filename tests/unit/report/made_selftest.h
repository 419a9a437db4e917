// Self-tests made by hand.
#pragma once

#include "llmdyno/report/selftest_report.h"

namespace llmdyno {

// A level without a flaw, whose p99 error of arrivals is as given.
inline SelftestLevel MadeLevel(int64_t concurrency, double arrival_p99_us) {
  SelftestLevel level;
  level.concurrency = concurrency;
  level.request_tokens = 100;
  level.window = std::chrono::seconds(4);
  level.scripted_tokens_per_second = 50.0 * static_cast<double>(concurrency);
  level.tokens_per_second = level.scripted_tokens_per_second - 0.5;
  for (size_t i = 0; i < kMeasuredQuantities; ++i) {
    level.errors[i] = ErrorFigures{1200, 1.25, 1.5, arrival_p99_us + static_cast<double>(i), 12'345.6};
  }
  level.tokens = 1200;
  level.upper_bound_share = 0.0125;
  level.stamps.kernel = 1300;
  level.requests = 40;
  level.tokens_per_cpu_second = 200'000;
  level.late_send_share = 0.005;
  level.client_cpu_share = 0.25;
  level.client_wait_share = 0.001;
  level.endpoint_cpu_share = 0.3;
  level.endpoint_wait_share = 0.002;
  level.health.arrival_clock = ArrivalClock::kKernel;
  return level;
}

inline SelftestReport MadeSelftest() {
  SelftestReport report;
  report.provenance = {"0.1.0", "gcc 12",
                       WallTime(std::chrono::seconds(1'738'324'800))};  // 2025-01-31 12:00 UTC
  report.machine = {2, "Some CPU", "Linux 6.1 x86_64", "", 0xabcdef0123456789U};
  report.client_cores = {1};
  report.endpoint_cores = {0};
  report.stream_tokens_per_second = 50;
  report.levels = {MadeLevel(1, 2), MadeLevel(10, 3), MadeLevel(1000, 40)};
  report.sends = {{.requests_per_second = 1000,
                   .send_error = ErrorFigures{3000, 5, 3, 50, 900},
                   .sent_per_second = 999.9,
                   .validity = {}}};
  report.skipped = {{20'000, "it needs 20,064 descriptors, and this process may open 1,024"}};
  report.configuration_json = R"({"quick":false})";
  report.notes = {"a note"};
  return report;
}

}  // namespace llmdyno
