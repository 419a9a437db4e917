#include "race/race_flags.h"

namespace llmdyno {
namespace {

void AddTargetFlags(FlagTable& flags, RaceOptions& options) {
  flags.Section("Target");
  flags.Integer("target-tokens", options.target_tokens, {}, "N", "Stop at this many output tokens");
  flags.DescribeDefault("1000000, unless --num-requests or --duration is given");
  flags.Integer("num-requests", options.num_requests, {}, "N",
                "Run an offline batch instead: send this many requests and stop when all have ended");
  flags.Alias("num-samples");
  flags.Time("duration", options.duration, "Stop after this time");
  flags.Time("max-duration", options.max_duration,
             "Give up after this time if the target was not reached; exit status 4");
  flags.DescribeDefault("none");
  flags.Integer("max-consecutive-failures", options.max_consecutive_failures, {1, 1'000'000}, "N",
                "Give up after this many failures in a row (10 before the first success); exit status 3");
  flags.Time("drain-timeout", options.drain_timeout,
             "Let requests in flight at the finish line end for this long, then cancel them");
}

void AddLoadFlags(FlagTable& flags, RaceOptions& options) {
  flags.Section("Load");
  flags.Integer("users", options.users, {1, 1'000'000}, "N", "Keep this many users busy, one request each");
  flags.Real("spawn-rate", options.spawn_rate, 0, "PER_S",
             "Start this many users a second; 0 starts all at once");
  flags.Integer("max-num-seqs", options.max_num_seqs, {1, 1'000'000}, "N",
                "Keep this many requests in flight, all from the start (offline batch)");
  flags.DescribeDefault("256 with --num-requests");
  flags.Integer("warmup-requests", options.warmup_requests, {0, 1'000'000}, "N",
                "Send this many requests before the race; they are in no figure");
  flags.Integer(
      "repeat", options.repeat, {1, 1000}, "N",
      "Race this many times, with the same requests; print the median race and how much they differ");
}

void AddWorkloadFlags(FlagTable& flags, RaceOptions& options) {
  flags.Section("Prompts");
  flags.Text("dataset", options.dataset, "NAME",
             "Draw prompts from this dataset: synthetic, dolly, sharegpt, billsum");
  flags.DescribeDefault("dolly where ./datasets has its file, else synthetic");
  flags.Text("dataset-path", options.dataset_path, "FILE", "Read the dataset from this file");
  flags.DescribeDefault("its usual name under ./datasets");
  flags.Integer("prompt-min-tokens", options.prompt_min_tokens, {1, 10'000'000}, "N",
                "Use prompts of at least this many tokens (the user's part)");
  flags.Integer("prompt-max-tokens", options.prompt_max_tokens, {1, 10'000'000}, "N",
                "Use prompts of at most this many tokens");
  flags.Text("system-prompt", options.system_prompt, "TEXT", "Send this system prompt; empty for none");
  flags.DescribeDefault("a short one of our own");
  flags.Integer("max-tokens", options.max_tokens, {1, 10'000'000}, "N",
                "Limit each answer to this many tokens");
  flags.Alias("max-generated-tokens");
  flags.DescribeDefault("2048, or 250 with --num-requests");
  flags.Integer("seed", options.seed, {0, INT64_MAX}, "N", "Repeat the same requests in the same order");
  flags.Text("tokenizer", options.tokenizer, "NAME",
             "Note the tokenizer's name in the results; counts come from the endpoint itself");
}

void AddOutputFlags(FlagTable& flags, RaceOptions& options) {
  flags.Section("Output");
  flags.Text("output-dir", options.output_dir, "DIR", "Write results into a new folder under this one");
  flags.Switch("save-text", options.save_text, "Keep prompts and answers in the CSV and the record log");
  flags.Switch("plain", options.plain, "Print progress line by line even on a terminal");
  flags.Real("price-per-hour", options.price_per_hour, 0, "USD",
             "Compute costs from this price of the machine");
}

}  // namespace

FlagTable MakeRaceFlags(RaceOptions& options) {
  FlagTable flags("llmdyno-race", "races an OpenAI-compatible endpoint to a number of output tokens.");
  AddEndpointFlags(flags, options.endpoint, "base-url", {"host"});
  flags.Text("engine", options.engine, "NAME",
             "Name the engine; part of the CSV's file name (required without --simulate)");
  AddTargetFlags(flags, options);
  AddLoadFlags(flags, options);
  AddWorkloadFlags(flags, options);
  AddRequestFlags(flags, options.request);
  AddConnectionFlags(flags, options.connection);
  AddTrustFlags(flags, options.trust);
  AddExtensionFlags(flags, options.extensions, "openai", "as --dataset");
  AddOutputFlags(flags, options);
  return flags;
}

}  // namespace llmdyno
