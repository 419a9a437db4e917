#include "llmdyno/report/progress_line.h"

#include <algorithm>

#include "report/text_format.h"
#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

// The sample of the system that is replaced: 234,567 of 1,000,000 tokens after 142 s.
ProgressSnapshot Sample() {
  ProgressSnapshot snapshot;
  snapshot.elapsed = 142s;
  snapshot.output_tokens = 234'567;
  snapshot.target_tokens = 1'000'000;
  snapshot.tokens_per_second = 1653;
  snapshot.users = 80;
  snapshot.requests_ok = 142;
  return snapshot;
}

}  // namespace

TEST_CASE("The progress line has seven fields", "[report][progress]") {
  // (1,000,000 - 234,567) / 1653 = 463 s to go.
  CHECK(FormatProgressLine(Sample()) ==
        "234,567/1,000,000 tokens | 23.5% | 142s | 1,653 tok/s | ETA 463s | 80 users | 142 reqs");
}

TEST_CASE("Failures show as soon as there are any, and simulation always", "[report][progress]") {
  ProgressSnapshot snapshot = Sample();
  snapshot.requests_failed = 3;
  CHECK(FormatProgressLine(snapshot).ends_with("| 145 reqs (3 failed)"));
  snapshot.requests_failed = 0;
  snapshot.is_simulated = true;
  CHECK(FormatProgressLine(snapshot).ends_with("| 142 reqs | SIMULATED"));
}

TEST_CASE("A target of requests is measured in requests", "[report][progress]") {
  ProgressSnapshot snapshot = Sample();
  snapshot.target_tokens.reset();
  snapshot.target_requests = 1000;
  snapshot.elapsed = 71s;
  // 142 of 1000 in 71 s: 429 s to go.
  CHECK(FormatProgressLine(snapshot) ==
        "234,567 tokens | 14.2% | 71s | 1,653 tok/s | ETA 429s | 80 users | 142/1,000 reqs");
}

TEST_CASE("A duration is measured in time", "[report][progress]") {
  ProgressSnapshot snapshot = Sample();
  snapshot.target_tokens.reset();
  snapshot.target_duration = 200s;
  CHECK(FormatProgressLine(snapshot) ==
        "234,567 tokens | 71.0% | 142s | 1,653 tok/s | ETA 58s | 80 users | 142 reqs");
}

TEST_CASE("Before anything has arrived there is no rate and no ETA", "[report][progress]") {
  ProgressSnapshot snapshot;
  snapshot.target_tokens = 1000;
  CHECK(FormatProgressLine(snapshot) == "0/1,000 tokens | 0.0% | 0s | - tok/s | ETA - | 0 users | 0 reqs");
  snapshot.tokens_per_second = 0;
  CHECK(FormatProgressLine(snapshot).find("ETA -") != std::string::npos);
}

TEST_CASE("Beyond the target nothing is left", "[report][progress]") {
  ProgressSnapshot snapshot = Sample();
  snapshot.output_tokens = 1'000'200;
  CHECK(FormatProgressLine(snapshot).find("100.0% | 142s | 1,653 tok/s | ETA 0s") != std::string::npos);
}

TEST_CASE("The line fits into 100 columns whatever the numbers", "[report][progress]") {
  ProgressSnapshot snapshot = Sample();
  snapshot.is_simulated = true;
  snapshot.requests_failed = 12'345;
  for (const int64_t scale : {1, 10, 1000, 100'000}) {
    snapshot.output_tokens *= scale;
    *snapshot.target_tokens *= scale;
    snapshot.elapsed *= std::min<int64_t>(scale, 1000);
    *snapshot.tokens_per_second *= static_cast<double>(scale);
    snapshot.requests_ok *= scale;
    CAPTURE(FormatProgressLine(snapshot));
    CHECK(ScreenWidth(FormatProgressLine(snapshot)) <= 100);
  }
}
