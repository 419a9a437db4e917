// What llmdyno-qps can be told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/endpoint_options.h"
#include "cli/extension_options.h"
#include "cli/flag_table.h"
#include "cli/trust_options.h"

namespace llmdyno {

// The flags, as given. Defaults are those of the tools that this one replaces.
struct QpsOptions {
  QpsOptions() {
    connection.config.total_timeout = std::chrono::seconds(60);
    request.temperature = 0.7;
  }

  EndpointOptions endpoint;
  RequestOptions request;
  ConnectionOptions connection;
  TrustOptions trust;
  ExtensionOptions extensions;

  std::string dataset;
  std::string dataset_format = "auto";
  bool shuffle = false;
  int64_t max_tokens = 512;
  int64_t seed = 0;

  std::string qps = "1,5,10,20";
  Duration duration = std::chrono::seconds(60);
  std::string arrival = "constant";
  double burstiness = 1;
  double speedup = 1;
  Duration ramp_time{};
  int64_t warmup_requests = 0;
  Duration cooldown{};
  int64_t repeat = 1;
  double stop_below = 50;
  std::optional<Duration> drain_timeout;

  bool find_max = false;
  bool find_max_concurrency = false;
  std::optional<double> find_from;
  std::optional<double> find_up_to;
  double find_tolerance = 3;
  int64_t find_confirmations = 2;
  std::string slo;
  std::vector<std::string> goodput;

  std::optional<double> gpu_rate;
  std::optional<int64_t> num_gpus;
  std::optional<double> price_input;
  std::optional<double> price_output;
  std::optional<double> price_cached;
  std::optional<int64_t> plan_tokens_per_day;

  std::string first_token = "any-text";
  std::string percentiles = "50,95,99";
  bool show_tokens = false;
  bool plot = false;
  std::string output = "benchmark_qps_results.json";
  std::string plot_output = "benchmark_qps.png";
  std::string results_dir = "results";
  bool save_text = false;
  bool plain = false;

  bool searches() const { return find_max || find_max_concurrency; }
};

// Binds every flag to `options`, which must outlive the table.
FlagTable MakeQpsFlags(QpsOptions& options);

}  // namespace llmdyno
