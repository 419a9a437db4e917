#include "metrics/sweep_checks.h"

#include <cmath>
#include <cstdlib>
#include <optional>

#include "metrics/sweep_request_figures.h"

namespace llmdyno {
namespace {

// Prompts are cut to the token, but a tokenizer may see the seam between two pieces of text in another way
// than the one that counted them apart: a single token is no error, however short the prompt.
constexpr double kOffPercent = 2;
constexpr int64_t kOffTokens = 1;

void AddTo(std::optional<UsageExtras::Sum>& sum, std::optional<double> value) {
  if (!value) return;
  if (!sum) sum.emplace();
  sum->values.Add(*value);
  sum->total += *value;
}

std::optional<double> AsReal(std::optional<int64_t> value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

}  // namespace

void Count(const RequestRecord& record, InputLengthCheck& check) {
  const std::optional<int64_t> actual = InputTokens(record);
  if (record.target_input_tokens.value_or(0) <= 0 || !actual) return;
  const int64_t target = *record.target_input_tokens;
  const int64_t extra = *actual - target;
  ++check.requests;
  check.target_tokens += target;
  check.actual_tokens += *actual;
  const double percent = 100 * static_cast<double>(extra) / static_cast<double>(target);
  check.deviation_percent.Add(percent);
  if (std::abs(percent) > kOffPercent && std::abs(extra) > kOffTokens) ++check.off_by_2_percent;
  check.mean_extra =
      static_cast<double>(check.actual_tokens - check.target_tokens) / static_cast<double>(check.requests);
}

void Count(const RequestRecord& record, int64_t num_completions, OutputLengthCheck& check) {
  if (!record.requested_output_tokens || record.items) return;
  if (record.output_tokens.source != TokenCountSource::kUsage) {
    ++check.not_reported;
    return;
  }
  const int64_t requested = num_completions * *record.requested_output_tokens;
  ++check.requests;
  if (record.output_tokens.tokens < requested) ++check.shorter;
  if (record.output_tokens.tokens > requested) ++check.longer;
}

void UsageExtrasTally::Add(const RequestRecord& record) {
  AddTo(so_far_.reasoning_tokens, AsReal(record.reasoning_tokens));
  AddTo(so_far_.cached_tokens, AsReal(record.cached_input_tokens));
  AddTo(so_far_.cost, record.reported_cost);
  if (record.cached_input_tokens) input_tokens_of_cached_ += record.input_tokens.tokens;
  if (!record.finish_reason.empty()) ++so_far_.finish_reasons[record.finish_reason];
  if (!record.provider.empty()) ++so_far_.providers[record.provider];
}

UsageExtras UsageExtrasTally::Build() const {
  UsageExtras extras = so_far_;
  for (auto* sum : {&extras.reasoning_tokens, &extras.cached_tokens, &extras.cost}) {
    if (*sum) (*sum)->values.Sort();
  }
  if (extras.cached_tokens && input_tokens_of_cached_ > 0) {
    extras.cache_hit_rate = extras.cached_tokens->total / static_cast<double>(input_tokens_of_cached_);
  }
  return extras;
}

}  // namespace llmdyno
