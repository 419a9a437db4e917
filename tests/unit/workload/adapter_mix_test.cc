#include "llmdyno/workload/adapter_mix.h"

#include <cmath>
#include <map>
#include <string>

#include "support/catch.h"

namespace llmdyno {
namespace {

constexpr size_t kDraws = 100'000;

std::vector<std::string> Models(const AdapterMixConfig& config, size_t count, uint64_t seed = 1) {
  REQUIRE(config.Validate().ok());
  std::vector<Request> requests(count);
  AssignAdapters(config, "base", requests, Rng(seed));
  std::vector<std::string> models;
  for (const Request& request : requests) models.push_back(request.model);
  return models;
}

// The share of each model.
std::map<std::string, double> Shares(const AdapterMixConfig& config) {
  std::map<std::string, double> shares;
  for (const std::string& model : Models(config, kDraws)) shares[model] += 1.0 / kDraws;
  return shares;
}

TEST_CASE("Single sends all requests to the first adapter", "[workload][adapters]") {
  const AdapterMixConfig config{.strategy = AdapterStrategy::kSingle, .names = {"a", "b"}};
  CHECK(Models(config, 3) == std::vector<std::string>{"base:a", "base:a", "base:a"});
}

TEST_CASE("Uniform and all-unique give the adapters in turn", "[workload][adapters]") {
  for (const AdapterStrategy strategy : {AdapterStrategy::kUniform, AdapterStrategy::kAllUnique}) {
    const AdapterMixConfig config{.strategy = strategy, .names = {"a", "b", "c"}};
    CHECK(Models(config, 5) == std::vector<std::string>{"base:a", "base:b", "base:c", "base:a", "base:b"});
  }
}

TEST_CASE("Mixed gives each adapter the same share", "[workload][adapters]") {
  const auto shares = Shares({.strategy = AdapterStrategy::kMixed, .names = {"a", "b", "c", "d"}});
  REQUIRE(shares.size() == 4);
  for (const auto& [model, share] : shares) CHECK(share == Approx(0.25).margin(0.006));
}

TEST_CASE("Zipf follows the ranks, whatever the exponent", "[workload][adapters]") {
  const double alpha = GENERATE(0.1, 0.5, 1.0, 1.5, 3.0);
  AdapterMixConfig config{.strategy = AdapterStrategy::kZipf, .zipf_alpha = alpha};
  double sum = 0;
  for (int rank = 1; rank <= 20; ++rank) {
    config.names.push_back("r" + std::to_string(rank));
    sum += std::pow(rank, -alpha);
  }
  auto shares = Shares(config);
  for (int rank = 1; rank <= 20; ++rank) {
    CAPTURE(alpha, rank);
    const double expected = std::pow(rank, -alpha) / sum;
    const double deviation = std::sqrt(expected * (1 - expected) / kDraws);
    CHECK(std::abs(shares["base:r" + std::to_string(rank)] - expected) < 5 * deviation);
  }
}

TEST_CASE("The Zipf exponent of 1 is the default and works", "[workload][adapters]") {
  CHECK(AdapterMixConfig{}.zipf_alpha == 1.0);
  auto shares = Shares({.strategy = AdapterStrategy::kZipf, .names = {"a", "b"}});
  CHECK(shares["base:a"] == Approx(2.0 / 3).margin(0.008));
}

TEST_CASE("A share of the requests stays with the base model, under every strategy", "[workload][adapters]") {
  for (const char* name : {"single", "uniform", "zipf", "mixed", "all-unique"}) {
    AdapterMixConfig config{.names = {"a", "b"}, .base_model_ratio = 0.3};
    config.strategy = *ParseAdapterStrategy(name);
    CAPTURE(name);
    CHECK(Shares(config)[""] == Approx(0.3).margin(0.008));
    config.base_model_ratio = 1;
    CHECK(Shares(config).size() == 1);
  }
}

TEST_CASE("The same Rng assigns the same adapters, and the base model's share leaves the others alone",
          "[workload][adapters]") {
  AdapterMixConfig config{.strategy = AdapterStrategy::kMixed, .names = {"a", "b", "c"}};
  const auto all = Models(config, 1000);
  CHECK(all == Models(config, 1000));
  CHECK(all != Models(config, 1000, 2));
  config.base_model_ratio = 0.5;
  const auto some = Models(config, 1000);
  for (size_t i = 0; i < all.size(); ++i) CHECK((some[i].empty() || some[i] == all[i]));
}

TEST_CASE("Without names every request is the base model's", "[workload][adapters]") {
  std::vector<Request> requests(2);
  requests[0].model = "of before";
  AssignAdapters({}, "base", requests, Rng(1));
  CHECK(requests[0].model.empty());
}

TEST_CASE("The name of an adapter's model is made by the format", "[workload][adapters]") {
  AdapterMixConfig config;
  CHECK(AdapterModel(config, "llama", "sql") == "llama:sql");
  config.model_format = "{lora}";
  CHECK(AdapterModel(config, "llama", "sql") == "sql");
  config.model_format = "{model}/{lora}@{lora}";
  CHECK(AdapterModel(config, "{lora}", "sql") == "{lora}/sql@sql");
}

TEST_CASE("Strategies are read as they are written", "[workload][adapters]") {
  for (const char* name : {"single", "uniform", "zipf", "mixed", "all-unique"})
    CHECK(ToString(*ParseAdapterStrategy(name)) == name);
  CHECK_FALSE(ParseAdapterStrategy("zipfian"));
}

TEST_CASE("Impossible mixes are refused in a sentence", "[workload][adapters]") {
  const auto error = [](const AdapterMixConfig& config) { return std::string(config.Validate().message()); };
  CHECK(error({.names = {"a", ""}}) == "a LoRA adapter has an empty name");
  CHECK(error({.names = {"a", "b", "a"}}) == "the LoRA adapter 'a' is named twice");
  CHECK(error({.base_model_ratio = 1.1}) ==
        "the base model ratio is 1.100000: expected 0 (adapters only) to 1 (base model only)");
  CHECK(error({.zipf_alpha = 0}) == "the Zipf exponent alpha is 0.000000: expected a number above 0");
  CHECK_FALSE(error({.zipf_alpha = std::nan("")}).empty());
  CHECK(error({.model_format = "{model}"}) ==
        "the adapters' model format is '{model}': expected {lora} in it, as in {model}:{lora}");
}

}  // namespace
}  // namespace llmdyno
