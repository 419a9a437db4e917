// Runs in virtual time: the real run loop over a simulated clock and transport.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/simulated_clock.h"
#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/load/closed_loop.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/testing/simulated_transport.h"
#include "support/catch.h"

namespace llmdyno {

using namespace std::chrono_literals;

// Keeps copies of what a sink is told.
class RecordCollector final : public RecordSink {
 public:
  void OnRecord(const RequestRecord& record) override { records.push_back(record); }
  void OnFinishLine(TimePoint at, std::string_view why) override {
    CHECK_FALSE(line);
    line = at;
    reason = why;
    records_at_line = records.size();
  }

  std::vector<RequestRecord> records;
  std::optional<TimePoint> line;
  std::string reason;
  size_t records_at_line = 0;
};

// "question 0", "question 1", …
class NumberedQuestions final : public RequestSource {
 public:
  NextRequest Next(TimePoint /*now*/) override {
    Request request;
    request.id = next_++;
    request.body = ChatBody{{{"user", "question " + std::to_string(request.id)}}};
    request.max_output_tokens = 1000;
    return request;
  }

 private:
  int64_t next_ = 0;
};

// What a test sets; everything else has a default that lets the run go on until the stop condition.
struct SimulatedRunConfig {
  SimulatedEndpoint endpoint;
  ClosedLoopConfig load = {.users = 1, .ramp_users_per_second = 0};
  StopCondition stop = {};
  OpenAiDialectConfig dialect = {};
  std::unique_ptr<RequestSource> source = std::make_unique<NumberedQuestions>();
  std::unique_ptr<LoadModel> load_model = nullptr;  // instead of `load`
  Duration drain_timeout = 30s;
  Secret api_key = Secret();
  std::vector<HttpHeader> headers = {};
  bool keep_texts = false;
  RunPhase phase = RunPhase::kMeasured;
  int64_t first_request_id = 0;
  ProgressCallback on_progress = {};
  Duration progress_interval = 5s;
};

class SimulatedRun {
 public:
  explicit SimulatedRun(SimulatedRunConfig config) : transport(clock, std::move(config.endpoint)) {
    plan.endpoint.url = *BaseUrl::Parse("http://simulated");
    plan.endpoint.model = "simulated";
    plan.endpoint.api_key = config.api_key;
    plan.endpoint.headers = config.headers;
    plan.source = std::move(config.source);
    plan.load =
        config.load_model != nullptr ? std::move(config.load_model) : *MakeClosedLoop(config.load, Rng(1));
    plan.dialect = *MakeOpenAiDialect(config.dialect);
    plan.stop = config.stop;
    plan.drain_timeout = config.drain_timeout;
    plan.phase = config.phase;
    plan.first_request_id = config.first_request_id;
    plan.keep_texts = config.keep_texts;
    on_progress = std::move(config.on_progress);
    progress_interval = config.progress_interval;
  }

  absl::StatusOr<RunResult> TryExecute() {
    return ExecuteRun(plan, {.clock = clock,
                             .transports = {&transport},
                             .control = control,
                             .sinks = {&collected},
                             .on_progress = on_progress,
                             .progress_interval = progress_interval,
                             .diagnostics = Diagnostics()});
  }

  RunResult Execute() {
    auto result = TryExecute();
    REQUIRE(result.ok());
    CHECK(transport.in_flight() == 0);
    CHECK(collected.records.size() == transport.sent().size());
    REQUIRE(collected.line == result->finish_line);
    CHECK(collected.reason == ToString(result->stop_reason));
    return *std::move(result);
  }

  const std::vector<RequestRecord>& records() const { return collected.records; }

  // What the records say had arrived by the finish line.
  int64_t TokensByLine() const {
    int64_t tokens = 0;
    for (const RequestRecord& record : collected.records) tokens += OutputTokensBy(record, *collected.line);
    return tokens;
  }

  SimulatedClock clock;
  SimulatedTransport transport;
  RunControl control;
  RecordCollector collected;
  RunPlan plan;
  ProgressCallback on_progress;
  Duration progress_interval{};
};

// One response whose pieces are complete SSE events, each with its instant.
struct TimedEvent {
  Duration at{};
  std::string data;
};

inline SimulatedResponse StreamOf(const std::vector<TimedEvent>& events,
                                  OutcomeClass end = OutcomeClass::kOk) {
  SimulatedResponse response;
  response.head_at = events.empty() ? Duration::zero() : events.front().at;
  for (const TimedEvent& event : events) response.body.push_back({event.at, "data: " + event.data + "\n\n"});
  response.end_at = events.empty() ? Duration::zero() : events.back().at;
  response.end = end;
  return response;
}

// A chunk with this text and, if wanted, a cumulative count beside it.
inline std::string TextChunk(const std::string& text,
                             std::optional<int64_t> completion_tokens = std::nullopt) {
  std::string chunk =
      R"({"choices":[{"index":0,"delta":{"content":")" + text + R"("},"finish_reason":null}])";
  if (completion_tokens)
    chunk += R"(,"usage":{"prompt_tokens":7,"completion_tokens":)" + std::to_string(*completion_tokens) + "}";
  return chunk + "}";
}

inline std::string FinishChunk() { return R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"; }

inline std::string UsageChunk(int64_t completion_tokens) {
  return R"({"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":)" +
         std::to_string(completion_tokens) + "}}";
}

// A response in one piece.
inline SimulatedResponse AnswerOf(int status, const std::string& body,
                                  const std::string& content_type = "application/json", Duration at = 10ms) {
  SimulatedResponse response;
  response.status = status;
  response.content_type = content_type;
  response.head_at = at;
  response.body = {{at, body}};
  response.end_at = at;
  return response;
}

// No response: the transfer ends this way.
inline SimulatedResponse Failure(OutcomeClass how, Duration at = 1ms) {
  SimulatedResponse response;
  response.status = 0;
  response.end_at = at;
  response.end = how;
  return response;
}

}  // namespace llmdyno
