#include "llmdyno/metrics/finish_line.h"

namespace llmdyno {
namespace {

std::optional<TimePoint> LastTextBy(const RequestRecord& record, TimePoint line) {
  std::optional<TimePoint> last;
  for (const Arrival& arrival : record.arrivals) {
    if (arrival.at > line) break;
    last = arrival.at;
  }
  return last;
}

}  // namespace

RaceShare JudgeAtLine(const RequestRecord& record, std::optional<TimePoint> line) {
  RaceShare share;
  if (!line || HadEndedBy(record, *line)) {
    share.standing = record.outcome.ok() ? Standing::kSucceeded : Standing::kFailed;
    share.output_tokens = record.outcome.ok() ? record.output_tokens.tokens : 0;
    share.until = record.ended_at;
    share.last_text_at = record.last_text_at;
  } else {
    share.output_tokens = OutputTokensBy(record, *line);
    share.standing = share.output_tokens > 0 ? Standing::kUnderWay : Standing::kWaiting;
    share.until = *line;
    share.last_text_at = LastTextBy(record, *line);
  }
  if (share.ok()) share.input_tokens = record.input_tokens.tokens;
  return share;
}

}  // namespace llmdyno
