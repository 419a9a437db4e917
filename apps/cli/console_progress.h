// The progress line on standard error: redrawn in place on a terminal, a line every five seconds otherwise.
#pragma once

#include <string>

#include "llmdyno/base/time.h"
#include "llmdyno/report/progress_line.h"
#include "llmdyno/report/rolling_rate.h"
#include "llmdyno/run/run_progress.h"

namespace llmdyno {

class ConsoleProgress {
 public:
  // `targets` carries the targets to show and whether the endpoint is simulated. `plain`: lines even on a
  // terminal.
  ConsoleProgress(const ProgressSnapshot& targets, bool plain);

  // How often OnProgress wants to be called.
  Duration interval() const;
  void OnProgress(const RunProgress& progress);
  // Leaves the cursor on a line of its own.
  void Finish();

 private:
  const ProgressSnapshot targets_;
  const bool redraws_;
  RollingRate rate_;
  bool rate_begun_ = false;
  bool drain_announced_ = false;
  bool line_open_ = false;
};

}  // namespace llmdyno
