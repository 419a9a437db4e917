// Which of an endpoint's adapters (LoRA) each request is for. Sweeps call it before a run's clock starts.
// Pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "llmdyno/base/random.h"
#include "llmdyno/core/request.h"

namespace llmdyno {

// How requests are spread over the names.
enum class AdapterStrategy {
  kSingle,     // all requests the first name
  kUniform,    // the names in turn: request i has name i mod the number of names
  kZipf,       // by chance, the name of rank k with a probability in proportion to 1 / k^alpha
  kMixed,      // by chance, all names alike
  kAllUnique,  // as kUniform: every request another name, while there are names
};

// "single", "uniform", "zipf", "mixed", "all-unique".
std::string_view ToString(AdapterStrategy strategy);
// Undoes ToString; nothing for an unknown word.
std::optional<AdapterStrategy> ParseAdapterStrategy(std::string_view text);

// Which adapters there are, and how often each is asked for.
struct AdapterMixConfig {
  AdapterStrategy strategy = AdapterStrategy::kUniform;
  std::vector<std::string> names =
      {};                       // in the order of their ranks; none: every request is the base model's
  double base_model_ratio = 0;  // share of the requests that go to the base model after all, 0 to 1
  double zipf_alpha = 1;        // more than 0; the larger, the more the first names are preferred
  // The model that a request names: "{model}" is the base model, "{lora}" the adapter. vLLM itself serves an
  // adapter as "{lora}".
  std::string model_format = "{model}:{lora}";

  // The first problem in a sentence, naming the field and the accepted range.
  absl::Status Validate() const;
};

// What a request for this adapter names as its model.
std::string AdapterModel(const AdapterMixConfig& config, std::string_view base_model, std::string_view name);

// Sets Request::model of each, the base model's to nothing. The same for the same Rng and number of requests;
// the chance that picks the adapter and the one that goes back to the base model do not depend on each other.
// Needs a valid configuration.
void AssignAdapters(const AdapterMixConfig& config, std::string_view base_model, std::span<Request> requests,
                    Rng rng);

}  // namespace llmdyno
