// One stream, every definition: bytes on the wire -> decoder -> record -> record log -> what each tool would
// have printed (docs/metrics.md, "One stream, every tool").
#include "llmdyno/metrics/tool_definitions.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "llmdyno/core/record_log.h"
#include "simulation/simulated_run.h"
#include "support/written_files.h"

using namespace llmdyno;

namespace {

// A request for five tokens.
class FiveTokens final : public RequestSource {
 public:
  NextRequest Next(TimePoint /*now*/) override {
    Request request;
    request.body = ChatBody{{{"user", "Are you there?"}}};
    request.max_output_tokens = 5;
    return request;
  }
};

// How the endpoint tells its tokens: only a sum at the end, also how many were reasoning, or a running sum in
// every event.
enum class Telling { kSum, kSumWithReasoning, kRunningSum };

std::string Event(const std::string& delta, const char* finish_reason, std::optional<int64_t> sum) {
  std::string json =
      R"({"id":"chatcmpl-1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,)"
      R"("delta":)" +
      delta + R"(,"finish_reason":)" + finish_reason + "}]";
  if (sum) json += R"(,"usage":{"prompt_tokens":7,"completion_tokens":)" + std::to_string(*sum) + "}";
  return json + "}";
}

// The stream of the page: a role at 40 ms, one reasoning token at 100, three answer tokens in one event at
// 160, one with the finish reason at 220, usage at 225, [DONE] at 230.
SimulatedResponse TheStream(Telling telling) {
  const auto sum = [&](int64_t tokens) {
    return telling == Telling::kRunningSum ? std::optional(tokens) : std::nullopt;
  };
  const std::string details =
      telling == Telling::kSumWithReasoning ? R"(,"completion_tokens_details":{"reasoning_tokens":1})" : "";
  return StreamOf(
      {{40ms, Event(R"({"role":"assistant","content":""})", "null", sum(0))},
       {100ms, Event(R"({"reasoning_content":"Hm"})", "null", sum(1))},
       {160ms, Event(R"({"content":"Yes I am"})", "null", sum(4))},
       {220ms, Event(R"({"content":"."})", R"("stop")", sum(5))},
       {225ms, R"({"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5)" + details + "}}"},
       {230ms, "[DONE]"}});
}

