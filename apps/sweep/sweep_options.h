// What llmdyno-sweep can be told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/endpoint_options.h"
#include "cli/extension_options.h"
#include "cli/flag_table.h"
#include "cli/trust_options.h"

namespace llmdyno {

// The flags, as given; the defaults of the sweep are those of the tool that it replaces. The simple benchmark
// has the same flags, fewer of them and with other defaults.
struct SweepOptions {
  SweepOptions() {
    connection.config.total_timeout = std::chrono::seconds(3000);
    connection.config.first_byte_timeout = std::chrono::seconds(3000);
    request.temperature = 0.7;
    endpoint.base_url = kDefaultUrl;
  }
  static SweepOptions ForSimple();
  static constexpr const char* kDefaultUrl = "http://localhost:8000/v1";

  EndpointOptions endpoint;
  RequestOptions request;
  ConnectionOptions connection;
  TrustOptions trust;
  ExtensionOptions extensions;
  bool stream = false;  // asked for in so many words
  int64_t num_completions = 1;

  // What to send.
  std::string scenario;
  std::string dataset_config;
  std::string dataset_key;  // only of the simple benchmark
  bool replay_dataset = false;
  std::optional<int64_t> max_tokens;
  std::string tokenizer;
  bool prompt_token_ids = false;
  int64_t shared_prefix = 0;
  double prefix_ratio = 0;
  int64_t seed = 42;

  // Pictures, rerank, embeddings.
  int64_t num_images = 0;
  std::string image_size = "512";
  std::optional<int64_t> input_tokens;
  int64_t rerank_documents = 8;
  std::string rerank_api = "jina";
  int64_t texts_per_request = 1;

  // Adapters.
  std::string lora_strategy;
  std::string lora_names;
  double base_model_ratio = 0;
  double zipf_alpha = 1;
  std::string lora_model_format = "{model}:{lora}";

  // A grid of fixed shapes.
  std::string input_lengths;
  std::string output_lengths;

  // Load.
  std::string batch_sizes = "1,2,4,8";
  std::string max_concurrency;
  std::optional<int64_t> num_prompts;
  std::optional<Duration> duration;
  int64_t num_runs = 3;
  int64_t warmup_runs = 3;
  std::optional<int64_t> n_cores;

  // Results.
  std::string description;
  std::string results_file;
  std::string results_dir;
  bool resume = false;
  bool dry_run = false;
  double steady_state_threshold = 0.8;
  std::string plot;
  bool save_text = false;
  bool plain = false;

  bool is_simple() const { return !dataset_key.empty(); }
  bool is_grid() const { return !input_lengths.empty() || !output_lengths.empty(); }
  bool is_sustained() const { return !max_concurrency.empty(); }
};

// Binds every flag to `options`, which must outlive the table.
FlagTable MakeSweepFlags(SweepOptions& options);
// Those of `llmdyno-sweep simple`.
FlagTable MakeSimpleFlags(SweepOptions& options);

}  // namespace llmdyno
