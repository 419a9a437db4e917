#include "report/sweep_embedding_table.h"

#include <cmath>
#include <utility>

#include "llmdyno/base/number_text.h"
#include "report/sweep_embedding.h"
#include "report/sweep_level_table.h"
#include "report/sweep_reading.h"
#include "report/sweep_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr double kToMs = 1e3;

// A burst is over in milliseconds, a steady load is held for seconds.
struct RunWords {
  const char* name;    // what a run is
  const char* column;  // of the table of all
  const char* load;
  double scale;
  const char* unit;
  int decimals;
};

RunWords WordsOf(const SweepReport& report) {
  switch (LoadOf(report)) {
    case EmbeddingLoad::kBatch:
      break;
    case EmbeddingLoad::kConcurrency:
      return {"Run", "run s", "Concurrency", 1, "s", 3};
    case EmbeddingLoad::kRate:
      return {"Run", "run s", "Requests/s", 1, "s", 3};
  }
  return {"Batch", "batch ms", "Batch", kToMs, "ms", 2};
}

std::string Sources(const std::vector<TokenSourceSummary>& sources) {
  std::string text;
  for (const TokenSourceSummary& source : sources) {
    text += (text.empty() ? "" : " and ") + std::string(ToString(source.source));
  }
  return text;
}

std::string SumsLine(const SweepLevelMetrics& metrics, const std::string& items) {
  std::string text = "  " + Fixed(metrics.run.items.Sum(), 0) + " " + items;
  const Distribution& tokens = metrics.request.input_tokens;
  if (tokens.empty()) return text + "; nobody counted the tokens\n";
  text += "; " + Fixed(tokens.Sum(), 0) + " tokens (" + PlusMinus(MeanStdOf(tokens), 1) + " a request)";
  const std::string sources = Sources(metrics.all.input_token_sources);
  return text + (sources.empty() ? "" : ", counts from " + sources) + "\n";
}

std::string Capital(std::string word) {
  if (!word.empty() && word.front() >= 'a' && word.front() <= 'z') word.front() += 'A' - 'a';
  return word;
}

// What all configurations came to.
std::string Totals(const std::vector<SweepEntry>& entries, const std::string& items) {
  const auto sum = [](const Json& entry, const char* key) {
    const MeanStd value = MeanStdAt(entry, {"tokens", key});
    return value.mean.value_or(0) * static_cast<double>(value.n);
  };
  double all_items = 0;
  double tokens = 0;
  int64_t requests = 0;
  for (const SweepEntry& entry : entries) {
    all_items += sum(entry.json, "embeddings_per_batch");
    tokens += sum(entry.json, "total_per_batch");
    requests += IntegerAt(entry.json, {"reliability", "successful_requests"}).value_or(0);
  }
  return "  In all: " + Fixed(all_items, 0) + " " + items +
         (tokens > 0 ? ", " + Fixed(tokens, 0) + " tokens" : "") + ", " +
         Count(requests, "successful request") + " in " + Count(std::ssize(entries), "configuration") + "\n";
}

}  // namespace

std::string EmbeddingLevelText(const SweepReport& report, const SweepLevelMetrics& metrics) {
  const std::string items = ItemsName(IsRanking(report));
  const RunWords words = WordsOf(report);
  const auto of_run = [&](const std::string& what) { return what + " (" + words.unit + ")"; };
  const RequestFigures& request = metrics.request;
  const RunFigures& run = metrics.run;
  LevelTable table;
  table.AddPerRequest("Latency (ms)", request.e2e_s, 2, kToMs);
  table.AddPerRequest(Capital(items) + "/s", request.items_per_second, 1);
  table.AddPerRequest("Tokens/s", request.input_tokens_per_second, 0);
  table.AddPerRun(Capital(items) + "/s", run.items_per_second, 1);
  table.AddPerRun("Tokens/s", InputTokensPerSecond(run), 0);
  table.AddPerRun(of_run(std::string(words.name) + " time"), run.batch_total_s, words.decimals, words.scale);
  table.AddPerRun(of_run("First answer after"), run.fastest_s, words.decimals, words.scale);
  table.AddPerRun(of_run("Sends within"), run.send_spread_s, words.decimals, words.scale);
  table.AddPerRun(Capital(items), run.items, 0);
  table.AddPerRun("Tokens", run.input_tokens, 0);
  return SumsLine(metrics, items) + table.Text();
}

std::string EmbeddingSummaryText(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  const std::string items = ItemsName(IsRanking(report));
  const RunWords words = WordsOf(report);
  TextColumns table({words.load, "Length", "Success %", items + "/s", "tokens/s", words.column, "latency ms",
                     "p50", "p90", "p99"});
  for (const SweepEntry& entry : entries) {
    const auto value = [&](JsonPath path, int decimals, double scale = 1) {
      return PlusMinus(MeanStdAt(entry.json, path), decimals, scale);
    };
    const auto latency = [&](const char* percentile) {
      const auto seconds = NumberAt(entry.json, {"latency", "request_seconds", percentile});
      return seconds ? Fixed(*seconds * kToMs, 2) : std::string("-");
    };
    const auto key = ParseEmbeddingKey(entry.key);
    const auto success = NumberAt(entry.json, {"reliability", "success_rate"});
    table.Add({key ? key->value_text : entry.key, key ? key->length : "-", FixedOrDash(success, 1),
               value({"throughput", "batch_embeddings_per_second"}, 1),
               value({"throughput", "batch_tokens_per_second"}, 0),
               value({"timings", "batch_total_seconds"}, words.decimals, words.scale),
               value({"latency", "request_seconds"}, 2, kToMs), latency("p50"), latency("p90"),
               latency("p99")});
  }
  return (report.texts_per_request > 1 ? "  " + Count(report.texts_per_request, "text") + " in each request\n"
                                       : "") +
         table.Text() + Totals(entries, items);
}

std::string EmbeddingLevelName(const std::string& key) {
  const auto parsed = ParseEmbeddingKey(key);
  if (!parsed) return "";
  const bool is_words = parsed->length.find_first_not_of("0123456789") == std::string::npos;
  const std::string length =
      ", " + parsed->length + (is_words ? (parsed->length == "1" ? " word" : " words") : "");
  switch (parsed->load) {
    case EmbeddingLoad::kBatch:
      break;
    case EmbeddingLoad::kConcurrency:
      return "concurrency " + parsed->value_text + length;
    case EmbeddingLoad::kRate:
      return parsed->value_text + " requests/s" + length;
  }
  return "batch size " + parsed->value_text + length;
}

}  // namespace llmdyno
