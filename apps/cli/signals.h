// SIGINT and SIGTERM become requests to the run: the first one draws the finish line, the second one ends the
// drain.
#pragma once

#include "llmdyno/run/run_control.h"

namespace llmdyno {

// While it lives, signals go to `control`. One at a time per process.
class SignalsToRun {
 public:
  explicit SignalsToRun(RunControl& control);
  ~SignalsToRun();
  SignalsToRun(const SignalsToRun&) = delete;
  SignalsToRun& operator=(const SignalsToRun&) = delete;

  // The first signal that came: SIGINT, SIGTERM, or 0 for none.
  static int received();
};

}  // namespace llmdyno
