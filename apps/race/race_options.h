// What llmdyno-race can be told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/endpoint_options.h"
#include "cli/extension_options.h"
#include "cli/trust_options.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// The flags, as given.
struct RaceOptions {
  EndpointOptions endpoint;
  RequestOptions request;
  ConnectionOptions connection;
  TrustOptions trust;
  ExtensionOptions extensions;
  std::string engine;

  std::optional<int64_t> target_tokens;
  std::optional<int64_t> num_requests;
  std::optional<Duration> duration;
  std::optional<Duration> max_duration;
  int64_t max_consecutive_failures = 100;
  int64_t warmup_requests = 0;
  int64_t repeat = 1;
  Duration drain_timeout = std::chrono::seconds(30);

  int64_t users = 80;
  double spawn_rate = 20;
  std::optional<int64_t> max_num_seqs;

  std::string dataset;
  std::string dataset_path;
  int64_t prompt_min_tokens = 50;
  int64_t prompt_max_tokens = 150;
  std::optional<std::string> system_prompt;
  std::optional<int64_t> max_tokens;
  std::string tokenizer;
  int64_t seed = 0;

  std::string output_dir = "results";
  bool save_text = false;
  bool plain = false;
  std::optional<double> price_per_hour;

  // An offline batch: N requests, all there at once, instead of a race to a number of tokens.
  bool is_offline() const { return num_requests.has_value(); }
};

}  // namespace llmdyno
