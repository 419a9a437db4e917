#include "report/sweep_embedding.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "llmdyno/base/number_text.h"
#include "report/sweep_leaf.h"

namespace llmdyno {
namespace {

constexpr std::array<std::pair<std::string_view, EmbeddingLoad>, 3> kLoads = {
    {{"batch_", EmbeddingLoad::kBatch},
     {"concurrency_", EmbeddingLoad::kConcurrency},
     {"rate_", EmbeddingLoad::kRate}}};

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// A number of words is a number, everything else a word, as the older files have it.
Json LengthJson(const std::string& length) {
  if (IsDigits(length)) {
    if (const auto words = ParseInteger(length)) return *words;
  }
  return length;
}

Json LoadJson(const EmbeddingKey& key) {
  if (key.load == EmbeddingLoad::kRate) return key.value;
  return static_cast<int64_t>(key.value);
}

std::vector<EmbeddingKey> KeysOf(const std::vector<SweepEntry>& entries) {
  std::vector<EmbeddingKey> keys;
  for (const SweepEntry& entry : entries) {
    if (auto key = ParseEmbeddingKey(entry.key)) keys.push_back(*std::move(key));
  }
  return keys;
}

// Those that have an entry: as asked for, and behind them what only an earlier run has.
std::vector<std::string> LengthsOf(const SweepReport& report, const std::vector<EmbeddingKey>& keys) {
  std::vector<std::string> lengths;
  for (const EmbeddingKey& key : keys) {
    if (std::find(lengths.begin(), lengths.end(), key.length) == lengths.end()) lengths.push_back(key.length);
  }
  const auto& asked = report.sequence_lengths;
  std::stable_sort(lengths.begin(), lengths.end(), [&](const std::string& a, const std::string& b) {
    return std::find(asked.begin(), asked.end(), a) < std::find(asked.begin(), asked.end(), b);
  });
  return lengths;
}

Json LengthsJson(const std::vector<std::string>& lengths) {
  Json json = Json::array();
  for (const std::string& length : lengths) json.push_back(LengthJson(length));
  return json;
}

// The loads that have an entry for each length.
Json WholeLoads(const std::vector<EmbeddingKey>& keys, const std::vector<std::string>& lengths) {
  std::map<double, size_t> measured;
  for (const EmbeddingKey& key : keys) ++measured[key.value];
  Json loads = Json::array();
  for (const EmbeddingKey& key : keys) {
    const Json load = LoadJson(key);
    const bool is_there = std::find(loads.begin(), loads.end(), load) != loads.end();
    if (!is_there && measured[key.value] == lengths.size()) loads.push_back(load);
  }
  return loads;
}

}  // namespace

std::optional<EmbeddingKey> ParseEmbeddingKey(std::string_view key) {
  constexpr std::string_view kLength = "_seq_";
  for (const auto& [prefix, load] : kLoads) {
    const size_t at = key.find(kLength);
    if (!key.starts_with(prefix) || at == std::string_view::npos || at < prefix.size()) continue;
    const std::string_view number = key.substr(prefix.size(), at - prefix.size());
    const std::string_view length = key.substr(at + kLength.size());
    const auto value = ParseReal(number);
    const bool is_number = load == EmbeddingLoad::kRate || IsDigits(number);
    if (!value || *value < 0 || !is_number || length.empty()) return std::nullopt;
    return EmbeddingKey{load, *value, std::string(number), std::string(length)};
  }
  return std::nullopt;
}

bool IsRankingLength(std::string_view length) { return length.starts_with("R("); }

bool IsRanking(const SweepReport& report) {
  return !report.sequence_lengths.empty() && IsRankingLength(report.sequence_lengths.front());
}

const char* ItemsName(bool is_ranking) { return is_ranking ? "documents" : "embeddings"; }

EmbeddingLoad LoadOf(const SweepReport& report) {
  if (!report.request_rate.empty()) return EmbeddingLoad::kRate;
  return report.is_sustained ? EmbeddingLoad::kConcurrency : EmbeddingLoad::kBatch;
}

Distribution InputTokensPerSecond(const RunFigures& run) {
  Distribution counted;
  for (const double rate : run.total_tokens_per_second.samples()) {
    if (rate > 0) counted.Add(rate);
  }
  return counted;
}

Json EmbeddingEntryJson(const SweepLevelReport& level) {
  const SweepLevelMetrics& metrics = level.metrics;
  const RunFigures& run = metrics.run;
  const RequestFigures& request = metrics.request;
  Json entry = {{"tokens",
                 {{"total_per_batch", LeafJson(run.input_tokens)},
                  {"embeddings_per_batch", LeafJson(run.items)},
                  {"input_per_request", LeafJson(request.input_tokens)}}},
                {"timings", TimingsJson(run)},
                {"throughput",
                 {{"batch_embeddings_per_second", LeafJson(run.items_per_second)},
                  {"batch_tokens_per_second", LeafJson(InputTokensPerSecond(run))},
                  {"request_embeddings_per_second", LeafJson(request.items_per_second)},
                  {"request_tokens_per_second", LeafJson(request.input_tokens_per_second)},
                  {"requests_per_second", LeafJson(run.requests_per_second)}}},
                {"latency", {{"request_seconds", LeafJson(request.e2e_s)}}},
                {"reliability", ReliabilityJson(metrics)},
                {"sequence_length", LengthJson(level.sequence_length)},
                {"request_rate", nullptr}};
  AddSweepDetails(entry, level);
  const auto key = ParseEmbeddingKey(level.key);
  if (key && key->load == EmbeddingLoad::kRate) {
    entry["request_rate"] = key->value;
    entry["in_flight"] = nullptr;  // whatever piles up
  }
  return entry;
}

Json EmbeddingKeysJson(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  const std::vector<EmbeddingKey> keys = KeysOf(entries);
  const std::vector<std::string> lengths = LengthsOf(report, keys);
  const Json loads = WholeLoads(keys, lengths);
  const bool is_rate = LoadOf(report) == EmbeddingLoad::kRate;
  return {{"timestamp", nullptr},
          {"model", report.model},
          {"api_base", report.api_base},
          {"batch_sizes", is_rate ? Json::array() : loads},
          {"sequence_lengths", LengthsJson(lengths)},
          {"num_runs", report.num_runs},
          {"warmup_runs", report.warmup_runs},
          {"concurrent_requests", true},
          {"seed", report.seed},
          {"description", report.description},
          {"request_kind", IsRanking(report) ? "rerank" : "embedding"},
          {"texts_per_request", report.texts_per_request},
          {"request_rate", TextOrNull(report.request_rate)},
          {"request_rates", is_rate ? loads : Json(nullptr)},
          {"requested_lengths", LengthsJson(report.sequence_lengths)}};
}

}  // namespace llmdyno
