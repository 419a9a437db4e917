#include "llmdyno/workload/adapter_mix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

namespace llmdyno {
namespace {

constexpr std::array<std::pair<AdapterStrategy, std::string_view>, 5> kNames = {{
    {AdapterStrategy::kSingle, "single"},
    {AdapterStrategy::kUniform, "uniform"},
    {AdapterStrategy::kZipf, "zipf"},
    {AdapterStrategy::kMixed, "mixed"},
    {AdapterStrategy::kAllUnique, "all-unique"},
}};

// Chooses an adapter for one request after the other.
class Chooser {
 public:
  Chooser(const AdapterMixConfig& config, Rng rng) : strategy_(config.strategy), rng_(rng) {
    const double alpha = strategy_ == AdapterStrategy::kZipf ? config.zipf_alpha : 0;
    double sum = 0;
    for (size_t rank = 1; rank <= config.names.size(); ++rank) {
      sum += std::pow(static_cast<double>(rank), -alpha);
      cumulative_.push_back(sum);
    }
  }

  size_t Choose(size_t request) {
    switch (strategy_) {
      case AdapterStrategy::kSingle:
        return 0;
      case AdapterStrategy::kUniform:
      case AdapterStrategy::kAllUnique:
        return request % cumulative_.size();
      case AdapterStrategy::kZipf:
      case AdapterStrategy::kMixed:
        break;
    }
    const double drawn = rng_.UniformReal() * cumulative_.back();
    const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, drawn);
    return static_cast<size_t>(found - cumulative_.begin());
  }

 private:
  const AdapterStrategy strategy_;
  Rng rng_;
  std::vector<double> cumulative_;  // weights of the ranks, added up
};

}  // namespace

std::string_view ToString(AdapterStrategy strategy) {
  for (const auto& [value, name] : kNames) {
    if (value == strategy) return name;
  }
  return "unknown";
}

std::optional<AdapterStrategy> ParseAdapterStrategy(std::string_view text) {
  for (const auto& [value, name] : kNames) {
    if (name == text) return value;
  }
  return std::nullopt;
}

absl::Status AdapterMixConfig::Validate() const {
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (name.empty()) return absl::InvalidArgumentError("a LoRA adapter has an empty name");
    if (!seen.insert(name).second) {
      return absl::InvalidArgumentError("the LoRA adapter '" + name + "' is named twice");
    }
  }
  if (!(base_model_ratio >= 0 && base_model_ratio <= 1)) {
    return absl::InvalidArgumentError("the base model ratio is " + std::to_string(base_model_ratio) +
                                      ": expected 0 (adapters only) to 1 (base model only)");
  }
  if (!(zipf_alpha > 0) || !std::isfinite(zipf_alpha)) {
    return absl::InvalidArgumentError("the Zipf exponent alpha is " + std::to_string(zipf_alpha) +
                                      ": expected a number above 0");
  }
  if (model_format.find("{lora}") == std::string::npos) {
    return absl::InvalidArgumentError("the adapters' model format is '" + model_format +
                                      "': expected {lora} in it, as in {model}:{lora}");
  }
  return absl::OkStatus();
}

std::string AdapterModel(const AdapterMixConfig& config, std::string_view base_model, std::string_view name) {
  const std::string_view format = config.model_format;
  std::string model;
  for (size_t at = 0; at < format.size();) {
    constexpr std::string_view kModel = "{model}";
    constexpr std::string_view kAdapter = "{lora}";
    if (format.substr(at).starts_with(kModel)) {
      model += base_model;
      at += kModel.size();
    } else if (format.substr(at).starts_with(kAdapter)) {
      model += name;
      at += kAdapter.size();
    } else {
      model += format[at++];
    }
  }
  return model;
}

void AssignAdapters(const AdapterMixConfig& config, std::string_view base_model, std::span<Request> requests,
                    Rng rng) {
  for (Request& request : requests) request.model.clear();
  if (config.names.empty()) return;
  std::vector<std::string> models;
  for (const std::string& name : config.names) models.push_back(AdapterModel(config, base_model, name));
  Chooser chooser(config, Rng(rng.Next()));
  for (size_t i = 0; i < requests.size(); ++i) {
    const std::string& model = models[chooser.Choose(i)];
    if (!rng.Chance(config.base_model_ratio)) requests[i].model = model;
  }
}

}  // namespace llmdyno
