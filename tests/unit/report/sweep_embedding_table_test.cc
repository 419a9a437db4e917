#include "report/sweep_embedding_table.h"

#include "llmdyno/report/sweep_table.h"
#include "made_embedding.h"
#include "report/text_format.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("A configuration is told with its embeddings, tokens and where their count is from",
          "[report][sweep_embedding_table]") {
  SweepReport report = MadeEmbeddingOf({8}, {"short", "200"});
  const std::string text = FormatSweepLevel(report, report.levels[0]);
  INFO(text);
  CHECK(text.starts_with("batch size 8, short: 24 of 24 requests succeeded in 3 runs\n"));
  CHECK(Has(text, "24 embeddings; 288 tokens (12.0 ± 0.0 a request), counts from usage"));
  for (const char* part : {"Latency (ms)", "Embeddings/s", "Tokens/s", "Batch time (ms)", "18.20 ± 0.20",
                           "18.00  18.20  18.40", "Sends within (ms)"}) {
    CAPTURE(part);
    CHECK(Has(text, part));
  }
  CHECK_FALSE(Has(text, "TTFT"));
  CHECK(FormatSweepLevel(report, report.levels[1]).starts_with("batch size 8, 200 words: "));
  report.levels[0].metrics.all.input_token_sources = {{TokenCountSource::kEstimated, 24, 288}};
  CHECK(Has(FormatSweepLevel(report, report.levels[0]), "counts from estimated"));
  CHECK(Has(FormatSweepSummary(report), "input from estimated, usage"));
}

TEST_CASE("The summary of an embedding benchmark has a row for each configuration, and the totals",
          "[report][sweep_embedding_table]") {
  SweepReport report = MadeEmbeddingOf({1, 8}, {"short", "E(128)"});
  report.levels[3] = MadeEmbeddingLevelReport({.load = "batch_8", .length = "E(128)", .failed = 24});
  report.levels[2].validity = {false, {{.code = "busy_thread", .sentence = "the client was slow"}}, {}};
  const std::string text = FormatSweepSummary(report);
  INFO(text);
  CHECK(Has(text, "Embedding benchmark: some/model, mean ± std of 3 runs each"));
  for (const char* title :
       {"Batch", "Length", "Success %", "embeddings/s", "tokens/s", "batch ms", "latency ms", "p50", "p99"}) {
    CHECK(Has(text, title));
  }
  // 3 + 3 + 24 embeddings; 3 x 12 + 3 x 24 + 24 x 12 tokens.
  CHECK(Has(text, "In all: 30 embeddings, 396 tokens, 30 successful requests in 4 configurations"));
  CHECK(Has(text, "batch size 8, E(128)\n  - 24 requests failed: HTTP 503 24"));
  CHECK(Has(text, "the client was slow"));
  CHECK(Has(text, "input from usage"));
  CHECK_FALSE(Has(text, "SIMULATED"));
  report.is_simulated = true;
  report.texts_per_request = 32;
  const std::string simulated = FormatSweepSummary(report);
  CHECK(simulated.starts_with("SIMULATED"));
  CHECK(Has(simulated, "32 texts in each request"));
  CHECK(FormatSweepLevel(report, report.levels[0]).starts_with("SIMULATED"));
  for (size_t at = 0; at < simulated.size();) {
    const size_t end = std::min(simulated.find('\n', at), simulated.size());
    CHECK(ScreenWidth(simulated.substr(at, end - at)) <= 120);
    at = end + 1;
  }
}

TEST_CASE("Ranking counts documents", "[report][sweep_embedding_table]") {
  const SweepReport report =
      MadeEmbedding({MadeEmbeddingLevelReport(
                        {.load = "batch_2", .in_flight = 2, .length = "R(128,16)", .items_per_request = 10})},
                    {2}, {"R(128,16)"});
  const std::string text = FormatSweepLevel(report, report.levels[0]) + FormatSweepSummary(report);
  INFO(text);
  CHECK(Has(text, "batch size 2, R(128,16)"));
  CHECK(Has(text, "60 documents"));
  CHECK(Has(text, "Documents/s"));
  CHECK(Has(text, "documents/s"));
  CHECK_FALSE(Has(text, "mbeddings"));
}

TEST_CASE("Steady loads are named as such and have runs in seconds", "[report][sweep_embedding_table]") {
  SweepReport report = MadeEmbedding({MadeEmbeddingLevelReport({.load = "concurrency_8"})}, {8}, {"short"});
  report.is_sustained = true;
  const std::string sustained = FormatSweepLevel(report, report.levels[0]) + FormatSweepSummary(report);
  CHECK(sustained.starts_with("concurrency 8, short: "));
  CHECK(Has(sustained, "Run time (s)"));
  CHECK(Has(sustained, "Concurrency  Length"));
  const std::string rates = FormatSweepSummary(MadeEmbeddingRates({"2.5"}, {"short"}));
  CHECK(Has(rates, "Requests/s  Length"));
  CHECK(Has(rates, "run s"));
  CHECK(EmbeddingLevelName("rate_2.5_seq_1") == "2.5 requests/s, 1 word");
  CHECK(EmbeddingLevelName("8").empty());
}
