// What llmdyno-race can be told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmdyno/base/secret.h"
#include "llmdyno/base/time.h"
#include "llmdyno/net/curl_transport.h"

namespace llmdyno {

// The flags, as given.
struct RaceOptions {
  std::string base_url;
  std::string model;
  std::string engine;
  Secret api_key;
  std::vector<std::string> headers;
  std::string simulate;  // a profile of the simulated endpoint; empty: a real endpoint

  std::optional<int64_t> target_tokens;
  std::optional<int64_t> num_requests;
  std::optional<Duration> duration;
  std::optional<Duration> max_duration;
  int64_t max_consecutive_failures = 100;
  int64_t warmup_requests = 0;
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

  std::string api = "chat";
  bool no_stream = false;
  bool no_usage = false;
  bool continuous_usage = false;
  bool ignore_eos = false;
  std::optional<int64_t> min_tokens;
  std::optional<double> temperature;
  std::string max_tokens_field = "max_tokens";
  std::string extra_body;

  Duration connect_timeout = CurlTransportConfig().connect_timeout;
  Duration first_byte_timeout = CurlTransportConfig().first_byte_timeout;
  Duration idle_timeout = CurlTransportConfig().idle_timeout;
  Duration timeout = CurlTransportConfig().total_timeout;
  bool insecure = false;
  std::string cacert;
  bool no_kernel_stamps = false;

  std::string output_dir = "results";
  bool save_text = false;
  bool plain = false;
  std::optional<double> price_per_hour;

  // An offline batch: N requests, all there at once, instead of a race to a number of tokens.
  bool is_offline() const { return num_requests.has_value(); }
};

}  // namespace llmdyno
