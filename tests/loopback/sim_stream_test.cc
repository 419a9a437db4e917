// Completions: the shape of events, exact counts, pacing by script and by engine, and readers that are slow
// or gone.
#include <algorithm>
#include <array>
#include <map>

#include "loopback/sim_fixture.h"

namespace llmdyno {
namespace {

RawResponse Stream(const SimServer& sim, int64_t tokens, const Json& more = kWithUsage) {
  return RawHttp(sim.port()).Post("/v1/chat/completions", ChatBody(tokens, true, more));
}

TEST_CASE("Several choices stream side by side, and usage counts the tokens of all", "[sim][loopback]") {
  const TemporaryFile log;
  {
    const auto sim = StartSim("fast:reasoning=2,extras=true", log.path());
    const Json options = {{"n", 3},
                          {"stream_options", {{"include_usage", true}, {"continuous_usage_stats", true}}}};
    const auto events = Events(RawHttp(sim->port()).Post("/v1/chat/completions", ChatBody(4, true, options)));
    std::map<int, int> tokens;
    int64_t sum = 0;
    for (const Json& event : events) {
      CHECK(event["provider"] == "simulated");
      if (event["choices"].empty()) continue;
      ++tokens[event["choices"][0]["index"].get<int>()];
      CHECK(event["usage"]["completion_tokens"] == ++sum);
    }
    CHECK(tokens == std::map<int, int>{{0, 4}, {1, 4}, {2, 4}});
    const Json usage = events.back()["usage"];
    CHECK(usage["completion_tokens"] == 12);
    CHECK(usage["completion_tokens_details"]["reasoning_tokens"] == 6);
    CHECK(usage["cost"] == (5 + 2 * 12) / 1e6);  // a prompt of five tokens
    const Json whole =
        Json::parse(RawHttp(sim->port()).Post("/v1/chat/completions", ChatBody(4, false, {{"n", 3}})).body);
    CHECK(whole["choices"].size() == 3);
    CHECK(whole["usage"]["completion_tokens"] == 12);
    CHECK(whole["provider"] == "simulated");
  }
  CHECK(log.Lines().at(0)["tokens"] == 12);
  CHECK(log.Lines().at(0)["token_sent_ns"].size() == 12);
}

TEST_CASE("A chat stream has the events that vLLM sends, each in an HTTP chunk of its own",
          "[sim][loopback]") {
  const auto sim = StartSim("fast");
  const RawResponse response = Stream(*sim, 4);
  CHECK(response.status == 200);
  CHECK(response.headers.at("content-type") == "text/event-stream; charset=utf-8");
  CHECK(response.is_complete);
  REQUIRE(response.chunks.size() == 6);  // four tokens, usage, [DONE]
  CHECK(response.chunks.back() == "data: [DONE]\n\n");
  const auto events = Events(response);
  for (size_t i = 0; i < 4; ++i) {
    CHECK(response.chunks[i].ends_with("}\n\n"));
    CHECK(events[i]["object"] == "chat.completion.chunk");
    CHECK(events[i]["id"] == events[0]["id"]);
    CHECK(events[i]["model"] == "m");
    CHECK_FALSE(events[i].contains("usage"));
    CHECK(events[i]["choices"][0]["index"] == 0);
    CHECK(events[i]["choices"][0]["logprobs"].is_null());
  }
  CHECK(events[0]["choices"][0]["delta"]["role"] == "assistant");
  CHECK(events[2]["choices"][0]["finish_reason"].is_null());
  CHECK(events[3]["choices"][0]["finish_reason"] == "length");
  CHECK(WordCount(StreamedText(events)) == 4);
  CHECK(events[4]["choices"].empty());
  CHECK(events[4]["usage"] == Json::parse(R"({"prompt_tokens":5,"completion_tokens":4,"total_tokens":9})"));
}

TEST_CASE("Usage comes only when asked for, and in every event when asked for that", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  for (const Json& event : Events(Stream(*sim, 3, Json::object()))) CHECK_FALSE(event.contains("usage"));
  const auto events = Events(
      Stream(*sim, 3, {{"stream_options", {{"include_usage", true}, {"continuous_usage_stats", true}}}}));
  REQUIRE(events.size() == 4);
  for (size_t i = 0; i < 3; ++i) CHECK(events[i]["usage"]["completion_tokens"] == i + 1);
}

TEST_CASE("The whole answer says the same as the stream", "[sim][loopback]") {
  // One seed, so that the first request of each server meets the same draw.
  const auto streaming = StartSim("fast");
  const auto whole = StartSim("fast");
  const std::string text = StreamedText(Events(Stream(*streaming, 50)));
  const Json answer =
      Json::parse(RawHttp(whole->port()).Post("/v1/chat/completions", ChatBody(50, false)).body);
  CHECK(answer["object"] == "chat.completion");
  CHECK(answer["choices"][0]["message"]["content"] == text);
  CHECK(answer["choices"][0]["finish_reason"] == "length");
  CHECK(answer["usage"]["completion_tokens"] == 50);
}

TEST_CASE("Completions stream text rather than deltas", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  const std::string body = R"({"model":"m","prompt":"a b","max_tokens":3,"ignore_eos":true,"stream":true})";
  const auto events = Events(RawHttp(sim->port()).Post("/v1/completions", body));
  REQUIRE(events.size() == 3);
  CHECK(events[0]["object"] == "text_completion");
  std::string text;
  for (const Json& event : events) text += event["choices"][0]["text"].get<std::string>();
  CHECK(WordCount(text) == 3);
  CHECK(events[2]["choices"][0]["finish_reason"] == "length");
}

TEST_CASE("An output that ends of itself says stop and has the drawn length", "[sim][loopback]") {
  const auto sim = StartSim("fast:output_tokens=7");
  Json more = kWithUsage;
  more["ignore_eos"] = false;
  const auto events = Events(Stream(*sim, 1000, more));
  CHECK(WordCount(StreamedText(events)) == 7);
  CHECK(events[6]["choices"][0]["finish_reason"] == "stop");
  CHECK(events.back()["usage"]["completion_tokens"] == 7);
}

TEST_CASE("Several choices take turns, and usage counts them all", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  Json more = kWithUsage;
  more["n"] = 3;
  const auto events = Events(Stream(*sim, 4, more));
  REQUIRE(events.size() == 13);
  std::array<int, 3> tokens{};
  for (size_t i = 0; i < 12; ++i) ++tokens[events[i]["choices"][0]["index"].get<size_t>()];
  CHECK(tokens == std::array<int, 3>{4, 4, 4});
  CHECK(events.back()["usage"]["completion_tokens"] == 12);
  more["stream"] = false;
  const Json whole =
      Json::parse(RawHttp(sim->port()).Post("/v1/chat/completions", ChatBody(4, false, more)).body);
  CHECK(whole["choices"].size() == 3);
  CHECK(whole["usage"]["completion_tokens"] == 12);
}

TEST_CASE("A chunk may hold several tokens", "[sim][loopback]") {
  const auto sim = StartSim("fast:tokens_per_chunk=4");
  const auto events = Events(Stream(*sim, 10));
  REQUIRE(events.size() == 4);  // 4 + 4 + 2, usage
  CHECK(WordCount(StreamedText({events[0]})) == 4);
  CHECK(WordCount(StreamedText({events[2]})) == 2);
  CHECK(WordCount(StreamedText(events)) == 10);
}

TEST_CASE("Reasoning comes first, in a field of its own, and never shares a chunk with content",
          "[sim][loopback]") {
  const auto sim = StartSim("fast:reasoning=5,tokens_per_chunk=2,extras=true");
  const auto events = Events(Stream(*sim, 8));
  CHECK(WordCount(StreamedText(events, "reasoning_content")) == 5);
  CHECK(WordCount(StreamedText(events)) == 3);
  CHECK(events.back()["usage"]["completion_tokens"] == 8);
  CHECK(events.back()["usage"]["completion_tokens_details"]["reasoning_tokens"] == 5);
  CHECK(events.back()["usage"]["prompt_tokens_details"]["cached_tokens"] == 1);
  const auto other = StartSim("fast:reasoning=5,reasoning_field=reasoning");
  CHECK(WordCount(StreamedText(Events(Stream(*other, 8)), "reasoning")) == 5);
  const Json whole = Json::parse(RawHttp(sim->port()).Post("/v1/chat/completions", ChatBody(8, false)).body);
  CHECK(WordCount(whole["choices"][0]["message"]["reasoning_content"]) == 5);
  CHECK(WordCount(whole["choices"][0]["message"]["content"]) == 3);
}

TEST_CASE("The role may come in a chunk of its own before any token", "[sim][loopback]") {
  const auto sim = StartSim("fast:role_chunk=true");
  const auto events = Events(Stream(*sim, 2));
  REQUIRE(events.size() == 4);
  CHECK(events[0]["choices"][0]["delta"] == Json::parse(R"({"role":"assistant","content":""})"));
  CHECK_FALSE(events[1]["choices"][0]["delta"].contains("role"));
}

TEST_CASE("Lines may end in CR LF and writes may be one byte long: the events are the same",
          "[sim][loopback]") {
  for (const char* profile :
       {"fast", "fast:crlf=true", "fast:split=1", "scripted:ttft=1ms,itl=1ms,split=7", "fast:drip=1"}) {
    INFO(profile);
    const auto sim = StartSim(profile);
    const RawResponse response = Stream(*sim, 20);
    CHECK(response.is_complete);
    CHECK(WordCount(StreamedText(Events(response))) == 20);
    CHECK(Events(response).back()["usage"]["completion_tokens"] == 20);
  }
  const auto sim = StartSim("fast:crlf=true");
  CHECK(Stream(*sim, 1).chunks[0].ends_with("}\r\n\r\n"));
}

TEST_CASE("Keep-alive comments come in chunks of their own while the first token is awaited",
          "[sim][loopback]") {
  const auto sim = StartSim("scripted:ttft=100ms,itl=1ms,keepalive=10ms");
  const RawResponse response = Stream(*sim, 2);
  CHECK(response.chunks.front() == ": keep-alive\n\n");
  CHECK(WordCount(StreamedText(Events(response))) == 2);
}

TEST_CASE("The script decides when tokens come, and never earlier", "[sim][loopback]") {
  const TemporaryFile log;
  {
    const auto sim = StartSim("scripted:ttft=20ms,itl=5ms", log.path());
    Stream(*sim, 10);
    RawHttp(sim->port()).Post("/v1/chat/completions", ChatBody(10, false));
  }
  const auto lines = log.Lines();
  REQUIRE(lines.size() == 2);
  const auto sent = lines[0]["token_sent_ns"].get<std::vector<int64_t>>();
  REQUIRE(sent.size() == 10);
  for (size_t i = 0; i < 10; ++i)
    CHECK(sent[i] - lines[0]["arrival_ns"].get<int64_t>() >=
          20'000'000 + 5'000'000 * static_cast<int64_t>(i));
  // Not streamed: everything when the last token would have come.
  CHECK(lines[1]["first_byte_ns"].get<int64_t>() - lines[1]["arrival_ns"].get<int64_t>() >= 65'000'000);
}

TEST_CASE("In lockstep the tokens of all streams come at multiples of the interval", "[sim][loopback]") {
  const TemporaryFile log;
  {
    const auto sim = StartSim("scripted:ttft=1ms,itl=50ms,lockstep=true", log.path());
    RawHttp first(sim->port());
    RawHttp second(sim->port());
    first.Send(RawHttp::PostBytes("/v1/chat/completions", ChatBody(3)));
    second.Send(RawHttp::PostBytes("/v1/chat/completions", ChatBody(3)));
    first.Read();
    second.Read();
  }
  for (const Json& line : log.Lines()) {
    const auto sent = line["token_sent_ns"].get<std::vector<int64_t>>();
    // Never before its multiple; how long after it is up to the machine.
    constexpr int64_t kInterval = 50'000'000;
    const int64_t earliest = line["arrival_ns"].get<int64_t>() + 1'000'000;
    const int64_t first = (earliest + kInterval - 1) / kInterval * kInterval;
    for (size_t i = 0; i < sent.size(); ++i) CHECK(sent[i] >= first + kInterval * static_cast<int64_t>(i));
  }
}

TEST_CASE("An engine serves more requests than it has slots, in batches, with exact counts",
          "[sim][loopback]") {
  const auto sim = StartSim("a100-llama-3-8b:max_num_seqs=4,step_base=1ms,step_per_sequence=0,threads=2");
  std::vector<std::unique_ptr<RawHttp>> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(std::make_unique<RawHttp>(sim->port()));
    clients.back()->Send(
        RawHttp::PostBytes("/v1/chat/completions", ChatBody(10 + i, i % 2 == 0, kWithUsage)));
  }
  for (int i = 0; i < 12; ++i) {
    const RawResponse response = clients[static_cast<size_t>(i)]->Read();
    CHECK(response.is_complete);
    const Json usage = i % 2 == 0 ? Events(response).back()["usage"] : Json::parse(response.body)["usage"];
    CHECK(usage["completion_tokens"] == 10 + i);
  }
  CHECK(sim->Stats().max_in_flight > 4);
  CHECK(Eventually([&] { return sim->Stats().in_flight == 0; }));
}

TEST_CASE("A full engine queue answers 503 with Retry-After, or 429 on request", "[sim][loopback]") {
  for (const int status : {503, 429}) {
    const auto sim = StartSim(
        "l4-llama-3.2-3b:max_num_seqs=1,max_waiting=1,step_base=1s,retry_after=1500ms,overload_status=" +
        std::to_string(status));
    RawHttp running(sim->port());
    RawHttp waiting(sim->port());
    running.Send(RawHttp::PostBytes("/v1/chat/completions", ChatBody(100)));
    REQUIRE(Eventually([&] { return sim->Stats().in_flight == 1; }));
    waiting.Send(RawHttp::PostBytes("/v1/chat/completions", ChatBody(100)));
    REQUIRE(Eventually([&] { return sim->Stats().in_flight == 2; }));
    const RawResponse refused = Stream(*sim, 100);
    CHECK(refused.status == status);
    CHECK(refused.headers.at("retry-after") == "2");
    CHECK(sim->Stats().refused_overloaded == 1);
  }
}

TEST_CASE("What exceeds the model's context is refused in vLLM's words", "[sim][loopback]") {
  const auto sim = StartSim("fast:max_model_len=100");
  const RawResponse refused = Stream(*sim, 96);
  CHECK(refused.status == 400);
  CHECK_THAT(refused.body,
             Catch::Contains("maximum context length is 100 tokens. However, you requested 101 tokens"));
  CHECK(Stream(*sim, 95).status == 200);
}

TEST_CASE("A client that leaves cancels its sequence and frees its place", "[sim][loopback]") {
  const auto sim = StartSim("l4-llama-3.2-3b:max_num_seqs=1,step_base=2ms");
  auto leaver = std::make_unique<RawHttp>(sim->port());
  leaver->Send(RawHttp::PostBytes("/v1/chat/completions", ChatBody(10'000)));
  leaver->ReadSome();
  RawHttp next(sim->port());
  next.Send(RawHttp::PostBytes("/v1/chat/completions", ChatBody(3)));
  leaver.reset();
  // With 10,000 tokens before it this would take 20 s and more.
  CHECK(WordCount(StreamedText(Events(next.Read()))) == 3);
  CHECK(sim->Stats().disconnects == 1);
  CHECK(sim->Stats().tokens_sent < 10'000);
}

TEST_CASE("A reader that stops reading stops its stream, not the server, and gets everything in the end",
          "[sim][loopback]") {
  const auto sim = StartSim("fast");
  RawHttp slow(sim->port(), 4096);
  constexpr int64_t kTokens = 100'000;  // 24 MB: far more than the kernel keeps for a connection
  slow.Send(RawHttp::PostBytes("/v1/chat/completions", ChatBody(kTokens, true, kWithUsage)));
  REQUIRE(Eventually([&] { return sim->Stats().tokens_sent > 0; }));
  CHECK(Stream(*sim, 100).is_complete);
  CHECK(sim->Stats().tokens_sent < kTokens);
  const RawResponse response = slow.Read();
  CHECK(response.is_complete);
  CHECK(response.chunks.size() == static_cast<size_t>(kTokens) + 2);
  const std::string& usage = response.chunks[static_cast<size_t>(kTokens)];
  CHECK(Json::parse(usage.substr(6))["usage"]["completion_tokens"] == kTokens);
}

TEST_CASE("The log holds the request, an instant for every token, and no key", "[sim][loopback]") {
  const TemporaryFile log;
  {
    const auto sim = StartSim("fast:require_key=sesame", log.path());
    RawHttp client(sim->port());
    client.Post("/v1/chat/completions", ChatBody(5),
                "x-request-id: mine\r\nAuthorization: Bearer sesame\r\nx-team: red\r\n");
    client.Send(
        RawHttp::PostBytes("/v1/chat/completions", ChatBody(3, false), "Authorization: Bearer sesame\r\n"));
    client.Read();
  }
  const auto lines = log.Lines();
  REQUIRE(lines.size() == 2);
  const Json& line = lines[0];
  CHECK(line["x_request_id"] == "mine");
  CHECK(line["id"].get<std::string>().starts_with("chatcmpl-"));
  CHECK(line["route"] == "/v1/chat/completions");
  CHECK(line["headers"]["x-team"] == "red");
  CHECK(line["stream"] == true);
  CHECK(line["body"] == Json::parse(ChatBody(5)));
  CHECK(line["prompt_tokens"] == 5);
  CHECK(line["tokens"] == 5);
  CHECK(line["status"] == 200);
  CHECK(line["end"] == "complete");
  CHECK(line["fault"].is_null());
  const auto sent = line["token_sent_ns"].get<std::vector<int64_t>>();
  REQUIRE(sent.size() == 5);
  CHECK(std::is_sorted(sent.begin(), sent.end()));
  CHECK(line["arrival_ns"] <= line["first_byte_ns"]);
  CHECK(line["first_byte_ns"] <= sent.front());
  CHECK(sent.back() <= line["end_ns"]);
  CHECK(lines[1]["token_sent_ns"].size() == 3);
  for (const Json& each : lines) CHECK(each.dump().find("sesame") == std::string::npos);
}

TEST_CASE("Requests under way when the server stops are in the log", "[sim][loopback]") {
  const TemporaryFile log;
  const auto sim = StartSim("scripted:ttft=1h", log.path());
  RawHttp client(sim->port());
  client.Send(RawHttp::PostBytes("/v1/chat/completions", ChatBody(5)));
  REQUIRE(Eventually([&] { return sim->Stats().in_flight == 1; }));
  sim->Stop();
  sim->Stop();
  REQUIRE(log.Lines().size() == 1);
  CHECK(log.Lines()[0]["end"] == "stopped");
}

}  // namespace
}  // namespace llmdyno
