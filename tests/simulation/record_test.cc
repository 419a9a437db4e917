// What a record says of each kind of answer.
#include "simulation/simulated_run.h"

using namespace llmdyno;

namespace {

// The record of one request that is answered so.
RequestRecord RecordOf(SimulatedResponse response, SimulatedRunConfig config = {}) {
  config.endpoint = [=](const HttpRequest&, int64_t) { return response; };
  config.stop.requests = 1;
  SimulatedRun run(std::move(config));
  run.Execute();
  REQUIRE(run.records().size() == 1);
  return run.records()[0];
}

SimulatedResponse Events(const std::vector<std::string>& events, OutcomeClass end = OutcomeClass::kOk) {
  std::vector<TimedEvent> timed;
  for (const std::string& event : events) timed.push_back({10ms, event});
  return StreamOf(timed, end);
}

SimulatedResponse Ended(SimulatedResponse response, OutcomeClass end) {
  response.end = end;
  return response;
}

}  // namespace

TEST_CASE("A record has every instant of a streamed answer", "[record]") {
  const SimulatedResponse response = [] {
    SimulatedResponse made = StreamOf({{20ms, R"({"choices":[{"delta":{"role":"assistant","content":""}}]})"},
                                       {30ms, R"({"choices":[{"delta":{"reasoning_content":"hm"}}]})"},
                                       {50ms, TextChunk("a")},
                                       {80ms, TextChunk("b")},
                                       {90ms, FinishChunk()},
                                       {95ms, UsageChunk(3)},
                                       {99ms, "[DONE]"}});
    made.head_at = 10ms;
    return made;
  }();
  const RequestRecord record = RecordOf(response);
  const TimePoint start = record.started_at;
  CHECK(record.outcome.ok());
  CHECK(record.outcome.http_status == 200);
  CHECK(record.scheduled_at == start);
  CHECK(record.sent_at == start);
  CHECK(record.first_byte_at == start + 10ms);
  CHECK(record.first_event_at == start + 20ms);
  CHECK(record.first_text_at == start + 30ms);
  CHECK(record.first_content_at == start + 50ms);
  CHECK(record.last_text_at == start + 80ms);
  CHECK(record.ended_at == start + 99ms);
  CHECK(record.arrivals.size() == 3);
  CHECK(record.arrival_clock == ArrivalClock::kSimulated);
  CHECK(record.output_tokens == TokenCount{3, TokenCountSource::kUsage});
  CHECK(record.input_tokens == TokenCount{7, TokenCountSource::kUsage});
  CHECK(record.finish_reason == "stop");
  CHECK(record.requested_output_tokens == 1000);
  CHECK(record.streamed);
  CHECK(record.attempts == 1);
  int64_t bytes = 0;
  for (const auto& piece : response.body) bytes += std::ssize(piece.bytes);
  CHECK(record.received_bytes == bytes);
  CHECK(record.sent_bytes > 0);
}

TEST_CASE("Events that come in one read are one arrival of several tokens", "[record]") {
  const RequestRecord record = RecordOf(StreamOf({{10ms, TextChunk("a")},
                                                  {10ms, TextChunk("b")},
                                                  {20ms, TextChunk("c")},
                                                  {20ms, FinishChunk()},
                                                  {20ms, "[DONE]"}}));
  REQUIRE(record.arrivals.size() == 2);
  CHECK(record.arrivals.begin()->events == 2);
  CHECK(record.arrivals.begin()->tokens == 2);
  CHECK(record.arrivals.total_tokens() == 3);
}

