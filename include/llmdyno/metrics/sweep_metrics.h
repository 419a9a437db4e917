// What happened at one level of a sweep: so many requests at once, or at any time, in one or several runs.
//
// Values of requests are pooled over the runs of the level, values of a run are one each; both are
// distributions, so every figure has its n. Names and formulas are those of the result files that people
// already plot (docs/result-files.md): seconds, tokens per second. Absent values are left out of their own
// distribution, never counted as 0. SweepMetricsBuilder makes it, reports read it. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "llmdyno/metrics/distribution.h"
#include "llmdyno/metrics/run_metrics.h"
#include "llmdyno/metrics/steady_state.h"

namespace llmdyno {

// One value per successful request. `out` is the output tokens of one completion: all / num_completions.
// Requests that generate nothing (embeddings, ranking) have no output tokens, no throughputs and no tpot.
struct RequestFigures {
  Distribution input_tokens;   // where anybody counted them
  Distribution output_tokens;  // of the whole answer, all completions
  Distribution ttft_s;         // first text - start, streamed answers only
  Distribution ttfo_s;         // first answer text, reasoning left out
  // Last text - start; where there is no text, or it was not streamed, end - start.
  Distribution e2e_s;
  Distribution decode_time_s;              // e2e - ttft; e2e where there is no ttft
  Distribution tpot_s;                     // decode_time / (out - 1); needs out > 1 and time to have passed
  Distribution input_throughput;           // input tokens / ttft
  Distribution output_throughput;          // (out - 1) / decode_time; needs what tpot needs
  Distribution request_tokens_per_second;  // all output tokens / (end - start); needs one
  // Of answers with vectors or scores only.
  Distribution items_per_second;         // vectors or scores / (end - start)
  Distribution input_tokens_per_second;  // input tokens / (end - start)
};

// One value per run in which anything succeeded. Instants count from the start of the run, at which the first
// request was due. A run that was cut by an interrupt has its values, too, as far as it came.
struct RunFigures {
  Distribution input_tokens;   // of all successes; runs in which anybody counted them
  Distribution batch_total_s;  // the start -> the last end, failures included
  Distribution fastest_s;      // the first success to end
  Distribution slowest_s;      // the last one
  Distribution spread_s;       // slowest - fastest
  Distribution send_spread_s;  // first send -> last send: how simultaneous the batch was
  // The sum of the requests' output_throughput, where any has one: what is reported elsewhere as the
  // system's. It takes requests that decoded one after the other for parallel; tokens_per_second does not.
  Distribution combined_throughput;
  Distribution tokens_per_second;                // output tokens / batch_total
  Distribution total_tokens_per_second;          // input and output tokens / batch_total
  Distribution requests_per_second;              // successes / batch_total
  Distribution items;                            // vectors or scores of all successes; runs that have them
  Distribution items_per_second;                 // vectors or scores / batch_total; runs that have them
  Distribution steady_tokens_per_second;         // SteadyState::window_tokens_per_second
  Distribution steady_median_tokens_per_second;  // SteadyState::median_bucket_tokens_per_second
};

// How long prompts were beside how long they were meant to be; successes that had a target and whose prompt
// somebody counted.
struct InputLengthCheck {
  int64_t requests = 0;
  int64_t target_tokens = 0;         // sums
  int64_t actual_tokens = 0;         // as counted best: usage, else the tokenizer, else the estimate
  Distribution deviation_percent;    // (actual - target) / target * 100, signed
  int64_t off_by_2_percent = 0;      // by more than 2 % and more than one token
  std::optional<double> mean_extra;  // actual - target: a chat template shows as a constant
};

// How long answers were beside what was asked for (num_completions times the limit); successes that were to
// have exactly one length and whose tokens the endpoint reported.
struct OutputLengthCheck {
  int64_t requests = 0;
  int64_t shorter = 0;
  int64_t longer = 0;
  int64_t not_reported = 0;  // beside them: successes without usage, so nobody can tell
};

// What only some services report, summed over the successes that had it; absent when none had.
struct UsageExtras {
  // Of one quantity: each request's value, and their sum.
  struct Sum {
    Distribution values;
    double total = 0;
  };
  std::optional<Sum> reasoning_tokens;
  std::optional<Sum> cached_tokens;
  std::optional<double> cache_hit_rate;  // cached / input tokens of the requests that reported cached ones
  std::optional<Sum> cost;               // US dollars
  std::map<std::string, int64_t> finish_reasons;
  std::map<std::string, int64_t> providers;
};

// The requests that went to one adapter, or to the base model.
struct AdapterFigures {
  int64_t requests = 0;
  int64_t successful = 0;
  int64_t output_tokens = 0;
  Distribution ttft_s;
  Distribution tpot_s;
  Distribution e2e_s;
  Distribution output_throughput;
};

// All numbers of one level, its runs together.
struct SweepLevelMetrics {
  int64_t runs = 0;  // that were begun
  int64_t requests = 0;
  int64_t successful = 0;
  int64_t failed = 0;
  int64_t attempts =
      0;  // how often the requests were sent, as many as there are unless failed ones are repeated
  std::optional<double> success_rate_percent;
  RequestFigures request;
  RunFigures run;
  // Failures, token sources, arrivals, inter-token gaps of all runs together. Its elapsed and its rates span
  // the pauses between runs and say nothing. With several completions a gap is one between any two of them.
  RunMetrics all;
  InputLengthCheck input_lengths;
  std::optional<OutputLengthCheck> output_lengths;  // when exact lengths were asked for
  UsageExtras extras;
  std::map<std::string, AdapterFigures> adapters;  // by model name; empty unless adapters were asked for
  std::optional<SteadyState> last_run;             // buckets of the last run that had a success
  int64_t images = 0;                              // sent
};

}  // namespace llmdyno
