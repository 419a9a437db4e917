#include "qps/qps_options.h"

namespace llmdyno {
namespace {

void AddDatasetFlags(FlagTable& flags, QpsOptions& options) {
  flags.Section("Requests to send");
  flags.Text("dataset", options.dataset, "FILE",
             "Send the requests of this file (docs/datasets.md), or of a workload by its name, such as "
             "synthetic (required without --simulate)");
  flags.Alias("dataset-path");
  flags.DescribeDefault("synthetic with --simulate");
  flags.Text("dataset-format", options.dataset_format, "NAME",
             "Read the file as conversations, sharegpt, messages, prompts, csv or trace");
  flags.Switch("shuffle", options.shuffle,
               "Take the file's rows in a random order, a new one each time round");
  flags.Integer("max-tokens", options.max_tokens, {1, 10'000'000}, "N",
                "Limit each answer to this many tokens");
  flags.Integer("seed", options.seed, {0, INT64_MAX}, "N", "Repeat the same requests in the same order");
}

void AddLevelFlags(FlagTable& flags, QpsOptions& options) {
  flags.Section("Levels");
  flags.Text("qps", options.qps, "LIST", "Offer these rates one after the other, in requests per second");
  flags.Time("duration", options.duration, "Offer each rate for this time: round(rate x time) requests");
  flags.Text("arrival", options.arrival, "NAME",
             "Space the requests by this process: constant, poisson, gamma, trace (at the dataset's own "
             "times), or a plugin's");
  flags.Alias("arrivals");
  flags.Real("burstiness", options.burstiness, 0.001, "X",
             "Shape of gamma arrivals: 1 is poisson, below 1 comes in bursts");
  flags.Real("speedup", options.speedup, 0.000001, "X", "Replay a trace this many times faster");
  flags.Time("ramp-time", options.ramp_time,
             "Rise to each rate from the one before (from 0 at first) over this time");
  flags.DescribeDefault("at once");
  flags.Integer("warmup-requests", options.warmup_requests, {0, 1'000'000}, "N",
                "Send this many requests before the first level; they are in no figure");
  flags.Alias("warmup");
  flags.Time("cooldown", options.cooldown, "Send nothing for this time between two levels");
  flags.DescribeDefault("no pause");
  flags.Integer(
      "repeat", options.repeat, {1, 1000}, "N",
      "Run each level this many times, with the same requests; show the median run and how much they differ");
  flags.Real("stop-below", options.stop_below, 0, "PERCENT",
             "Skip the remaining levels after one with less success than this");
  flags.Time("drain-timeout", options.drain_timeout,
             "Let requests end for this long after a level's last one was sent, then cancel them");
  flags.DescribeDefault("the time that --timeout gives to a request");
}

void AddSearchFlags(FlagTable& flags, QpsOptions& options) {
  flags.Section("Capacity");
  flags.Switch("find-max", options.find_max,
               "Find the highest rate that is sustained under --slo, instead of offering --qps");
  flags.Switch("find-max-concurrency", options.find_max_concurrency,
               "Find the highest number of requests in flight under --slo, in a closed loop");
  flags.Real("find-from", options.find_from, 0.001, "X", "Begin the search at this load");
  flags.DescribeDefault("1");
  flags.Real("find-up-to", options.find_up_to, 0.001, "X", "Search no further than this load");
  flags.DescribeDefault("10000 requests per second, or 4096 in flight");
  flags.Real("find-tolerance", options.find_tolerance, 0.1, "PERCENT",
             "End when the highest load that held and the lowest that did not are as close as this");
  flags.Integer("find-confirmations", options.find_confirmations, {0, 100}, "N",
                "Repeat the answer this many times before it is believed");
  flags.Text("slo", options.slo, "TERMS",
             "Limits that a level has to meet, such as 'ttft_p99<500ms,tpot_p95<50ms,success>=99%'");
  flags.Values("goodput", options.goodput, "METRIC:MS...",
               "Limits that a single request has to meet to be good: ttft:500 tpot:50 e2el:5000");
}

void AddCostFlags(FlagTable& flags, QpsOptions& options) {
  flags.Section("Cost");
  flags.Real("gpu-rate", options.gpu_rate, 0, "USD", "Price of one GPU for an hour; needs --num-gpus");
  flags.Integer("num-gpus", options.num_gpus, {1, 1'000'000}, "N", "How many GPUs the endpoint runs on");
  flags.Real("price-input", options.price_input, 0, "USD", "Price of a million input tokens (hosted APIs)");
  flags.Real("price-output", options.price_output, 0, "USD", "Price of a million output tokens");
  flags.Real("price-cached", options.price_cached, 0, "USD", "Price of a million cached input tokens");
  flags.Integer("plan-tokens-per-day", options.plan_tokens_per_day, {}, "N",
                "Plan machines and dollars for this many tokens a day at 70 % of the sustainable rate; needs "
                "--gpu-rate");
}

void AddOutputFlags(FlagTable& flags, QpsOptions& options) {
  flags.Section("Output");
  flags.Choice("first-token", options.first_token, {"any-chunk", "any-text", "content"},
               "Which event of a stream counts as the first token");
  flags.Text("percentiles", options.percentiles, "LIST",
             "Show these percentiles in the table: some of 50, 75, 90, 95, 99, 99.9");
  flags.Switch("show-tokens", options.show_tokens,
               "Does nothing: tokens per second are always shown (kept for old command lines)");
  flags.Switch("plot", options.plot, "Draw the six panels with gnuplot");
  flags.Text("output", options.output, "FILE", "Name the file of results; a path is relative to the folder");
  flags.Text("plot-output", options.plot_output, "FILE", "Name the plot: .png or .svg");
  flags.Text("results-dir", options.results_dir, "DIR", "Write results into a new folder under this one");
  flags.Alias("output-dir");
  flags.Switch("save-text", options.save_text, "Keep prompts and answers in the record log");
  flags.Switch("plain", options.plain, "Print progress line by line even on a terminal");
}

}  // namespace

FlagTable MakeQpsFlags(QpsOptions& options) {
  FlagTable flags("llmdyno-qps",
                  "offers an OpenAI-compatible endpoint fixed request rates and finds where it breaks.");
  AddEndpointFlags(flags, options.endpoint, "endpoint", {"base-url", "host"});
  AddDatasetFlags(flags, options);
  AddLevelFlags(flags, options);
  AddSearchFlags(flags, options);
  AddRequestFlags(flags, options.request);
  AddConnectionFlags(flags, options.connection);
  AddTrustFlags(flags, options.trust);
  AddExtensionFlags(flags, options.extensions, "openai", "as --dataset");
  AddCostFlags(flags, options);
  AddOutputFlags(flags, options);
  return flags;
}

}  // namespace llmdyno
