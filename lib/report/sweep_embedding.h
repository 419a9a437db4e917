// An embedding benchmark in a sweep's result file: loads by lengths of texts, vectors or rankings per second.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/report/sweep_report.h"
#include "report/report_json.h"
#include "report/sweep_entry.h"

namespace llmdyno {

enum class EmbeddingLoad {
  kBatch,        // so many requests at once
  kConcurrency,  // so many in flight
  kRate,         // so many per second, whatever the endpoint does
};

// A configuration, as its key has it: "batch_8_seq_short", "concurrency_64_seq_200", "rate_2.5_seq_E(128)".
struct EmbeddingKey {
  EmbeddingLoad load = EmbeddingLoad::kBatch;
  double value = 0;
  std::string value_text;  // "8", "2.5"
  std::string length;      // "short", "200", "E(128)", "R(128,16)"
};
// Nothing for any other text.
std::optional<EmbeddingKey> ParseEmbeddingKey(std::string_view key);

// Documents ranked by a query, instead of texts turned into vectors.
bool IsRankingLength(std::string_view length);
bool IsRanking(const SweepReport& report);
// What is counted: "embeddings", "documents".
const char* ItemsName(bool is_ranking);

EmbeddingLoad LoadOf(const SweepReport& report);

// Input tokens over wall time; runs in which nobody counted them are left out.
Distribution InputTokensPerSecond(const RunFigures& run);

// Of one level, in the schema of the benchmark that came before, ours behind it.
Json EmbeddingEntryJson(const SweepLevelReport& level);

// Its keys of `metadata`. Lengths are those that have an entry, batch sizes those that have one for each of
// these: a reader that goes through both finds every combination, also while the benchmark runs.
Json EmbeddingKeysJson(const SweepReport& report, const std::vector<SweepEntry>& entries);

}  // namespace llmdyno