TEST_CASE("Every way to end has its class", "[record][outcome]") {
  struct Case {
    const char* what;
    SimulatedResponse response;
    OutcomeClass expected;
    std::string message;
  };
  const std::string json = R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]})";
  const std::vector<Case> cases = {
      {"ended as it should", Events({TextChunk("a"), FinishChunk(), "[DONE]"}), OutcomeClass::kOk, ""},
      {"finish reason but no [DONE]", Events({TextChunk("a"), FinishChunk()}), OutcomeClass::kOk, ""},
      {"[DONE] but no finish reason", Events({TextChunk("a"), "[DONE]"}), OutcomeClass::kOk, ""},
      {"finish reason and no text", Events({FinishChunk(), "[DONE]"}), OutcomeClass::kOk, ""},
      {"cut after [DONE]", Events({TextChunk("a"), FinishChunk(), "[DONE]"}, OutcomeClass::kCutStream),
       OutcomeClass::kOk, ""},
      {"neither finish reason nor [DONE]", Events({TextChunk("a")}), OutcomeClass::kCutStream,
       "the stream ended without [DONE] and without a finish reason"},
      {"cut in the middle", Events({TextChunk("a")}, OutcomeClass::kCutStream), OutcomeClass::kCutStream,
       "simulated cut_stream"},
      {"only [DONE]", Events({"[DONE]"}), OutcomeClass::kEmpty,
       "a response without a token and without a finish reason"},
      {"nothing at all", AnswerOf(200, "", "text/event-stream"), OutcomeClass::kEmpty,
       "a response without a token and without a finish reason"},
      {"only usage", Events({UsageChunk(0), "[DONE]"}), OutcomeClass::kEmpty,
       "a response without a token and without a finish reason"},
      {"broken JSON in between", Events({TextChunk("a"), R"({"choi)", FinishChunk(), "[DONE]"}),
       OutcomeClass::kMalformedStream, ""},
      {"a web page", AnswerOf(200, "<html></html>", "text/html"), OutcomeClass::kMalformedStream,
       "a body of type 'text/html' that begins '<html></html>'"},
      {"an error in the stream", Events({TextChunk("a"), R"({"error":{"message":"boom"}})", "[DONE]"}),
       OutcomeClass::kProviderError, "boom"},
      {"an error and then a cut", Events({R"({"error":{"message":"boom"}})"}, OutcomeClass::kCutStream),
       OutcomeClass::kProviderError, "boom"},
      {"an error in a JSON body", AnswerOf(200, R"({"error":{"message":"boom"}})"),
       OutcomeClass::kProviderError, "boom"},
      {"whole JSON", AnswerOf(200, json), OutcomeClass::kOk, ""},
      {"broken whole JSON", AnswerOf(200, json.substr(0, 30)), OutcomeClass::kMalformedStream, ""},
      {"404", AnswerOf(404, R"({"detail":"Not Found"})"), OutcomeClass::kHttpStatus, "HTTP 404: Not Found"},
      {"500 without a body", AnswerOf(500, ""), OutcomeClass::kHttpStatus, "HTTP 500"},
      {"301", AnswerOf(301, ""), OutcomeClass::kHttpStatus, "HTTP 301"},
      {"429", AnswerOf(429, R"({"error":"slow down"})"), OutcomeClass::kOverload, "HTTP 429: slow down"},
      {"503", AnswerOf(503, "busy", "text/plain"), OutcomeClass::kOverload, "HTTP 503: busy"},
      {"500 cut off", Ended(AnswerOf(500, "oh n"), OutcomeClass::kCutStream), OutcomeClass::kHttpStatus,
       "HTTP 500: oh n"},
      {"refused", Failure(OutcomeClass::kConnectFailed), OutcomeClass::kConnectFailed,
       "simulated connect_failed"},
      {"no name", Failure(OutcomeClass::kDnsFailed), OutcomeClass::kDnsFailed, "simulated dns_failed"},
      {"silence", Failure(OutcomeClass::kFirstByteTimeout), OutcomeClass::kFirstByteTimeout,
       "simulated first_byte_timeout"},
      {"silence in mid-stream", Events({TextChunk("a")}, OutcomeClass::kIdleTimeout),
       OutcomeClass::kIdleTimeout, "simulated idle_timeout"},
      {"no end", Events({TextChunk("a")}, OutcomeClass::kTotalTimeout), OutcomeClass::kTotalTimeout,
       "simulated total_timeout"},
  };
  for (const Case& each : cases) {
    const RequestRecord record = RecordOf(each.response);
    INFO(each.what);
    CHECK(ToString(record.outcome.cls) == ToString(each.expected));
    if (!each.message.empty() || each.expected == OutcomeClass::kOk)
      CHECK(record.outcome.message == each.message);
    CHECK(record.outcome.message.empty() == record.outcome.ok());
    CHECK(record.outcome.http_status.has_value() == (each.response.status != 0));
  }
}

TEST_CASE("An answer that is not streamed counts by its usage and has one arrival", "[record]") {
  const std::string body =
      R"({"choices":[{"message":{"content":"one two three"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":3}})";
  SimulatedRunConfig config;
  config.dialect.stream = false;
  const RequestRecord record = RecordOf(AnswerOf(200, body), std::move(config));
  CHECK(record.outcome.ok());
  CHECK_FALSE(record.streamed);
  CHECK(record.output_tokens == TokenCount{3, TokenCountSource::kUsage});
  CHECK(record.arrivals.size() == 1);
  CHECK(record.arrivals.total_tokens() == 3);
  CHECK(record.first_content_at == record.ended_at);
}

TEST_CASE("A race over answers that are not streamed reaches its target", "[record]") {
  const std::string body =
      R"({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"completion_tokens":30}})";
  SimulatedRunConfig config;
  config.endpoint = [=](const HttpRequest&, int64_t) { return AnswerOf(200, body); };
  config.dialect.stream = false;
  config.stop.output_tokens = 100;
  SimulatedRun run(std::move(config));
  const RunResult result = run.Execute();
  CHECK(result.totals.output_tokens == 120);  // four answers of 30
  CHECK(run.TokensByLine() == 120);
}

TEST_CASE("Where a token count came from is in the record", "[record]") {
  // Without usage: one token per event. Once usage has taught that a chunk holds four, later streams are
  // counted so.
  const auto endpoint = [](const HttpRequest&, int64_t index) {
    return StreamedChat({.tokens = 24, .with_usage = index == 1, .tokens_per_chunk = 4});
  };
  SimulatedRun run({.endpoint = endpoint, .stop = {.requests = 3}});
  run.Execute();
  CHECK(run.records()[0].output_tokens == TokenCount{6, TokenCountSource::kEvents});
  CHECK(run.records()[1].output_tokens == TokenCount{24, TokenCountSource::kUsage});
  CHECK(run.records()[2].output_tokens == TokenCount{24, TokenCountSource::kCalibrated});
}

