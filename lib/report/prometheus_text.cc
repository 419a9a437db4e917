#include "report/prometheus_text.h"

#include <charconv>

#include "llmdyno/metrics/request_metrics.h"

namespace llmdyno {
namespace {

// The shortest digits that read back as the same.
std::string Number(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

void AppendHead(const std::string& name, const char* type, const char* help, std::string& text) {
  text += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void AppendCounter(const std::string& name, const char* help, int64_t value, std::string& text) {
  AppendHead(name, "counter", help, text);
  text += name + " " + std::to_string(value) + "\n";
}

}  // namespace

void PrometheusHistogram::Add(double seconds) {
  size_t bucket = 0;
  while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
  ++counts_[bucket];
  ++count_;
  sum_ += seconds;
}

void PrometheusHistogram::Append(const std::string& name, std::string& text) const {
  int64_t below = 0;
  for (size_t i = 0; i < kBounds.size(); ++i) {
    below += counts_[i];
    text += name + "_bucket{le=\"" + Number(kBounds[i]) + "\"} " + std::to_string(below) + "\n";
  }
  text += name + "_bucket{le=\"+Inf\"} " + std::to_string(count_) + "\n";
  text += name + "_sum " + Number(sum_) + "\n" + name + "_count " + std::to_string(count_) + "\n";
}

void AppendPrometheusLabel(const std::string& name, const std::string& value, std::string& labels) {
  if (!labels.empty()) labels += ',';
  labels += name + "=\"";
  for (const char c : value) {
    if (c == '\n') {
      labels += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') labels += '\\';
    labels += c;
  }
  labels += '"';
}

void PrometheusCounters::Add(const RequestRecord& record) {
  ++requests_[{std::string(ToString(record.phase)), std::string(ToString(record.outcome.cls))}];
  if (record.phase == RunPhase::kWarmUp || !record.outcome.ok()) return;
  input_tokens_ += record.input_tokens.tokens;
  output_tokens_ += record.output_tokens.tokens;
  if (const auto ttft = Ttft(record)) ttft_.Add(ToSeconds(*ttft));
  e2e_.Add(ToSeconds(record.ended_at - record.started_at));
}

std::string PrometheusCounters::Text(const std::string& info) const {
  std::string text;
  AppendHead("llmdyno_run_info", "gauge", "What is measured; always 1.", text);
  text += "llmdyno_run_info{" + info + "} 1\n";
  AppendHead("llmdyno_requests_total", "counter", "Requests that have ended, by phase and outcome.", text);
  for (const auto& [key, count] : requests_) {
    std::string labels;
    AppendPrometheusLabel("phase", key.first, labels);
    AppendPrometheusLabel("outcome", key.second, labels);
    text += "llmdyno_requests_total{" + labels + "} " + std::to_string(count) + "\n";
  }
  AppendCounter("llmdyno_input_tokens_total", "Input tokens of measured successes.", input_tokens_, text);
  AppendCounter("llmdyno_output_tokens_total", "Output tokens of measured successes.", output_tokens_, text);
  AppendCounter("llmdyno_finish_lines_total", "Runs whose stop condition was met.", finish_lines_, text);
  AppendHead("llmdyno_time_to_first_token_seconds", "histogram",
             "From the send to the first text, of measured successes that streamed.", text);
  ttft_.Append("llmdyno_time_to_first_token_seconds", text);
  AppendHead("llmdyno_request_seconds", "histogram", "From the send to the end, of measured successes.",
             text);
  e2e_.Append("llmdyno_request_seconds", text);
  return text;
}

}  // namespace llmdyno
