// Streams in the shapes that engines and services send (tests/data/streams), read in every chunking.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/catch.h"
#include "unit/dialect/decoding.h"

using namespace llmdyno;

namespace {

struct Transcript {
  std::string file;
  std::string content = {};
  std::string reasoning = {};
  std::string tool_call = {};
  int64_t texts = 0;  // chunks with text: tokens, where a chunk carries one
  std::string finish_reason = {};
  std::optional<int64_t> prompt_tokens = {};
  std::optional<int64_t> completion_tokens = {};
  std::optional<int64_t> cached_tokens = {};
  std::optional<int64_t> reasoning_tokens = {};
  std::string provider = {};
  std::optional<double> cost = {};
  std::string error = {};
  bool is_done = true;
};

const std::vector<Transcript> kTranscripts = {
    {.file = "openai_chat",
     .content = "Hello! How can I help?",
     .texts = 7,
     .finish_reason = "stop",
     .prompt_tokens = 9,
     .completion_tokens = 8,
     .cached_tokens = 0,
     .reasoning_tokens = 0},
    {.file = "openai_tool_call",
     .tool_call = "get_weather{\"city\":\"Paris\"}",
     .texts = 6,
     .finish_reason = "tool_calls"},
    {.file = "azure", .content = "Bonjour", .texts = 2, .finish_reason = "stop"},
    {.file = "vllm_chat",
     .content = "The capital of France is Paris.",
     .texts = 7,
     .finish_reason = "stop",
     .prompt_tokens = 14,
     .completion_tokens = 8},
    {.file = "vllm_continuous_usage",
     .content = "The capital of France is Paris.",
     .texts = 4,
     .finish_reason = "length",
     .prompt_tokens = 14,
     .completion_tokens = 7},
    {.file = "vllm_reasoning",
     .content = "42",
     .reasoning = "Let me think\n\n",
     .texts = 6,
     .finish_reason = "stop",
     .prompt_tokens = 20,
     .completion_tokens = 7},
    {.file = "vllm_completions",
     .content = " upon a time",
     .texts = 3,
     .finish_reason = "length",
     .prompt_tokens = 2,
     .completion_tokens = 3},
    {.file = "vllm_error_in_stream",
     .content = "The",
     .texts = 1,
     .error = "EngineCore encountered an issue. See stack trace (above) for the root cause."},
    {.file = "vllm_old_error_in_stream", .error = "Background loop has errored already."},
    {.file = "llama_cpp",
     .content = "Gerüst 😀!",
     .texts = 5,
     .finish_reason = "stop",
     .prompt_tokens = 12,
     .completion_tokens = 6},
    {.file = "llama_cpp_error",
     .content = "a",
     .texts = 1,
     .error = "context shift is disabled",
     .is_done = false},
    {.file = "tgi",
     .content = "Deep learning is",
     .texts = 3,
     .finish_reason = "length",
     .prompt_tokens = 17,
     .completion_tokens = 4},
    {.file = "tgi_error",
     .content = "Deep",
     .texts = 1,
     .error = "Request failed during generation: Server error: CUDA out of memory",
     .is_done = false},
    {.file = "sglang",
     .content = "Yes sir.",
     .reasoning = "Okay,",
     .texts = 5,
     .finish_reason = "stop",
     .prompt_tokens = 11,
     .completion_tokens = 6,
     .reasoning_tokens = 2},
    {.file = "ollama",
     .content = "Why not?",
     .texts = 3,
     .finish_reason = "stop",
     .prompt_tokens = 26,
     .completion_tokens = 4},
    {.file = "deepseek",
     .content = "好的",
     .reasoning = "First,.",
     .texts = 5,
     .finish_reason = "stop",
     .prompt_tokens = 17,
     .completion_tokens = 6,
     .cached_tokens = 16,
     .reasoning_tokens = 3},
    {.file = "openrouter",
     .content = "Sure!",
     .reasoning = "Hm,",
     .texts = 4,
     .finish_reason = "stop",
     .prompt_tokens = 5,
     .completion_tokens = 4,
     .provider = "DeepInfra",
     .cost = 1e-05},
    {.file = "openrouter_error",
     .content = "Su",
     .texts = 1,
     .provider = "DeepInfra",
     .error = "Provider disconnected unexpectedly"},
    {.file = "mistral_crlf",
     .content = "Oui, bien sûr",
     .texts = 3,
     .finish_reason = "stop",
     .prompt_tokens = 6,
     .completion_tokens = 5},
    {.file = "gemini",
     .content = "Light scatters more when its wave is short, hence blue.\n",
     .texts = 3,
     .finish_reason = "stop",
     .prompt_tokens = 8,
     .completion_tokens = 14},
};

std::string ReadFile(const std::string& name) {
  std::ifstream file(std::string(LLMDYNO_TEST_DATA) + "/streams/" + name + ".sse", std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What the events of a stream add up to.
Transcript Summarise(const std::vector<RecordedEvent>& events) {
  Transcript sum;
  sum.is_done = false;
  for (const RecordedEvent& event : events) {
    CHECK(event.kind != RecordedEvent::Kind::kMalformed);
    if (event.kind == RecordedEvent::Kind::kDone) sum.is_done = true;
    if (event.kind == RecordedEvent::Kind::kProviderError) sum.error = event.message;
    sum.content += event.content;
    sum.reasoning += event.reasoning;
    sum.tool_call += event.tool_call;
    sum.texts += event.texts;
    if (!event.finish_reason.empty()) sum.finish_reason = event.finish_reason;
    if (!event.provider.empty()) sum.provider = event.provider;
    if (!event.usage) continue;
    sum.prompt_tokens = event.usage->prompt_tokens;
    sum.completion_tokens = event.usage->completion_tokens;
    sum.cached_tokens = event.usage->cached_tokens;
    sum.reasoning_tokens = event.usage->reasoning_tokens;
    sum.cost = event.usage->cost;
  }
  return sum;
}

}  // namespace

TEST_CASE("Streams of real engines and services are read as they mean", "[openai][transcripts]") {
  for (const Transcript& expected : kTranscripts) {
    DYNAMIC_SECTION(expected.file) {
      const Transcript sum = Summarise(Decode(ReadFile(expected.file)));
      CHECK(sum.content == expected.content);
      CHECK(sum.reasoning == expected.reasoning);
      CHECK(sum.tool_call == expected.tool_call);
      CHECK(sum.texts == expected.texts);
      CHECK(sum.finish_reason == expected.finish_reason);
      CHECK(sum.provider == expected.provider);
      CHECK(sum.cost == expected.cost);
      CHECK(sum.prompt_tokens == expected.prompt_tokens);
      CHECK(sum.completion_tokens == expected.completion_tokens);
      CHECK(sum.cached_tokens == expected.cached_tokens);
      CHECK(sum.reasoning_tokens == expected.reasoning_tokens);
      CHECK(sum.error == expected.error);
      CHECK(sum.is_done == expected.is_done);
    }
  }
}

TEST_CASE("Streams of real engines and services give the same events however they are cut",
          "[openai][transcripts]") {
  for (const Transcript& expected : kTranscripts) {
    DYNAMIC_SECTION(expected.file) { DecodeAnyhow(ReadFile(expected.file)); }
  }
}
