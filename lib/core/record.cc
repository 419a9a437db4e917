#include "llmdyno/core/record.h"

#include <array>
#include <utility>

namespace llmdyno {
namespace {

template <typename Enum, size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Names<TokenCountSource, 5> kSources = {{{TokenCountSource::kUsage, "usage"},
                                                  {TokenCountSource::kTokenizer, "tokenizer"},
                                                  {TokenCountSource::kCalibrated, "calibrated"},
                                                  {TokenCountSource::kEvents, "events"},
                                                  {TokenCountSource::kEstimated, "estimated"}}};
constexpr Names<ArrivalClock, 3> kClocks = {{{ArrivalClock::kKernel, "kernel"},
                                             {ArrivalClock::kWakeUp, "wake_up"},
                                             {ArrivalClock::kSimulated, "simulated"}}};
constexpr Names<RunPhase, 2> kPhases = {{{RunPhase::kWarmUp, "warm_up"}, {RunPhase::kMeasured, "measured"}}};

template <typename Enum, size_t N>
std::string_view NameOf(const Names<Enum, N>& names, Enum value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "unknown";
}

template <typename Enum, size_t N>
std::optional<Enum> ValueOf(const Names<Enum, N>& names, std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view ToString(TokenCountSource source) { return NameOf(kSources, source); }
std::string_view ToString(ArrivalClock clock) { return NameOf(kClocks, clock); }
std::string_view ToString(RunPhase phase) { return NameOf(kPhases, phase); }
std::optional<TokenCountSource> ParseTokenCountSource(std::string_view text) {
  return ValueOf(kSources, text);
}
std::optional<ArrivalClock> ParseArrivalClock(std::string_view text) { return ValueOf(kClocks, text); }
std::optional<RunPhase> ParseRunPhase(std::string_view text) { return ValueOf(kPhases, text); }

void RequestRecord::Reset() {
  RequestRecord fresh;
  // What owns memory keeps it.
  fresh.arrivals = std::move(arrivals);
  fresh.arrivals.Clear();
  fresh.model = std::move(model);
  fresh.model.clear();
  fresh.finish_reason = std::move(finish_reason);
  fresh.finish_reason.clear();
  fresh.provider = std::move(provider);
  fresh.provider.clear();
  fresh.prompt_text = std::move(prompt_text);
  fresh.prompt_text.clear();
  fresh.output_text = std::move(output_text);
  fresh.output_text.clear();
  fresh.outcome.message = std::move(outcome.message);
  fresh.outcome.message.clear();
  *this = std::move(fresh);
}

void RequestRecord::ForgetAnswer() {
  connected_at = sent_at = first_byte_at = first_event_at = std::nullopt;
  first_text_at = first_content_at = last_content_at = last_text_at = std::nullopt;
  last_event_at = usage_at = done_at = std::nullopt;
  ended_at = {};
  arrivals.Clear();
  arrival_clock = ArrivalClock::kWakeUp;
  connection_reused = false;
  dns_time = connect_time = tls_time = std::nullopt;
  http_version = 0;
  output_tokens = {};
  cached_input_tokens = reasoning_tokens = items = dimension = std::nullopt;
  textless_events = 0;
  received_bytes = 0;
  finish_reason.clear();
  reported_cost.reset();
  provider.clear();
  outcome = {};
  output_text.clear();
}

bool HadEndedBy(const RequestRecord& record, TimePoint line) {
  if (record.ended_at == line) return record.outcome.cls != OutcomeClass::kCancelled;
  return record.ended_at < line;
}

int64_t OutputTokensBy(const RequestRecord& record, TimePoint line) {
  if (HadEndedBy(record, line)) return record.outcome.ok() ? record.output_tokens.tokens : 0;
  const int64_t streamed = record.arrivals.TokensUntil(line);
  // The stream's weights are one per event when it does not say more; the final count knows better. A request
  // that failed after the line has no final count to scale by.
  const int64_t total = record.arrivals.total_tokens();
  if (!record.outcome.ok() || total == 0 || record.output_tokens.tokens == total) return streamed;
  return streamed * record.output_tokens.tokens / total;
}

}  // namespace llmdyno
