// Shows one level of a series while it runs: a line that is redrawn on a terminal, else one every five
// seconds.
#pragma once

#include <string>

#include "llmdyno/run/run_progress.h"

namespace llmdyno {

class LevelProgress {
 public:
  // `title` as in "level 2 of 4: 5 requests/s"; `requests` and `time` are what is asked for (0: not limited).
  LevelProgress(std::string title, int64_t requests, Duration time, bool plain);
  ~LevelProgress();
  LevelProgress(const LevelProgress&) = delete;
  LevelProgress& operator=(const LevelProgress&) = delete;

  Duration interval() const;
  // `more` stands at the end of the line; may be empty.
  void OnProgress(const RunProgress& progress, const std::string& more = "");
  // Erases an open line, so that something else can be printed.
  void Finish();

 private:
  const std::string title_;
  const int64_t requests_;
  const Duration time_;
  const bool redraws_;
  bool line_open_ = false;
};

}  // namespace llmdyno