TEST_CASE("Texts are in the record when they are asked for and nowhere otherwise", "[record]") {
  const SimulatedResponse response = Events(
      {R"({"choices":[{"delta":{"reasoning_content":"Hm. "}}]})", TextChunk("Yes"), FinishChunk(), "[DONE]"});
  SimulatedRunConfig keeping;
  keeping.keep_texts = true;
  const RequestRecord kept = RecordOf(response, std::move(keeping));
  CHECK(kept.prompt_text == "question 0");
  CHECK(kept.output_text == "Hm. Yes");
  const RequestRecord bare = RecordOf(response);
  CHECK(bare.prompt_text.empty());
  CHECK(bare.output_text.empty());
}

TEST_CASE("A record that is used again carries nothing over", "[record]") {
  const auto endpoint = [](const HttpRequest&, int64_t index) {
    switch (index) {
      case 0:
        return StreamOf(
            {{10ms, TextChunk("long text")},
             {20ms,
              R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}})"},
             {20ms, FinishChunk()},
             {20ms, "[DONE]"}});
      case 1:
        return Failure(OutcomeClass::kConnectFailed);
      case 2:
        return AnswerOf(500, "bad");
      default:
        return StreamOf({{10ms, TextChunk("x")}, {10ms, "[DONE]"}});
    }
  };
  SimulatedRun run({.endpoint = endpoint, .stop = {.requests = 4}, .keep_texts = true});
  run.Execute();
  const RequestRecord& failed = run.records()[1];
  CHECK(failed.arrivals.empty());
  CHECK(failed.output_tokens.tokens == 0);
  CHECK_FALSE(failed.first_byte_at);
  CHECK_FALSE(failed.outcome.http_status);
  CHECK_FALSE(failed.cached_input_tokens);
  CHECK_FALSE(failed.reasoning_tokens);
  CHECK(failed.output_text.empty());
  CHECK(failed.finish_reason.empty());
  CHECK(failed.received_bytes == 0);
  const RequestRecord& last = run.records()[3];
  CHECK(last.outcome.ok());
  CHECK(last.finish_reason.empty());
  CHECK(last.output_text == "x");
  CHECK(last.outcome.message.empty());
}

TEST_CASE("A key that the endpoint echoes is not in the record", "[record][secret]") {
  const std::string key = "sk-proj-0123456789abcdefghij";
  const auto message_of = [&](const SimulatedResponse& response) {
    SimulatedRunConfig config;
    config.api_key = Secret(key);
    config.headers = {{"X-Token", "header-secret"}, {"Authorization", "Bearer bearer-credentials"}};
    return RecordOf(response, std::move(config)).outcome.message;
  };
  CHECK(message_of(AnswerOf(401, R"({"error":{"message":"Incorrect API key provided: )" + key + R"(."}})")) ==
        "HTTP 401: Incorrect API key provided: [redacted].");
  CHECK(message_of(Events({R"({"error":{"message":")" + key + key + R"("}})"})) == "[redacted][redacted]");
  CHECK(message_of(AnswerOf(200, "<html>" + key, "text/html")).find("0123") == std::string::npos);
  CHECK(message_of(AnswerOf(403, "bad header-secret, bad bearer-credentials", "text/plain")) ==
        "HTTP 403: bad [redacted], bad [redacted]");
  // Messages are cut to length: wherever the cut falls, no part of the key may be left that tells something.
  for (size_t before = 80; before < 310; ++before) {
    const std::string padding(before, 'x');
    for (const SimulatedResponse& response :
         {AnswerOf(401, R"({"error":{"message":")" + padding + key + R"( is wrong"}})"),
          AnswerOf(200, "<p>" + padding + key + " is wrong", "text/html")}) {
      if (message_of(response).find(key.substr(0, 9)) != std::string::npos)
        FAIL("cut behind " << before << " bytes");
    }
  }
}

TEST_CASE("A key of one letter hides that letter and hangs nothing", "[record][secret]") {
  SimulatedRunConfig config;
  config.api_key = Secret("d");
  CHECK(RecordOf(AnswerOf(401, R"({"error":"denied"})"), std::move(config)).outcome.message ==
        "HTTP 401: [redacted]enie[redacted]");
}

TEST_CASE("The requests on the wire are those of the workload, in order, each with an id of its own",
          "[record]") {
  SimulatedRun run({.endpoint = [](const HttpRequest&, int64_t) { return StreamedChat({}); },
                    .load = {.users = 5, .ramp_users_per_second = 0},
                    .stop = {.requests = 50}});
  run.Execute();
  for (size_t i = 0; i < 50; ++i) {
    CHECK(run.transport.sent()[i].body.find("question " + std::to_string(i) + "\"") != std::string::npos);
  }
}
