// Goals that a single request meets or misses; goodput counts those that meet them all. Serving metrics are
// counted by it. A plain value; formulas: docs/metrics.md.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"
#include "llmdyno/metrics/first_token.h"

namespace llmdyno {

// As vLLM's --goodput: upper limits, all of which must hold. A failed request is never good. One of a single
// token, or whose tokens came in one piece, has no TPOT and meets that limit; one that was not streamed meets
// neither a TTFT nor, with two tokens or more, a TPOT.
struct Goodput {
  std::optional<Duration> ttft;
  std::optional<Duration> tpot;
  std::optional<Duration> e2e;  // to the end of the stream

  // {"ttft:500", "tpot:50", "e2el:5000"} or, with commas, {"ttft:500,tpot:50"}: milliseconds. The error names
  // the text, the character in it and what is known.
  static absl::StatusOr<Goodput> Parse(std::span<const std::string> texts);
  // TTFT and TPOT begin at the first token by `definition`.
  bool IsGood(const RequestRecord& record, FirstToken definition) const;
};
// Back to the terms: "ttft:500 tpot:50".
std::string ToString(const Goodput& goodput);

}  // namespace llmdyno
