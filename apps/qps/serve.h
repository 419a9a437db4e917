// What vLLM's serving benchmark does, by its flags: so many prompts at a rate, its result block, its JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/endpoint_options.h"
#include "cli/exit_status.h"
#include "cli/extension_options.h"
#include "cli/flag_table.h"
#include "cli/trust_options.h"

namespace llmdyno {

// The flags, as given; names and defaults are vLLM's where it has them.
struct ServeOptions {
  ServeOptions() {
    connection.config.total_timeout = std::chrono::hours(6);
    connection.config.first_byte_timeout = Duration::zero();
    connection.config.idle_timeout = Duration::zero();
    request.temperature = 0;
  }

  EndpointOptions endpoint;
  RequestOptions request;
  ConnectionOptions connection;
  TrustOptions trust;
  ExtensionOptions extensions;
  std::string backend = "openai";
  std::string host = "localhost";
  int64_t port = 8000;
  std::string path;  // --endpoint: the route
  std::string tokenizer;
  std::optional<double> top_p;
  std::optional<int64_t> top_k;
  bool trust_remote_code = false;
  bool disable_tqdm = false;

  std::string dataset_name = "sharegpt";
  std::string dataset_path;
  int64_t num_prompts = 1000;
  int64_t seed = 0;
  bool shuffle = true;
  std::optional<int64_t> sharegpt_output_len;
  int64_t random_input_len = 1024;
  int64_t random_output_len = 128;
  double random_range_ratio = 0;
  int64_t random_prefix_len = 0;
  int64_t sonnet_input_len = 550;
  int64_t sonnet_output_len = 150;
  int64_t sonnet_prefix_len = 200;
  int64_t custom_output_len = 256;

  std::string request_rate = "inf";
  double burstiness = 1;
  std::optional<int64_t> max_concurrency;
  std::string ramp_up_strategy = "none";
  std::optional<double> ramp_up_start_rps;
  std::optional<double> ramp_up_end_rps;
  int64_t num_warmups = 0;
  int64_t repeat = 1;

  std::string first_token = "any-chunk";
  std::string percentile_metrics = "ttft,tpot,itl";
  std::string metric_percentiles = "99";
  std::vector<std::string> goodput;

  bool save_result = false;
  bool save_detailed = false;
  bool append_result = false;
  std::string result_dir = ".";
  std::string result_filename;
  std::string label;
  std::vector<std::string> metadata;
  std::string records;
  bool plain = false;
};

// Binds every flag to `options`, which must outlive the table.
FlagTable MakeServeFlags(ServeOptions& options);

absl::StatusOr<ExitStatus> RunServe(ServeOptions& options, const FlagTable& flags);

}  // namespace llmdyno
