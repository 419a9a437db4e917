#include "llmdyno/workload/trace_source.h"

#include <algorithm>

#include "llmdyno/workload/token_counter.h"
#include "support/catch.h"
#include "temporary_file.h"

namespace llmdyno {
namespace {

using Catch::Matchers::Contains;

constexpr std::string_view kTrace =
    "{\"timestamp\": 0, \"input_length\": 1300, \"output_length\": 52, \"hash_ids\": [1, 2, 3]}\n"
    "{\"timestamp\": 10, \"input_length\": 1200, \"output_length\": 26, \"hash_ids\": [1, 2, 4]}\n"
    "{\"timestamp\": 20, \"input_length\": 1300, \"output_length\": 30}\n"
    "{\"timestamp\": 30, \"input_length\": 600, \"output_length\": 0, \"hash_ids\": [1, 2]}\n";

std::vector<Request> DrawAll(std::string_view content, TraceSourceConfig config = {}, uint64_t seed = 1) {
  const TemporaryFile file(content);
  config.path = file.path();
  TraceSource trace = MakeTraceSource(config, Rng(seed), Diagnostics()).value();
  std::vector<Request> requests;
  while (true) {
    NextRequest next = trace.source->Next(TimePoint());
    if (!std::holds_alternative<Request>(next)) break;
    requests.push_back(std::get<Request>(std::move(next)));
  }
  CHECK(std::ssize(requests) == trace.summary.requests);
  return requests;
}

int64_t WordsOf(std::string_view text) { return std::count(text.begin(), text.end(), ' ') + 1; }

int64_t SharedWords(const Request& one, const Request& other) {
  const std::string& a = PromptText(one);
  const std::string& b = PromptText(other);
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return std::count(a.begin(), end, ' ');
}

TEST_CASE("A trace's requests have its lengths, in its order, and then it ends", "[workload][trace_source]") {
  TraceSourceConfig config;
  config.tokens_per_word = {1.25, TokenCountSource::kTokenizer};
  const std::vector<Request> requests = DrawAll(kTrace, config);
  REQUIRE(requests.size() == 4);
  CHECK(WordsOf(PromptText(requests[0])) == 1040);  // 1300 / 1.25
  CHECK(WordsOf(PromptText(requests[1])) == 960);
  CHECK(requests[0].prompt_tokens == 1300);
  CHECK(requests[0].prompt_tokens_source == TokenCountSource::kTokenizer);
  CHECK(requests[0].max_output_tokens == 52);
  CHECK(requests[3].max_output_tokens == 1);  // 0 counts as 1
  CHECK(requests[3].id == 3);
  CHECK(std::get<ChatBody>(requests[0].body).messages.size() == 1);
}

TEST_CASE("Requests that begin with the same blocks begin with the same text, block by block",
          "[workload][trace_source]") {
  TraceSourceConfig config;
  config.tokens_per_word.value = 1;
  const std::vector<Request> requests = DrawAll(kTrace, config);
  CHECK(SharedWords(requests[0], requests[1]) >= 1024);  // blocks 1 and 2 of 512 words
  CHECK(SharedWords(requests[0], requests[1]) < 1030);
  CHECK(SharedWords(requests[0], requests[2]) < 5);
  CHECK(SharedWords(requests[0], requests[3]) == 599);  // a block that is cut is the beginning of it
  config.block_size = 100;
  CHECK(SharedWords(DrawAll(kTrace, config)[0], DrawAll(kTrace, config)[1]) < 210);
}

TEST_CASE("The seed decides what a trace's texts say", "[workload][trace_source]") {
  CHECK(PromptText(DrawAll(kTrace)[0]) == PromptText(DrawAll(kTrace)[0]));
  CHECK(PromptText(DrawAll(kTrace)[0]) != PromptText(DrawAll(kTrace, {}, 2)[0]));
}

TEST_CASE("A trace may ask for bare completions, and be cut short", "[workload][trace_source]") {
  TraceSourceConfig config;
  config.request.body = PromptBody::kCompletion;
  CHECK(std::holds_alternative<CompletionBody>(DrawAll(kTrace, config)[0].body));
  const TemporaryFile file(kTrace);
  config.path = file.path();
  config.request.max_requests = 1;
  const auto source = MakeTraceSource(config, Rng(1), Diagnostics()).value().source;
  CHECK(std::holds_alternative<Request>(source->Next(TimePoint())));
  CHECK(std::holds_alternative<Exhausted>(source->Next(TimePoint())));
}

TEST_CASE("A trace's totals are known before it is sent", "[workload][trace_source]") {
  const TemporaryFile file(kTrace);
  const TraceSummary summary = MakeTraceSource({.path = file.path()}, Rng(1), Diagnostics()).value().summary;
  CHECK(summary.requests == 4);
  CHECK(summary.input_tokens == 4400);
  CHECK(summary.output_tokens == 109);
}

TEST_CASE("A row of the wrong shape ends the reading with its number and field", "[workload][trace_source]") {
  const auto problem = [](const std::string& row) {
    const TemporaryFile file("{\"input_length\": 1, \"output_length\": 1}\n" + row);
    return std::string(MakeTraceSource({.path = file.path()}, Rng(1), Diagnostics()).status().message());
  };
  CHECK_THAT(problem("{\"input_length\": 5}"), Contains("row 2: no field 'output_length'"));
  CHECK_THAT(problem("{\"input_length\": \"5\", \"output_length\": 5}"),
             Contains("row 2: input_length: expected a whole number, not below 0, got a string"));
  CHECK_THAT(problem("{\"input_length\": -5, \"output_length\": 5}"), Contains("got -5"));
  CHECK_THAT(problem("{\"input_length\": 500000000, \"output_length\": 5}"),
             Contains("expected at most 10000000"));
  CHECK_THAT(problem("{\"input_length\": 5, \"output_length\": 5, \"hash_ids\": 7}"),
             Contains("hash_ids: expected a list, got a number"));
  CHECK_THAT(problem("{\"input_length\": 5, \"output_length\": 5, \"hash_ids\": [1, \"x\"]}"),
             Contains("hash_ids[1]: expected a whole number, got a string"));
  CHECK_THAT(problem("nonsense"), Contains("row 2: not valid JSON"));
}

TEST_CASE("A trace without rows, without a file or with an odd setting is refused",
          "[workload][trace_source]") {
  const TemporaryFile empty("\n\n");
  const auto problem = [](const TraceSourceConfig& config) {
    return std::string(MakeTraceSource(config, Rng(1), Diagnostics()).status().message());
  };
  CHECK_THAT(problem({.path = empty.path()}), Contains("has no requests"));
  CHECK_THAT(problem({}), Contains("no trace file is named"));
  CHECK_THAT(problem({.path = empty.path(), .block_size = 0}), Contains("block_size is 0: expected 1 to"));
  CHECK_THAT(problem({.path = empty.path(), .tokens_per_word = {0, TokenCountSource::kEstimated}}),
             Contains("tokens_per_word"));
}

}  // namespace
}  // namespace llmdyno
