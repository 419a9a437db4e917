// One load of a self-test: an endpoint of its own, the client as the apps wire it, and the comparison.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/base/clock.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/report/selftest_report.h"
#include "llmdyno/run/run_control.h"
#include "selftest/cores.h"

namespace llmdyno {

// What all loads share.
struct SelftestSetting {
  const Clock& clock;
  const Catalog& catalog;
  const Diagnostics& diagnostics;
  RunControl& control;
  CoreSplit cores;
  std::string folder;  // for the logs of both sides, which are removed again
};

struct StreamLoad {
  int64_t concurrency = 1;
  Duration window{};  // that is compared
  Duration itl{};     // of each stream; all streams send at multiples of it
};

// Users begin one by one, so that requests end and begin evenly; then the window. Unavailable when the
// endpoint cannot be started or ends early.
absl::StatusOr<SelftestLevel> RunStreams(const StreamLoad& load, const SelftestSetting& setting);

struct SendLoad {
  double per_second = 0;
  Duration window{};
};

// An open loop with Poisson arrivals of short requests. Errors are as above.
absl::StatusOr<SelftestSends> RunSends(const SendLoad& load, const SelftestSetting& setting);

}  // namespace llmdyno
