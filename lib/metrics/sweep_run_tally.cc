#include "metrics/sweep_run_tally.h"

#include <algorithm>

namespace llmdyno {

void SweepRunTally::Add(const RequestRecord& record) {
  if (!first_due_at_) {
    first_due_at_ = record.scheduled_at;
    first_send_at_ = last_send_at_ = record.started_at;
    last_end_at_ = record.ended_at;
  }
  first_due_at_ = std::min(*first_due_at_, record.scheduled_at);
  first_send_at_ = std::min(first_send_at_, record.started_at);
  last_send_at_ = std::max(last_send_at_, record.started_at);
  last_end_at_ = std::max(last_end_at_, record.ended_at);
}

void SweepRunTally::AddSuccess(const RequestRecord& record, const RequestValues& values) {
  if (successful_++ == 0) first_success_at_ = last_success_at_ = record.ended_at;
  first_success_at_ = std::min(first_success_at_, record.ended_at);
  last_success_at_ = std::max(last_success_at_, record.ended_at);
  input_tokens_ += InputTokens(record).value_or(0);
  output_tokens_ += record.output_tokens.tokens;
  if (record.items) items_ = items_.value_or(0) + *record.items;
  if (values.output_throughput) {
    combined_throughput_ = combined_throughput_.value_or(0) + *values.output_throughput;
  }
}

void SweepRunTally::SetSteadyState(const std::optional<SteadyState>& steady) {
  steady_tokens_per_second_ = steady ? steady->window_tokens_per_second : std::nullopt;
  steady_median_tokens_per_second_ = steady ? steady->median_bucket_tokens_per_second : std::nullopt;
}

void SweepRunTally::AddTo(RunFigures& figures) const {
  if (successful_ == 0) return;
  const double batch_total = ToSeconds(last_end_at_ - *first_due_at_);
  figures.batch_total_s.Add(batch_total);
  figures.fastest_s.Add(ToSeconds(first_success_at_ - *first_due_at_));
  figures.slowest_s.Add(ToSeconds(last_success_at_ - *first_due_at_));
  figures.spread_s.Add(ToSeconds(last_success_at_ - first_success_at_));
  figures.send_spread_s.Add(ToSeconds(last_send_at_ - first_send_at_));
  AddIfAny(combined_throughput_, figures.combined_throughput);
  AddIfAny(steady_tokens_per_second_, figures.steady_tokens_per_second);
  AddIfAny(steady_median_tokens_per_second_, figures.steady_median_tokens_per_second);
  if (batch_total <= 0) return;
  const auto per_second = [&](int64_t count) { return static_cast<double>(count) / batch_total; };
  figures.requests_per_second.Add(per_second(successful_));
  figures.total_tokens_per_second.Add(per_second(input_tokens_ + output_tokens_));
  if (input_tokens_ > 0) figures.input_tokens.Add(static_cast<double>(input_tokens_));
  if (items_) {
    figures.items.Add(static_cast<double>(*items_));
    figures.items_per_second.Add(per_second(*items_));
  } else {
    figures.tokens_per_second.Add(per_second(output_tokens_));
  }
}

void Sort(RunFigures& figures) {
  for (Distribution* values :
       {&figures.batch_total_s, &figures.fastest_s, &figures.slowest_s, &figures.spread_s,
        &figures.send_spread_s, &figures.combined_throughput, &figures.tokens_per_second,
        &figures.total_tokens_per_second, &figures.requests_per_second, &figures.items_per_second,
        &figures.items, &figures.input_tokens, &figures.steady_tokens_per_second,
        &figures.steady_median_tokens_per_second}) {
    values->Sort();
  }
}

}  // namespace llmdyno
