// What llmdyno-embed can be told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/endpoint_options.h"
#include "cli/extension_options.h"
#include "cli/flag_table.h"
#include "cli/trust_options.h"

namespace llmdyno {

// The flags, as given; defaults are those of the tool that this one replaces.
struct EmbedOptions {
  EmbedOptions() {
    connection.config.total_timeout = std::chrono::seconds(60);
    endpoint.base_url = "http://localhost:8000/v1";
  }

  EndpointOptions endpoint;
  ConnectionOptions connection;
  TrustOptions trust;
  ExtensionOptions extensions;
  std::string api = "openai";
  std::string rerank_api = "jina";
  std::string encoding_format = "float";
  std::optional<int64_t> dimensions;
  std::string extra_body;

  std::string sequence_lengths = "short,medium,long,mixed";
  int64_t texts_per_request = 1;
  int64_t rerank_documents = 8;
  int64_t seed = 42;

  std::string batch_sizes = "1,2,4,8,16";
  std::string max_concurrency;
  std::string request_rate;
  std::string arrival = "poisson";
  std::optional<int64_t> num_requests;
  std::optional<Duration> duration;
  int64_t num_runs = 3;
  int64_t warmup_runs = 2;
  int64_t retries = 0;

  std::string description;
  std::string results_file = "embedding_benchmark_results.json";
  std::string results_dir;
  bool save_progress = false;
  bool resume = false;
  bool dry_run = false;
  std::string plot;
  bool plain = false;
};

// Binds every flag to `options`, which must outlive the table.
FlagTable MakeEmbedFlags(EmbedOptions& options);

}  // namespace llmdyno
