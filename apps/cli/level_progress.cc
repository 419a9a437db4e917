#include "cli/level_progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace llmdyno {

LevelProgress::LevelProgress(std::string title, int64_t requests, Duration time, bool plain)
    : title_(std::move(title)),
      requests_(requests),
      time_(time),
      redraws_(!plain && ::isatty(STDERR_FILENO) == 1) {}

LevelProgress::~LevelProgress() { Finish(); }

Duration LevelProgress::interval() const {
  return redraws_ ? Duration(std::chrono::milliseconds(200)) : Duration(std::chrono::seconds(5));
}

void LevelProgress::OnProgress(const RunProgress& progress, const std::string& more) {
  const RunTotals& totals = progress.totals;
  const double elapsed = ToSeconds(totals.now - totals.started_at);
  char text[240];
  int length = std::snprintf(text, sizeof text, "%s  %.0f", title_.c_str(), elapsed);
  const auto add = [&](const char* format, auto... values) {
    const auto used = static_cast<size_t>(std::clamp<int>(length, 0, sizeof text - 1));
    length += std::snprintf(text + used, sizeof text - used, format, values...);
  };
  const bool is_draining = time_ > Duration::zero() && elapsed > ToSeconds(time_);
  if (time_ > Duration::zero() && !is_draining) add("/%.0f", ToSeconds(time_));
  add("%s", is_draining ? " s, draining" : " s");
  add("  sent %lld", static_cast<long long>(totals.requests_issued));
  if (requests_ > 0) add("/%lld", static_cast<long long>(requests_));
  add("  in flight %lld  ok %lld  failed %lld", static_cast<long long>(progress.in_flight),
      static_cast<long long>(totals.requests_ok),
      static_cast<long long>(totals.requests_ended - totals.requests_ok));
  if (!more.empty()) add("  %s", more.c_str());
  std::fprintf(stderr, redraws_ ? "\r\033[K%s" : "%s\n", text);
  line_open_ = redraws_;
}

void LevelProgress::Finish() {
  if (line_open_) std::fputs("\r\033[K", stderr);
  line_open_ = false;
}

}  // namespace llmdyno
