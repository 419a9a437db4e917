#include "qps/serve.h"

namespace llmdyno {
namespace {

constexpr FlagTable::IntegerRange kLength{1, 10'000'000};

void AddServerFlags(FlagTable& flags, ServeOptions& options) {
  flags.Section("Endpoint");
  flags.Choice("backend", options.backend, {"openai", "openai-chat", "vllm"},
               "Use completions (openai, vllm) or chat completions (openai-chat)");
  flags.Alias("endpoint-type");
  flags.Text("base-url", options.endpoint.base_url, "URL", "Put this endpoint under load");
  flags.DescribeDefault("http://HOST:PORT");
  flags.Text("host", options.host, "NAME", "Host, when there is no --base-url");
  flags.Integer("port", options.port, {1, 65535}, "N", "Port, when there is no --base-url");
  flags.Text("endpoint", options.path, "PATH", "Route of the requests");
  flags.DescribeDefault("/v1/completions, or /v1/chat/completions for openai-chat");
  flags.Text("model", options.endpoint.model, "NAME", "Ask for this model (required without --simulate)");
  flags.Text("tokenizer", options.tokenizer, "NAME",
             "Note the tokenizer's name in the results; counts come from the endpoint itself");
  flags.Confidential("api-key", options.endpoint.api_key, "KEY",
                     "Send this key as a bearer token; never printed or stored [default: $OPENAI_API_KEY]");
  flags.Repeated("header", options.endpoint.headers, "'NAME: VALUE'", "Send this header with every request");
  flags.Text("simulate", options.endpoint.simulate, "PROFILE",
             "Use a simulated endpoint in this process instead, such as h100-llama-3.1-8b");
}

void AddDatasetFlags(FlagTable& flags, ServeOptions& options) {
  flags.Section("Prompts");
  flags.Choice("dataset-name", options.dataset_name, {"sharegpt", "random", "sonnet", "custom"},
               "Draw the prompts from a dataset of this kind");
  flags.Text("dataset-path", options.dataset_path, "FILE", "Read it from this file");
  flags.Alias("dataset");
  flags.Integer("num-prompts", options.num_prompts, {1, 100'000'000}, "N", "Send this many requests");
  flags.Integer("seed", options.seed, {0, INT64_MAX}, "N", "Repeat the same requests at the same times");
  flags.Integer("sharegpt-output-len", options.sharegpt_output_len, kLength, "N",
                "Ask for answers of this length instead of the recorded ones'");
  flags.Integer("random-input-len", options.random_input_len, kLength, "N", "Tokens of a random prompt");
  flags.Integer("random-output-len", options.random_output_len, kLength, "N", "Tokens of its answer");
  flags.Real("random-range-ratio", options.random_range_ratio, 0, "X",
             "Draw both lengths from [length * (1 - X), length * (1 + X)]");
  flags.Integer("random-prefix-len", options.random_prefix_len, {0, 10'000'000}, "N",
                "Begin every random prompt with the same tokens, this many");
  flags.Integer("sonnet-input-len", options.sonnet_input_len, kLength, "N", "Tokens of a prompt of verses");
  flags.Integer("sonnet-output-len", options.sonnet_output_len, kLength, "N", "Tokens of its answer");
  flags.Integer("sonnet-prefix-len", options.sonnet_prefix_len, {0, 10'000'000}, "N",
                "Tokens that all prompts of verses begin with");
  flags.Integer("custom-output-len", options.custom_output_len, kLength, "N",
                "Tokens of every answer; when not given, a row's own output_tokens come first");
}

void AddRateFlags(FlagTable& flags, ServeOptions& options) {
  flags.Section("Rate");
  flags.Text("request-rate", options.request_rate, "R", "Requests per second, or inf to send all at once");
  flags.Real("burstiness", options.burstiness, 0.001, "X",
             "Shape of the gamma distribution of gaps: 1 is Poisson, below 1 comes in bursts");
  flags.Integer("max-concurrency", options.max_concurrency, {1, 1'000'000}, "N",
                "Keep at most this many requests in flight");
  flags.DescribeDefault("no limit");
  flags.Choice("ramp-up-strategy", options.ramp_up_strategy, {"none", "linear"},
               "Rise from --ramp-up-start-rps to --ramp-up-end-rps over the run");
  flags.Real("ramp-up-start-rps", options.ramp_up_start_rps, 0, "R", "Rate at the beginning of the ramp");
  flags.Real("ramp-up-end-rps", options.ramp_up_end_rps, 0, "R", "Rate at its end");
  flags.Integer("num-warmups", options.num_warmups, {0, 1'000'000}, "N",
                "Send this many requests first; they are in no figure");
  flags.Alias("warmup-requests");
  flags.Integer(
      "repeat", options.repeat, {1, 1000}, "N",
      "Do it this many times, with the same requests; print the median run and how much they differ");
}

void AddSamplingFlags(FlagTable& flags, ServeOptions& options) {
  flags.Section("How requests are spelled");
  flags.Switch("ignore-eos", options.request.ignore_eos,
               "Ask for exactly as many tokens as the prompt's row says");
  flags.Real("temperature", options.request.temperature, 0, "X", "Sample with this temperature");
  flags.Real("top-p", options.top_p, 0, "X", "Sample from this share of the probability");
  flags.Integer("top-k", options.top_k, {-1, 10'000'000}, "N", "Sample from this many tokens");
  flags.Switch("no-stream", options.request.no_stream, "Ask for whole answers instead of streams");
  flags.Text("extra-body", options.request.extra_body, "JSON",
             "Merge this object into every request's body; null removes a field");
  flags.Switch("trust-remote-code", options.trust_remote_code, "Does nothing (kept for old command lines)");
  flags.Switch("disable-tqdm", options.disable_tqdm, "Print no progress");
}

void AddResultFlags(FlagTable& flags, ServeOptions& options) {
  flags.Section("Results");
  flags.Choice("first-token", options.first_token, {"any-chunk", "any-text", "content"},
               "Which event of a stream counts as the first token; vLLM's own is any-chunk");
  flags.Text("percentile-metrics", options.percentile_metrics, "LIST",
             "Show percentiles of these: ttft, tpot, itl, e2el");
  flags.Text("metric-percentiles", options.metric_percentiles, "LIST", "Show these percentiles");
  flags.Values("goodput", options.goodput, "METRIC:MS...",
               "Limits that a request has to meet to be good: ttft:500 tpot:50 e2el:5000");
  flags.Switch("save-result", options.save_result, "Write the results as JSON");
  flags.Switch("save-detailed", options.save_detailed, "Keep the values of every request in it");
  flags.Switch("append-result", options.append_result, "Append to the file, one result per line");
  flags.Text("result-dir", options.result_dir, "DIR", "Write it into this folder");
  flags.Text("result-filename", options.result_filename, "NAME", "Name it like this");
  flags.DescribeDefault("LABEL-RATEqps-MODEL-DATE.json");
  flags.Text("label", options.label, "NAME", "Call the run this in the results");
  flags.DescribeDefault("the backend");
  flags.Values("metadata", options.metadata, "KEY=VALUE...", "Add these to the results");
  flags.Text("records", options.records, "FILE", "Log every request to this file (docs/record-log.md)");
  flags.Switch("plain", options.plain, "Print progress line by line even on a terminal");
}

}  // namespace

FlagTable MakeServeFlags(ServeOptions& options) {
  FlagTable flags("llmdyno-qps serve",
                  "does what vLLM's benchmark_serving.py does: N prompts at a rate, its block, its JSON.");
  AddServerFlags(flags, options);
  AddDatasetFlags(flags, options);
  AddRateFlags(flags, options);
  AddSamplingFlags(flags, options);
  AddConnectionFlags(flags, options.connection);
  AddTrustFlags(flags, options.trust);
  AddExtensionFlags(flags, options.extensions, "openai", "as --dataset-name");
  AddResultFlags(flags, options);
  return flags;
}

}  // namespace llmdyno
