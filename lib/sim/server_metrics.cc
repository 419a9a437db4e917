#include "server_metrics.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace llmdyno {
namespace {

// vLLM's own buckets.
constexpr double kTtftBounds[] = {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25,
                                  0.5,   0.75,  1.0,  2.5,  5.0,  7.5,  10.0, 20.0, 40.0};
constexpr double kTpotBounds[] = {0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5};
constexpr double kE2eBounds[] = {0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0};

int64_t Load(const std::atomic<int64_t>& value) { return value.load(std::memory_order_relaxed); }

std::string Text(double number) {
  char digits[32];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

class PrometheusText {
 public:
  explicit PrometheusText(const std::string& model)
      : labels_("model_name=" + nlohmann::json(model).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) {}

  void Describe(const std::string& name, const char* type, const char* help) {
    text_ += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  }
  void Value(const std::string& name, double value, const std::string& more_labels = "") {
    text_ += name + "{" + labels_ + more_labels + "} " + Text(value) + "\n";
  }
  void Gauge(const std::string& name, const char* help, double value) {
    Describe(name, "gauge", help);
    Value(name, value);
  }
  void Counter(const std::string& name, const char* help, int64_t value) {
    Describe(name, "counter", help);
    Value(name, static_cast<double>(value));
  }
  void Histogram(const std::string& name, const char* help, const AtomicHistogram& histogram) {
    Describe(name, "histogram", help);
    histogram.Render(name, labels_, text_);
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string labels_;
  std::string text_;
};

}  // namespace

AtomicHistogram::AtomicHistogram(std::span<const double> bounds_s)
    : bounds_s_(bounds_s.first(std::min(bounds_s.size(), kMaxBounds))) {}

void AtomicHistogram::Observe(Duration value, int64_t times) {
  const double seconds = ToSeconds(value);
  const size_t bucket = static_cast<size_t>(std::lower_bound(bounds_s_.begin(), bounds_s_.end(), seconds) - bounds_s_.begin());
  counts_[bucket].fetch_add(times, std::memory_order_relaxed);
  sum_ns_.fetch_add(value.count() * times, std::memory_order_relaxed);
}

void AtomicHistogram::Render(const std::string& name, const std::string& labels, std::string& out) const {
  int64_t cumulative = 0;
  for (size_t i = 0; i <= bounds_s_.size(); ++i) {
    cumulative += Load(counts_[i]);
    const std::string bound = i < bounds_s_.size() ? Text(bounds_s_[i]) : "+Inf";
    out += name + "_bucket{" + labels + ",le=\"" + bound + "\"} " + std::to_string(cumulative) + "\n";
  }
  out += name + "_sum{" + labels + "} " + Text(static_cast<double>(Load(sum_ns_)) / 1e9) + "\n";
  out += name + "_count{" + labels + "} " + std::to_string(cumulative) + "\n";
}

ServerMetrics::ServerMetrics()
    : time_to_first_token(kTtftBounds), time_per_output_token(kTpotBounds), e2e_request_latency(kE2eBounds) {}

void ServerMetrics::BeginGeneration() {
  generations.fetch_add(1, std::memory_order_relaxed);
  const int64_t now_in_flight = in_flight.fetch_add(1, std::memory_order_relaxed) + 1;
  int64_t highest = Load(max_in_flight);
  while (now_in_flight > highest && !max_in_flight.compare_exchange_weak(highest, now_in_flight)) {
  }
}

SimStats ServerMetrics::ToStats() const {
  SimStats stats;
  stats.requests = Load(requests);
  stats.generations = Load(generations);
  stats.in_flight = Load(in_flight);
  stats.max_in_flight = Load(max_in_flight);
  stats.connections = Load(connections);
  stats.connections_accepted = Load(connections_accepted);
  stats.prompt_tokens = Load(prompt_tokens);
  stats.tokens_sent = Load(tokens_sent);
  stats.disconnects = Load(disconnects);
  stats.refused_overloaded = Load(refused_overloaded);
  stats.images = Load(images);
  for (size_t i = 0; i < kFaultCount; ++i) stats.faults[i] = Load(faults[i]);
  return stats;
}

std::string ToJson(const SimStats& stats) {
  nlohmann::ordered_json faults = nlohmann::ordered_json::object();
  for (size_t i = 0; i < kFaultCount; ++i) faults[std::string(ToString(static_cast<Fault>(i)))] = stats.faults[i];
  const nlohmann::ordered_json json = {
      {"requests", stats.requests},
      {"generations", stats.generations},
      {"in_flight", stats.in_flight},
      {"max_in_flight", stats.max_in_flight},
      {"connections", stats.connections},
      {"connections_accepted", stats.connections_accepted},
      {"prompt_tokens", stats.prompt_tokens},
      {"tokens_sent", stats.tokens_sent},
      {"disconnects", stats.disconnects},
      {"refused_overloaded", stats.refused_overloaded},
      {"images", stats.images},
      {"faults", std::move(faults)},
      {"cpu_seconds", stats.cpu_seconds},
  };
  return json.dump();
}

std::string RenderPrometheus(const ServerMetrics& metrics, const EngineGauges& gauges, const std::string& model) {
  PrometheusText text(model);
  text.Gauge("vllm:num_requests_running", "Number of requests in model execution batches.", static_cast<double>(gauges.running));
  text.Gauge("vllm:num_requests_waiting", "Number of requests waiting to be processed.", static_cast<double>(gauges.waiting));
  text.Gauge("vllm:gpu_cache_usage_perc", "KV-cache usage, 1 means 100 percent.", gauges.kv_usage);
  text.Gauge("vllm:kv_cache_usage_perc", "KV-cache usage, 1 means 100 percent.", gauges.kv_usage);
  text.Counter("vllm:prompt_tokens_total", "Number of prefill tokens processed.", Load(metrics.prompt_tokens));
  text.Counter("vllm:generation_tokens_total", "Number of generation tokens processed.", Load(metrics.tokens_sent));
  text.Describe("vllm:request_success_total", "counter", "Count of successfully processed requests.");
  text.Value("vllm:request_success_total", static_cast<double>(Load(metrics.finished_stop)), ",finished_reason=\"stop\"");
  text.Value("vllm:request_success_total", static_cast<double>(Load(metrics.finished_length)), ",finished_reason=\"length\"");
  text.Value("vllm:request_success_total", static_cast<double>(Load(metrics.finished_abort)), ",finished_reason=\"abort\"");
  text.Histogram("vllm:time_to_first_token_seconds", "Histogram of time to first token in seconds.",
                 metrics.time_to_first_token);
  text.Histogram("vllm:time_per_output_token_seconds", "Histogram of time per output token in seconds.",
                 metrics.time_per_output_token);
  text.Histogram("vllm:e2e_request_latency_seconds", "Histogram of end to end request latency in seconds.",
                 metrics.e2e_request_latency);
  return text.Take();
}

}  // namespace llmdyno