// A folder that is gone when the test ends.
class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "llmdyno-definitions-XXXXXX").string();
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() {
    KeepWrittenFiles(path_, [](const std::filesystem::path&) { return false; });
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// The record of one request that is answered so, from the record log.
RequestRecord RecordedAndReadBack(SimulatedResponse response) {
  SimulatedRunConfig config;
  config.endpoint = [=](const HttpRequest&, int64_t) { return response; };
  config.source = std::make_unique<FiveTokens>();
  config.stop.requests = 1;
  SimulatedRun run(std::move(config));
  run.Execute();
  REQUIRE(run.records().size() == 1);
  const Folder folder;
  const std::string path = folder.File("records.jsonl");
  auto log = OpenRecordLog(path, {.monotonic_origin = TimePoint(1h)}).value();
  log->OnRecord(run.records()[0]);
  REQUIRE(log->Close().ok());
  std::vector<RequestRecord> read;
  REQUIRE(ReadRecordLog(path, [&](const RequestRecord& record) { read.push_back(record); }).ok());
  REQUIRE(read.size() == 1);
  REQUIRE(read[0].outcome.ok());
  return read[0];
}

// The values of a figure in milliseconds; of equal gaps each one.
std::vector<double> Values(const RequestRecord& record, Tool tool, ToolColumn column, std::string_view name) {
  const ToolMetric* metric = FindToolMetric(tool, column, name);
  REQUIRE(metric != nullptr);
  std::vector<double> values;
  for (const ToolValue& one : ToolValues(*metric, record)) {
    const auto times = metric->is_per_gap ? static_cast<size_t>(one.weight) : 1;
    values.insert(values.end(), times, ToMilliseconds(one.value));
  }
  return values;
}

struct Cell {
  Tool tool;
  ToolColumn column;
  const char* name;
  std::vector<double> ms;
};

constexpr auto kTtft = ToolColumn::kTtft;
constexpr auto kLatency = ToolColumn::kLatency;
constexpr auto kTpot = ToolColumn::kTpot;
constexpr auto kItl = ToolColumn::kItl;

// Derived by hand from each tool's source. Five tokens, four of them answer text.
const std::vector<Cell> kCells = {
    {Tool::kLlmdyno, kTtft, "TTFT", {100}},
    {Tool::kLlmdyno, kTtft, "TTFO", {160}},
    {Tool::kLlmdyno, kLatency, "E2E", {230}},
    {Tool::kLlmdyno, kTpot, "TPOT", {30}},  // (220 - 100) / (5 - 1)
    {Tool::kLlmdyno, kItl, "ITL", {20, 20, 20, 60}},
    {Tool::kVllm, kTtft, "TTFT", {40}},  // the role counts
    {Tool::kVllm, kLatency, "E2EL", {220}},
    {Tool::kVllm, kTpot, "TPOT", {45}},  // (220 - 40) / (5 - 1)
    {Tool::kVllm, kItl, "ITL", {60, 60, 60}},
    {Tool::kSglang, kTtft, "TTFT", {100}},
    {Tool::kSglang, kLatency, "E2E Latency", {230}},
    {Tool::kSglang, kTpot, "TPOT", {32.5}},  // (230 - 100) / (5 - 1)
    {Tool::kSglang, kItl, "ITL", {60, 60}},
    {Tool::kGuidellm, kTtft, "TTFT", {100}},
    {Tool::kGuidellm, kTtft, "TTFOT", {160}},
    {Tool::kGuidellm, kLatency, "Request latency", {230}},
    {Tool::kGuidellm, kTpot, "TPOT", {44}},  // 220 / 5
    {Tool::kGuidellm, kItl, "ITL", {30}},    // (220 - 100) / (5 - 1)
    {Tool::kAiperf, kTtft, "TTFT", {100}},
    {Tool::kAiperf, kTtft, "TTFO", {160}},
    {Tool::kAiperf, kTtft, "TTST", {60}},
    {Tool::kAiperf, kLatency, "Request Latency", {220}},
    {Tool::kAiperf, kItl, "ITL", {30}},
    {Tool::kAiperf, kItl, "ICL", {60, 60}},
    {Tool::kGenaiBench, kTtft, "TTFT", {100}},
    {Tool::kGenaiBench, kLatency, "E2E Latency", {225}},
    {Tool::kGenaiBench, kTpot, "TPOT", {31.25}},  // (225 - 100) / (5 - 1)
    {Tool::kInferencePerf, kTtft, "TTFT", {160}},
    {Tool::kInferencePerf, kLatency, "Request Latency", {230}},  // and its tokenizer's time
    {Tool::kInferencePerf, kTpot, "TPOT", {20}},                 // 60 / (4 - 1)
    {Tool::kInferencePerf, kTpot, "TPOT, server tokens", {15}},  // 60 / (5 - 1)
    {Tool::kInferencePerf, kTpot, "NTPOT", {57.5}},              // 230 / 4
    {Tool::kInferencePerf, kItl, "ITL", {0, 0, 60}},
    {Tool::kInferenceBenchmarker, kTtft, "TTFT", {160}},
    {Tool::kInferenceBenchmarker, kLatency, "E2E Latency", {230}},
    {Tool::kInferenceBenchmarker, kItl, "ITL", {20}},  // 60 / (4 - 1)
    {Tool::kLlmperf, kTtft, "TTFT", {160}},
    {Tool::kLlmperf, kLatency, "E2E Latency", {230}},
    {Tool::kLlmperf, kItl, "ITL", {55}},  // (160 + 60) / 4
};

// "60, 60" or "31.25".
std::string Text(const std::vector<double>& values) {
  std::ostringstream text;
  for (const double value : values) text << (text.tellp() > 0 ? ", " : "") << value;
  return text.str();
}

std::string Page(const std::string& name) {
  std::ifstream file(std::string(LLMDYNO_DOCS) + "/" + name);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

// How many tokens an event has, llmdyno knows only from the stream.
bool OnlyARunningSumTells(const Cell& cell) { return cell.tool == Tool::kLlmdyno && cell.column == kItl; }

}  // namespace

TEST_CASE("One recorded stream gives the number that each tool would have printed", "[definitions]") {
  CHECK(kCells.size() == ToolMetricTable().size());
  for (const Telling telling : {Telling::kRunningSum, Telling::kSumWithReasoning}) {
    const RequestRecord record = RecordedAndReadBack(TheStream(telling));
    CHECK_FALSE(AnswerTokensOf(record).is_estimated);
    for (const Cell& cell : kCells) {
      if (OnlyARunningSumTells(cell) && telling != Telling::kRunningSum) continue;
      CAPTURE(std::string(ToString(cell.tool)), std::string(ToString(cell.column)), cell.name);
      CHECK(Values(record, cell.tool, cell.column, cell.name) == cell.ms);
    }
  }
}

TEST_CASE("The page has a row for every figure of every tool, with its number for the stream",
          "[definitions]") {
  const std::string page = Page("metrics.md");
  const RequestRecord record = RecordedAndReadBack(TheStream(Telling::kRunningSum));
  for (const ToolMetric& metric : ToolMetricTable()) {
    const std::string row = "| " + std::string(ToString(metric.tool)) + " | " +
                            std::string(ToString(metric.column)) + " | " + std::string(metric.name) + " | " +
                            std::string(metric.formula) + " | " +
                            Text(Values(record, metric.tool, metric.column, metric.name)) + " |\n";
    INFO("docs/metrics.md lacks: " << row);
    CHECK(page.find(row) != std::string::npos);
  }
}

TEST_CASE("Where a stream tells only a sum of tokens, what rests on the answer's tokens is an estimate",
          "[definitions]") {
  const RequestRecord record = RecordedAndReadBack(TheStream(Telling::kSum));
  CHECK(AnswerTokensOf(record).is_estimated);
  CHECK(AnswerTokensOf(record).tokens == 3);  // 5 tokens, and 2 of 3 events are answer text: 3.3
  for (const Cell& cell : kCells) {
    const ToolMetric* metric = FindToolMetric(cell.tool, cell.column, cell.name);
    REQUIRE(metric != nullptr);
    if (metric->needs_answer_tokens || OnlyARunningSumTells(cell)) continue;
    CAPTURE(std::string(ToString(cell.tool)), cell.name);
    CHECK(Values(record, cell.tool, cell.column, cell.name) == cell.ms);
  }
}

TEST_CASE("A finish reason in an event of its own ends a request for vLLM and makes a gap there",
          "[definitions]") {
  const RequestRecord record = RecordedAndReadBack(StreamOf({{40ms, TextChunk("a")},
                                                             {60ms, TextChunk("b")},
                                                             {90ms, FinishChunk()},
                                                             {95ms, UsageChunk(2)},
                                                             {99ms, "[DONE]"}}));
  CHECK(Values(record, Tool::kVllm, kLatency, "E2EL") == std::vector<double>{90});
  CHECK(Values(record, Tool::kVllm, kTpot, "TPOT") == std::vector<double>{50});
  CHECK(Values(record, Tool::kVllm, kItl, "ITL") == std::vector<double>{20, 30});
  CHECK(Values(record, Tool::kSglang, kItl, "ITL") == std::vector<double>{20});
  CHECK(Values(record, Tool::kAiperf, kLatency, "Request Latency") == std::vector<double>{60});
  CHECK(record.textless_events == 1);
}

TEST_CASE(
    "A stream without usage has the length that was asked for in SGLang and that of its events elsewhere",
    "[definitions]") {
  const RequestRecord record = RecordedAndReadBack(StreamOf(
      {{40ms, TextChunk("a")}, {60ms, TextChunk("b")}, {80ms, TextChunk("c")}, {80ms, FinishChunk()}}));
  CHECK(Values(record, Tool::kSglang, kLatency, "E2E Latency") == std::vector<double>{80});
  CHECK(Values(record, Tool::kSglang, kTpot, "TPOT") == std::vector<double>{10});  // 40 / (5 - 1)
  CHECK(Values(record, Tool::kGuidellm, kItl, "ITL") == std::vector<double>{20});  // 40 / (3 - 1)
  CHECK(Values(record, Tool::kInferencePerf, kTpot, "TPOT, server tokens").empty());
}

TEST_CASE("What a stream did not have no tool has a number for", "[definitions]") {
  const RequestRecord one =
      RecordedAndReadBack(StreamOf({{40ms, TextChunk("a")}, {41ms, UsageChunk(1)}, {42ms, "[DONE]"}}));
  CHECK(Values(one, Tool::kVllm, kTtft, "TTFT") == std::vector<double>{40});
  CHECK(Values(one, Tool::kVllm, kTpot, "TPOT").empty());
  CHECK(Values(one, Tool::kVllm, kItl, "ITL").empty());
  CHECK(Values(one, Tool::kAiperf, kTtft, "TTST").empty());
  CHECK(Values(one, Tool::kInferencePerf, kTtft, "TTFT").empty());  // it wants two tokens
  // Reasoning alone: whoever waits for answer text sees nothing.
  const RequestRecord thought = RecordedAndReadBack(
      StreamOf({{40ms, Event(R"({"reasoning_content":"Hm"})", "null", std::nullopt)},
                {60ms, Event(R"({"reasoning_content":"m"})", R"("length")", std::nullopt)},
                {70ms, UsageChunk(2)},
                {70ms, "[DONE]"}}));
  CHECK(Values(thought, Tool::kSglang, kTtft, "TTFT") == std::vector<double>{40});
  for (const Tool tool : {Tool::kInferencePerf, Tool::kInferenceBenchmarker, Tool::kLlmperf}) {
    CAPTURE(std::string(ToString(tool)));
    CHECK(Values(thought, tool, kTtft, "TTFT").empty());
    CHECK(Values(thought, tool, kItl, "ITL").empty());
  }
}

TEST_CASE("A response that came as a whole has none of these figures", "[definitions]") {
  SimulatedRunConfig config;
  config.endpoint = [](const HttpRequest&, int64_t) {
    return AnswerOf(200, R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]})");
  };
  config.dialect.stream = false;
  config.stop.requests = 1;
  SimulatedRun run(std::move(config));
  run.Execute();
  REQUIRE(run.records().size() == 1);
  for (const ToolMetric& metric : ToolMetricTable()) CHECK(ToolValues(metric, run.records()[0]).empty());
}
