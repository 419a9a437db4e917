#include "cli/console_progress.h"

#include <unistd.h>

#include <cstdio>

namespace llmdyno {

ConsoleProgress::ConsoleProgress(const ProgressSnapshot& targets, bool plain)
    : targets_(targets), redraws_(!plain && ::isatty(STDERR_FILENO) == 1) {}

Duration ConsoleProgress::interval() const {
  return redraws_ ? Duration(std::chrono::milliseconds(200)) : Duration(std::chrono::seconds(5));
}

void ConsoleProgress::OnProgress(const RunProgress& progress) {
  if (progress.draining) {
    if (redraws_) {
      std::fprintf(stderr, "\r\033[Kfinish line crossed; draining %lld requests in flight",
                   static_cast<long long>(progress.in_flight));
      line_open_ = true;
    } else if (!std::exchange(drain_announced_, true)) {
      std::fprintf(stderr, "finish line crossed; draining %lld requests in flight\n",
                   static_cast<long long>(progress.in_flight));
    }
    return;
  }
  const RunTotals& totals = progress.totals;
  if (!std::exchange(rate_begun_, true)) rate_.Add(totals.started_at, 0);
  rate_.Add(totals.now, totals.output_tokens);
  ProgressSnapshot snapshot = targets_;
  snapshot.elapsed = totals.now - totals.started_at;
  snapshot.output_tokens = totals.output_tokens;
  snapshot.tokens_per_second = rate_.PerSecond();
  snapshot.users = progress.active_users;
  snapshot.requests_ok = totals.requests_ok;
  snapshot.requests_failed = totals.requests_ended - totals.requests_ok;
  const std::string line = FormatProgressLine(snapshot);
  std::fprintf(stderr, redraws_ ? "\r\033[K%s" : "%s\n", line.c_str());
  line_open_ = redraws_;
}

void ConsoleProgress::Finish() {
  if (line_open_) std::fputc('\n', stderr);
  line_open_ = false;
}

}  // namespace llmdyno
