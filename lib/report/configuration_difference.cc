#include "report/configuration_difference.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "report/report_json.h"

namespace llmdyno {
namespace {

// What results are compared for: who answered, and where.
constexpr std::array<std::string_view, 17> kCompared = {
    "base_url",     "endpoint", "api_base",         "host",        "port",        "engine",
    "backend",      "header",   "simulate",         "insecure",    "cacert",      "threads",
    "extra_header", "label",    "no_kernel_stamps", "description", "virtual_time"};

// What no request and no instant depends on.
constexpr std::array<std::string_view, 46> kIndifferent = {"api_key",
                                                           "output_dir",
                                                           "results_dir",
                                                           "results_file",
                                                           "output",
                                                           "plot",
                                                           "plot_output",
                                                           "plain",
                                                           "save_text",
                                                           "price_per_hour",
                                                           "gpu_rate",
                                                           "num_gpus",
                                                           "price_input",
                                                           "price_output",
                                                           "price_cached",
                                                           "percentiles",
                                                           "show_tokens",
                                                           "percentile_metrics",
                                                           "metric_percentiles",
                                                           "metadata",
                                                           "save_result",
                                                           "save_detailed",
                                                           "append_result",
                                                           "result_dir",
                                                           "result_filename",
                                                           "records",
                                                           "resume",
                                                           "dry_run",
                                                           "save_progress",
                                                           "slo",
                                                           "goodput",
                                                           "tokens_per_day",
                                                           "disable_tqdm",
                                                           "steady_state_threshold",
                                                           "strict",
                                                           "selftest_file",
                                                           "repeat",
                                                           "sink",
                                                           "plugin",
                                                           "plugin_timeout",
                                                           "report",
                                                           "connect_timeout",
                                                           "first_byte_timeout",
                                                           "idle_timeout",
                                                           "drain_timeout",
                                                           "max_consecutive_failures"};

template <typename Names>
bool IsIn(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Json Parsed(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_object() ? json : Json::object();
}

bool IsSame(const Json& a, const char* key, const Json& b) {
  // A file of another version has flags that this one has not, and says nothing of them.
  return !a.contains(key) || !b.contains(key) || a[key] == b[key];
}

std::string TextOf(const Json& json, const std::string& key) {
  return json.contains(key) ? json[key].dump(-1, ' ', false, Json::error_handler_t::replace) : "null";
}

}  // namespace

std::vector<ConfigurationDifference> DifferencesOf(const ComparedResult& a, const ComparedResult& b) {
  const Json of_a = Parsed(a.configuration_json);
  const Json of_b = Parsed(b.configuration_json);
  std::vector<std::string> keys;
  for (const Json* json : {&of_a, &of_b}) {
    for (const auto& [key, value] : json->items()) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  std::vector<ConfigurationDifference> differences;
  // A CSV has no configuration, but a log or a file may still name its model.
  if (!a.model.empty() && !b.model.empty() && a.model != b.model) {
    differences.push_back({"model", Json(a.model).dump(), Json(b.model).dump(), true});
  }
  for (const std::string& key : keys) {
    if (key == "model" || IsIn(kIndifferent, key) || IsSame(of_a, key.c_str(), of_b)) continue;
    differences.push_back({key, TextOf(of_a, key), TextOf(of_b, key), !IsIn(kCompared, key)});
  }
  if (a.is_simulated != b.is_simulated) {
    differences.push_back(
        {"simulated", a.is_simulated ? "true" : "false", b.is_simulated ? "true" : "false", false});
  }
  std::stable_sort(differences.begin(), differences.end(),
                   [](const auto& x, const auto& y) { return x.matters && !y.matters; });
  return differences;
}

}  // namespace llmdyno
