#include "metrics/sweep_request_figures.h"

#include "llmdyno/metrics/request_metrics.h"

namespace llmdyno {
namespace {

std::optional<double> Seconds(std::optional<Duration> duration) {
  return duration ? std::optional(ToSeconds(*duration)) : std::nullopt;
}

// Of an answer with vectors or scores.
void AddItemValues(const RequestRecord& record, RequestValues& values) {
  const double seconds = ToSeconds(E2e(record));
  if (seconds <= 0) return;
  values.items_per_second = static_cast<double>(*record.items) / seconds;
  if (values.input_tokens) values.input_tokens_per_second = *values.input_tokens / seconds;
}

void AddOutputValues(const RequestRecord& record, int64_t num_completions, RequestValues& values) {
  if (record.items) return AddItemValues(record, values);
  const auto tokens = static_cast<double>(record.output_tokens.tokens);
  values.output_tokens = tokens;
  if (tokens > 0) values.request_tokens_per_second = RequestSpeed(record);
  const double after_the_first = tokens / static_cast<double>(num_completions) - 1;
  if (after_the_first <= 0 || values.decode_time_s <= 0) return;
  values.tpot_s = values.decode_time_s / after_the_first;
  values.output_throughput = after_the_first / values.decode_time_s;
}

}  // namespace

void AddIfAny(std::optional<double> value, Distribution& values) {
  if (value) values.Add(*value);
}

std::optional<int64_t> InputTokens(const RequestRecord& record) {
  const TokenCount& count = record.input_tokens;
  // A count that was never made: of a workload that does not know its prompts' lengths.
  if (count.tokens == 0 && count.source == TokenCountSource::kEstimated) return std::nullopt;
  return count.tokens;
}

RequestValues ValuesOf(const RequestRecord& record, int64_t num_completions) {
  RequestValues values;
  if (const auto tokens = InputTokens(record)) values.input_tokens = static_cast<double>(*tokens);
  values.ttft_s = Seconds(Ttft(record));
  values.ttfo_s = Seconds(Ttfo(record));
  values.e2e_s = ToSeconds(LastTextLatency(record));
  values.decode_time_s = ToSeconds(LastTextLatency(record) - Ttft(record).value_or(Duration::zero()));
  if (values.input_tokens && values.ttft_s.value_or(0) > 0) {
    values.input_throughput = *values.input_tokens / *values.ttft_s;
  }
  AddOutputValues(record, num_completions, values);
  return values;
}

void AddTo(const RequestValues& values, RequestFigures& figures) {
  AddIfAny(values.input_tokens, figures.input_tokens);
  AddIfAny(values.output_tokens, figures.output_tokens);
  AddIfAny(values.ttft_s, figures.ttft_s);
  AddIfAny(values.ttfo_s, figures.ttfo_s);
  figures.e2e_s.Add(values.e2e_s);
  figures.decode_time_s.Add(values.decode_time_s);
  AddIfAny(values.tpot_s, figures.tpot_s);
  AddIfAny(values.input_throughput, figures.input_throughput);
  AddIfAny(values.output_throughput, figures.output_throughput);
  AddIfAny(values.request_tokens_per_second, figures.request_tokens_per_second);
  AddIfAny(values.items_per_second, figures.items_per_second);
  AddIfAny(values.input_tokens_per_second, figures.input_tokens_per_second);
}

void AddTo(const RequestValues& values, AdapterFigures& figures) {
  AddIfAny(values.ttft_s, figures.ttft_s);
  AddIfAny(values.tpot_s, figures.tpot_s);
  figures.e2e_s.Add(values.e2e_s);
  AddIfAny(values.output_throughput, figures.output_throughput);
}

void Sort(RequestFigures& figures) {
  for (Distribution* values :
       {&figures.input_tokens, &figures.output_tokens, &figures.ttft_s, &figures.ttfo_s, &figures.e2e_s,
        &figures.decode_time_s, &figures.tpot_s, &figures.input_throughput, &figures.output_throughput,
        &figures.request_tokens_per_second, &figures.items_per_second, &figures.input_tokens_per_second}) {
    values->Sort();
  }
}

void Sort(AdapterFigures& figures) {
  for (Distribution* values : {&figures.ttft_s, &figures.tpot_s, &figures.e2e_s, &figures.output_throughput})
    values->Sort();
}

}  // namespace llmdyno
