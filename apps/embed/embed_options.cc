#include "embed/embed_options.h"

namespace llmdyno {
namespace {

void AddTextFlags(FlagTable& flags, EmbedOptions& options) {
  flags.Section("Texts to send");
  flags.Text(
      "sequence-lengths", options.sequence_lengths, "LIST",
      "Send texts of these lengths, one after the other: short, medium, long, mixed, a number of words, "
      "E(tokens); or R(document,query) to rank documents");
  flags.Integer("texts-per-request", options.texts_per_request, {1, 100'000}, "N", "Texts in each request");
  flags.Integer("rerank-documents", options.rerank_documents, {1, 100'000}, "N",
                "Documents in each request of R(document,query)");
  flags.Integer("seed", options.seed, {0, INT64_MAX}, "N", "Repeat the same texts in the same order");
}

void AddSpellingFlags(FlagTable& flags, EmbedOptions& options) {
  flags.Section("How requests are spelled");
  flags.Choice("api", options.api, {"openai", "tei"},
               "Use /v1/embeddings, or /embed of text-embeddings-inference");
  flags.Choice(
      "rerank-api", options.rerank_api, {"jina", "cohere", "cohere-v2", "score", "tei"},
      "Spell R(document,query) like this: /v1/rerank (jina, cohere), /v2/rerank, vLLM's /score, TEI's "
      "/rerank");
  flags.Choice("encoding-format", options.encoding_format, {"float", "base64"},
               "Ask for vectors as numbers, or as base64, a third of the bytes");
  flags.Integer("dimensions", options.dimensions, {1, 1'000'000}, "N",
                "Ask for vectors of this dimension, where the model can cut them");
  flags.DescribeDefault("the model's");
  flags.Text("extra-body", options.extra_body, "JSON",
             "Merge this object into every request's body; null removes a field");
}

void AddLoadFlags(FlagTable& flags, EmbedOptions& options) {
  flags.Section("Load");
  flags.Text("batch-sizes", options.batch_sizes, "LIST",
             "Burst: send as many requests at one instant, for each of these sizes");
  flags.Text("max-concurrency", options.max_concurrency, "LIST",
             "Sustained: keep as many requests in flight instead, for each of these numbers");
  flags.Text("request-rate", options.request_rate, "LIST",
             "Open loop: send at these rates instead, in requests per second, whatever the endpoint does");
  flags.Text("arrival", options.arrival, "NAME",
             "Space the requests of a rate by this process: constant, poisson, gamma:burstiness=0.5");
  flags.Integer("num-requests", options.num_requests, {1, 100'000'000}, "N",
                "Requests of each run with --max-concurrency or --request-rate");
  flags.DescribeDefault("max(64, 8 x concurrency), or 10 s at the rate");
  flags.Time("duration", options.duration, "Let each of those runs last this long instead");
  flags.Integer("num-runs", options.num_runs, {1, 10'000}, "N",
                "Repeat each configuration, with other texts");
  flags.Integer("warmup-runs", options.warmup_runs, {0, 10'000}, "N",
                "Send this many requests before each configuration; they are in no figure");
  flags.Integer(
      "retries", options.retries, {0, 99}, "N",
      "Send a request that failed again, up to this many times; its latency then goes on from its first "
      "attempt, and attempts are counted");
}

void AddResultFlags(FlagTable& flags, EmbedOptions& options) {
  flags.Section("Results");
  flags.Text("description", options.description, "TEXT", "Note this in the results and above the plot");
  flags.Text(
      "results-file", options.results_file, "FILE",
      "Write results here, after each configuration; an older file of this name is kept under another one");
  flags.Text("results-dir", options.results_dir, "DIR", "Write them into this folder");
  flags.Switch(
      "save-progress", options.save_progress,
      "Does nothing: results are always saved after each configuration (kept for old command lines)");
  flags.Switch("resume", options.resume, "Skip the configurations that the results file has already");
  flags.Switch("dry-run", options.dry_run, "Show what would be sent, and send nothing");
  flags.Text("plot", options.plot, "FILE", "Draw the results into this .png or .svg with gnuplot");
  flags.Switch("plain", options.plain, "Print progress line by line even on a terminal");
}

}  // namespace

FlagTable MakeEmbedFlags(EmbedOptions& options) {
  FlagTable flags("llmdyno-embed",
                  "measures how many texts a second an endpoint turns into vectors, or ranks, under "
                  "concurrent load.");
  AddEndpointFlags(flags, options.endpoint, "api-base", {"base-url", "endpoint", "host"});
  AddTextFlags(flags, options);
  AddLoadFlags(flags, options);
  AddSpellingFlags(flags, options);
  AddConnectionFlags(flags, options.connection);
  AddTrustFlags(flags, options.trust);
  AddExtensionFlags(flags, options.extensions, "embeddings, or rerank for R(document,query)",
                    "texts of --sequence-lengths");
  AddResultFlags(flags, options);
  return flags;
}

}  // namespace llmdyno
