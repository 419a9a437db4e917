#include "prometheus_text.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace llmdyno {
namespace {

std::string Text(double number) {
  char digits[32];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

int64_t Load(const std::atomic<int64_t>& value) { return value.load(std::memory_order_relaxed); }

class PrometheusText {
 public:
  explicit PrometheusText(const std::string& model)
      : labels_("model_name=" +
                nlohmann::json(model).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) {}

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
    const AtomicHistogram::Snapshot values = histogram.Take();
    int64_t cumulative = 0;
    for (size_t i = 0; i < values.counts.size(); ++i) {
      cumulative += values.counts[i];
      const std::string bound = i < values.bounds_s.size() ? Text(values.bounds_s[i]) : "+Inf";
      Value(name + "_bucket", static_cast<double>(cumulative), ",le=\"" + bound + "\"");
    }
    Value(name + "_sum", ToSeconds(values.sum));
    Value(name + "_count", static_cast<double>(cumulative));
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string labels_;
  std::string text_;
};

}  // namespace

EngineGauges GaugesOf(const EngineModel& engine) {
  return {.running = engine.running(),
          .waiting = engine.waiting(),
          .kv_usage = static_cast<double>(engine.kv_reserved_tokens()) /
                      static_cast<double>(engine.config().kv_capacity_tokens)};
}

std::string RenderPrometheus(const ServerMetrics& metrics, const EngineGauges& gauges,
                             const std::string& model) {
  PrometheusText text(model);
  text.Gauge("vllm:num_requests_running", "Number of requests in model execution batches.",
             static_cast<double>(gauges.running));
  text.Gauge("vllm:num_requests_waiting", "Number of requests waiting to be processed.",
             static_cast<double>(gauges.waiting));
  text.Gauge("vllm:gpu_cache_usage_perc", "KV-cache usage, 1 means 100 percent.", gauges.kv_usage);
  text.Gauge("vllm:kv_cache_usage_perc", "KV-cache usage, 1 means 100 percent.", gauges.kv_usage);
  text.Counter("vllm:prompt_tokens_total", "Number of prefill tokens processed.",
               Load(metrics.prompt_tokens));
  text.Counter("vllm:generation_tokens_total", "Number of generation tokens processed.",
               Load(metrics.tokens_sent));
  text.Describe("vllm:request_success_total", "counter", "Count of successfully processed requests.");
  text.Value("vllm:request_success_total", static_cast<double>(Load(metrics.finished_stop)),
             ",finished_reason=\"stop\"");
  text.Value("vllm:request_success_total", static_cast<double>(Load(metrics.finished_length)),
             ",finished_reason=\"length\"");
  text.Value("vllm:request_success_total", static_cast<double>(Load(metrics.finished_abort)),
             ",finished_reason=\"abort\"");
  text.Histogram("vllm:time_to_first_token_seconds", "Histogram of time to first token in seconds.",
                 metrics.time_to_first_token);
  text.Histogram("vllm:time_per_output_token_seconds", "Histogram of time per output token in seconds.",
                 metrics.time_per_output_token);
  text.Histogram("vllm:e2e_request_latency_seconds", "Histogram of end to end request latency in seconds.",
                 metrics.e2e_request_latency);
  return text.Take();
}

}  // namespace llmdyno
