#include "dialect/openai_decoder.h"

#include <string>
#include <vector>

#include "llmdyno/base/random.h"
#include "support/catch.h"
#include "unit/dialect/decoding.h"

using namespace llmdyno;

namespace {

Lines DecodeChunk(const std::string& json) { return DecodeAnyhow(Event(json)); }
Lines DecodeDelta(const std::string& delta) { return DecodeChunk(DeltaChunk(delta)); }

const std::string kDone = "data: [DONE]\n\n";

}  // namespace

TEST_CASE("Each content delta is one text", "[openai]") {
  const std::string body = Event(DeltaChunk(R"({"content":"Hello"})")) +
                           Event(DeltaChunk(R"({"content":" world"})")) +
                           Event(DeltaChunk("{}", "\"stop\"")) + kDone;
  CHECK(DecodeAnyhow(body) == Lines{"event choice texts=1 content=\"Hello\"",
                                    "event choice texts=1 content=\" world\"", "event choice finish=\"stop\"",
                                    "done"});
}

TEST_CASE("A role-only first chunk is a choice without text", "[openai]") {
  CHECK(DecodeDelta(R"({"role":"assistant","content":""})") == Lines{"event choice"});
  CHECK(DecodeDelta(R"({"role":"assistant"})") == Lines{"event choice"});
  CHECK(DecodeDelta(R"({"role":"assistant","content":null})") == Lines{"event choice"});
}

TEST_CASE("Usage comes in a chunk with empty choices, and null usage is none", "[openai]") {
  CHECK(DecodeChunk(R"({"choices":[{"delta":{"content":"a"}}],"usage":null})") ==
        Lines{"event choice texts=1 content=\"a\""});
  CHECK(
      DecodeChunk(R"({"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}})") ==
      Lines{"event usage=7/3/-/-"});
  CHECK(DecodeChunk(R"({"usage":{"prompt_tokens":7,"completion_tokens":3}})") ==
        Lines{"event usage=7/3/-/-"});
  CHECK(DecodeChunk(R"({"choices":null,"usage":{"completion_tokens":3}})") == Lines{"event usage=-/3/-/-"});
}

TEST_CASE("Usage details tell cached and reasoning tokens, and may be null", "[openai]") {
  CHECK(DecodeChunk(R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,)"
                    R"("prompt_tokens_details":{"audio_tokens":0,"cached_tokens":8},)"
                    R"("completion_tokens_details":{"reasoning_tokens":4}}})") ==
        Lines{"event usage=9/5/8/4"});
  CHECK(DecodeChunk(R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,)"
                    R"("prompt_tokens_details":null,"completion_tokens_details":null}})") ==
        Lines{"event usage=9/5/-/-"});
}

TEST_CASE("Counts that cannot be counts are as good as absent", "[openai]") {
  CHECK(DecodeChunk(
            R"({"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":99999999999999999999}})") ==
        Lines{"event usage=-/-/-/-"});
  CHECK(DecodeChunk(
            R"({"choices":[],"usage":{"prompt_tokens":"7","completion_tokens":9223372036854775807}})") ==
        Lines{"event usage=-/-/-/-"});
}

TEST_CASE("Continuous usage stands beside the text of its chunk", "[openai]") {
  CHECK(DecodeChunk(R"({"choices":[{"index":0,"delta":{"content":"a b c"}}],)"
                    R"("usage":{"prompt_tokens":7,"completion_tokens":3}})") ==
        Lines{"event choice texts=1 content=\"a b c\" usage=7/3/-/-"});
}

TEST_CASE("Reasoning text is told apart from the answer under both of its names", "[openai]") {
  CHECK(DecodeDelta(R"({"reasoning_content":"hm"})") == Lines{"event choice texts=1 reasoning=\"hm\""});
  CHECK(DecodeDelta(R"({"reasoning":"hm"})") == Lines{"event choice texts=1 reasoning=\"hm\""});
  CHECK(DecodeDelta(R"({"content":null,"reasoning_content":"hm"})") ==
        Lines{"event choice texts=1 reasoning=\"hm\""});
  CHECK(DecodeDelta(R"({"content":"","reasoning":"hm","reasoning_content":"hm"})") ==
        Lines{"event choice texts=1 reasoning=\"hm\""});
  CHECK(DecodeDelta(R"({"content":"a","reasoning_content":"b"})") ==
        Lines{"event choice texts=1 content=\"a\" reasoning=\"b\""});
}

TEST_CASE("A refusal is answer text", "[openai]") {
  CHECK(DecodeDelta(R"({"refusal":"No."})") == Lines{"event choice texts=1 content=\"No.\""});
}

TEST_CASE("Name and arguments of a tool call are text of a choice", "[openai]") {
  CHECK(DecodeDelta(R"({"tool_calls":[{"index":0,"id":"x","type":"function",)"
                    R"("function":{"name":"weather","arguments":""}}]})") ==
        Lines{"event choice texts=1 tool_call=\"weather\""});
  CHECK(DecodeDelta(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]})") ==
        Lines{"event choice texts=1 tool_call=\"{\"city\":\""});
  CHECK(DecodeDelta(R"({"tool_calls":null})") == Lines{"event choice"});
  CHECK(DecodeDelta(R"({"tool_calls":[]})") == Lines{"event choice"});
}

TEST_CASE("The completions route says text", "[openai]") {
  CHECK(DecodeChunk(
            R"({"object":"text_completion","choices":[{"index":0,"text":" a","finish_reason":null}]})") ==
        Lines{"event choice texts=1 content=\" a\""});
  CHECK(DecodeChunk(
            R"({"object":"text_completion","choices":[{"index":0,"text":"","finish_reason":"length"}]})") ==
        Lines{"event choice finish=\"length\""});
}

TEST_CASE("Several choices in one chunk are as many texts", "[openai]") {
  CHECK(DecodeChunk(
            R"({"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]})") ==
        Lines{"event choice texts=2 content=\"ab\""});
  CHECK(DecodeChunk(
            R"({"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":""}}]})") ==
        Lines{"event choice texts=1 content=\"a\""});
  CHECK(DecodeChunk(R"({"choices":[{"index":0,"delta":{}},{"index":1,"delta":{"content":"b"}}]})") ==
        Lines{"event choice texts=1 content=\"b\""});
  CHECK(
      DecodeChunk(
          R"({"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}},{"delta":{"content":"c"}}]})") ==
      Lines{"event choice texts=3 content=\"abc\""});
}

TEST_CASE("Chunks of several choices of which one has text teach nothing wrong", "[openai]") {
  const auto chunk = [](const char* first, const char* second) {
    return Event(R"({"choices":[{"index":0,"delta":{"content":")" + std::string(first) +
                 R"("}},{"index":1,"delta":{"content":")" + second + R"("}}]})");
  };
  CHECK(DecodeAnyhow(chunk("a", "") + chunk("b", "") + chunk("", "c") + chunk("", "d") + chunk("e", "f")) ==
        Lines{"event choice texts=1 content=\"a\"", "event choice texts=1 content=\"b\"",
              "event choice texts=1 content=\"c\"", "event choice texts=1 content=\"d\"",
              "event choice texts=2 content=\"ef\""});
}

TEST_CASE("Every finish reason is passed on as spelled", "[openai]") {
  for (const std::string reason :
       {"stop", "length", "tool_calls", "content_filter", "function_call", "eos_token", "abort"}) {
    CHECK(DecodeChunk(DeltaChunk("{}", '"' + reason + '"')) ==
          Lines{"event choice finish=\"" + reason + "\""});
  }
  CHECK(DecodeChunk(DeltaChunk("{}", "\"\"")) == Lines{"event choice"});
  CHECK(DecodeChunk(R"({"choices":[{"delta":{"content":"last"},"finish_reason":"stop"}]})") ==
        Lines{"event choice texts=1 content=\"last\" finish=\"stop\""});
}

TEST_CASE("An event of type error is the endpoint's error", "[openai]") {
  CHECK(DecodeAnyhow("event: error\ndata: {\"error\":{\"message\":\"out of memory\",\"code\":500}}\n\n" +
                     kDone) == Lines{"provider_error \"out of memory\"", "done"});
  CHECK(DecodeAnyhow("event: error\ndata: just text\n\n") == Lines{"provider_error \"just text\""});
  CHECK(DecodeAnyhow("event: error\ndata:\n\n") ==
        Lines{"provider_error \"the endpoint reported an error without a message\""});
}

TEST_CASE("An error object inside a 200 is the endpoint's error in every shape", "[openai]") {
  const std::vector<std::pair<std::string, std::string>> shapes = {
      {R"({"error":{"message":"busy","type":"server_error","code":null}})", "busy"},
      {R"({"error":"busy"})", "busy"},
      {R"({"error":{"type":"overloaded_error","message":"busy"}})", "busy"},
      {R"({"object":"error","message":"busy","type":"BadRequestError","param":null,"code":400})", "busy"},
      {R"({"message":"busy","object":"error"})", "busy"},
      {R"({"choices":[{"delta":{"content":"x"}}],"error":{"message":"busy"}})", "busy"},
      {R"({"error":{"code":500}})", "the endpoint reported an error without a message"},
      {R"({"error":{"message":""}})", "the endpoint reported an error without a message"},
      {R"({"error":true})", "the endpoint reported an error without a message"},
  };
  for (const auto& [json, message] : shapes) {
    CHECK(DecodeChunk(json) == Lines{"provider_error \"" + message + "\""});
    CHECK(DecodeAnyhow(json, "application/json") == Lines{"provider_error \"" + message + "\"", "done"});
  }
}

TEST_CASE("A null error is none", "[openai]") {
  CHECK(DecodeChunk(R"({"error":null,"choices":[{"delta":{"content":"a"}}]})") ==
        Lines{"event choice texts=1 content=\"a\""});
}

TEST_CASE("A response that is not streamed is one event and done", "[openai]") {
  const std::string body =
      R"({"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",)"
      R"("content":"Hello there","reasoning_content":"greet"},"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":7,"completion_tokens":2}})";
  const Lines expected = {
      "event choice texts=1 content=\"Hello there\" reasoning=\"greet\" finish=\"stop\" usage=7/2/-/-",
      "done"};
  CHECK(DecodeAnyhow(body, "application/json") == expected);
  CHECK(DecodeAnyhow(body + "\n", "application/json") == expected);
  CHECK(DecodeAnyhow(" \r\n" + body, "application/json") == expected);
  CHECK(DecodeAnyhow("\xEF\xBB\xBF" + body, "application/json") == expected);
}

TEST_CASE("The content type does not decide: the first bytes do", "[openai]") {
  const std::string events = Event(DeltaChunk(R"({"content":"a"})")) + kDone;
  const std::string json = R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]})";
  for (const char* type :
       {"", "text/event-stream", "application/json", "text/plain", "application/octet-stream"}) {
    CHECK(DecodeAnyhow(events, type) == Lines{"event choice texts=1 content=\"a\"", "done"});
    CHECK(DecodeAnyhow(json, type) == Lines{"event choice texts=1 content=\"a\" finish=\"stop\"", "done"});
  }
}

TEST_CASE("A web page is malformed and the message shows its beginning", "[openai]") {
  CHECK(DecodeAnyhow("<!DOCTYPE html>\n<html><body>It works!</body></html>", "text/html") ==
        Lines{"malformed \"a body of type 'text/html' that begins '<!DOCTYPE html> <html><body>It "
              "works!</body></html>'\""});
  const auto long_page = Decode("<html>" + std::string(100'000, 'x'), "text/html");
  REQUIRE(long_page.size() == 1);
  CHECK(long_page[0].message.size() < 300);
}

TEST_CASE("An empty body gives no event at all", "[openai]") {
  CHECK(DecodeAnyhow("").empty());
  CHECK(DecodeAnyhow("\r\n \n", "application/json").empty());
}

TEST_CASE("A body of something else is malformed", "[openai]") {
  CHECK(DecodeAnyhow("hello there", "text/plain") ==
        Lines{"malformed \"a body of type 'text/plain' without a single event\""});
  CHECK(DecodeAnyhow(": only comments\n\n").size() == 1);
  CHECK(Decode("[1,2,3]", "application/json").front().kind == RecordedEvent::Kind::kMalformed);
  CHECK(Decode("null\n", "application/json").front().kind == RecordedEvent::Kind::kMalformed);
}

TEST_CASE("Broken JSON is one malformed event and decoding goes on", "[openai]") {
  for (const std::string broken :
       {R"({"choices":[{"delta":{"content":"a)", R"({"choices":[)", R"({"choices" "x"})", R"({"id":"x",})",
        R"({"choices":[{"delta":{"content":"a"}}]} trailing)",
        R"({"choices":[{"delta":{"content":"a"}}]}{"x":1})", R"({"choices":[{"delta":{"content":"a"}}])",
        R"(not json)", R"("a string")", R"(17)", R"([])"}) {
    const auto events = Decode(Event(broken) + Event(DeltaChunk(R"({"content":"good"})")) + kDone);
    INFO(broken);
    REQUIRE(events.size() == 3);
    CHECK(events[0].kind == RecordedEvent::Kind::kMalformed);
    CHECK_FALSE(events[0].message.empty());
    CHECK(ToString(events[1]) == "event choice texts=1 content=\"good\"");
    CHECK(ToString(events[2]) == "done");
    DecodeAnyhow(Event(broken) + kDone);
  }
}

TEST_CASE("A message with neither choices nor usage is malformed", "[openai]") {
  CHECK(DecodeChunk(R"({"id":"x"})") == Lines{"malformed \"a message with neither choices nor usage\""});
  CHECK(DecodeChunk(R"({})") == Lines{"malformed \"a message with neither choices nor usage\""});
}

TEST_CASE("Members of unexpected types never count as text and never break the rest", "[openai]") {
  CHECK(
      DecodeChunk(
          R"({"choices":[{"delta":{"content":5,"reasoning":{"a":[1]},"tool_calls":"x"},"finish_reason":7}]})") ==
      Lines{"event choice"});
  CHECK(DecodeChunk(R"({"choices":[{"delta":null,"finish_reason":"stop"}]})") ==
        Lines{"event choice finish=\"stop\""});
  CHECK(DecodeChunk(R"({"choices":[{"delta":[1,2],"text":"t"}]})") ==
        Lines{"event choice texts=1 content=\"t\""});
  CHECK(DecodeChunk(R"({"choices":"none","usage":{"completion_tokens":2}})") == Lines{"event usage=-/2/-/-"});
  CHECK(DecodeChunk(
            R"({"choices":[{"delta":{"tool_calls":[{"function":null},{"function":{"arguments":"x"}}]}}]})") ==
        Lines{"event choice texts=1 tool_call=\"x\""});
}

TEST_CASE("Invalid UTF-8 is malformed, whatever was learnt before", "[openai]") {
  for (const std::string bad : {"\xFF", "\xC3", "\xE2\x82", "\xED\xA0\x80", "\xC0\xAF", "a\x80z"}) {
    const auto alone = Decode(Event(DeltaChunk(R"({"content":")" + bad + R"("})")));
    REQUIRE(alone.size() == 1);
    CHECK(alone[0].kind == RecordedEvent::Kind::kMalformed);
    const auto after = Decode(Event(DeltaChunk(R"({"content":"a"})")) +
                              Event(DeltaChunk(R"({"content":")" + bad + R"("})")) +
                              Event(DeltaChunk(R"({"content":"b"})")));
    REQUIRE(after.size() == 3);
    CHECK(after[1].kind == RecordedEvent::Kind::kMalformed);
    CHECK(after[2].content == "b");
  }
}

TEST_CASE("Escapes in texts are undone", "[openai]") {
  CHECK(DecodeDelta(R"({"content":"a\"b\\c\/d\nA\u00e9\t"})") ==
        Lines{"event choice texts=1 content=\"a\"b\\c/d\\x0aAé\\x09\""});
  CHECK(DecodeDelta(R"({"content":"\ud83d\ude00"})") ==
        Lines{"event choice texts=1 content=\"\xF0\x9F\x98\x80\""});
  CHECK(DecodeDelta(R"({"content":"\u0000"})") == Lines{"event choice texts=1 content=\"\\x00\""});
}

TEST_CASE("A lone surrogate is still text: its token is not lost", "[openai]") {
  // Engines that send a token for half an emoji write it so.
  CHECK(DecodeDelta(R"({"content":"\ud83d"})") == Lines{"event choice texts=1 content=\"\xEF\xBF\xBD\""});
  CHECK(DecodeDelta(R"({"content":"a\ude00b"})") == Lines{"event choice texts=1 content=\"a\xEF\xBF\xBD"
                                                          "b\""});
  CHECK(DecodeDelta(R"({"content":"\ud83d\u0041\n"})") == Lines{"event choice texts=1 content=\"\xEF\xBF\xBD"
                                                                "A\\x0a\""});
  CHECK(DecodeDelta(R"({"reasoning_content":"\ud83d\ud83d\ude00"})") ==
        Lines{"event choice texts=1 reasoning=\"\xEF\xBF\xBD\xF0\x9F\x98\x80\""});
}

TEST_CASE("An escape that JSON does not know makes the message malformed", "[openai]") {
  for (const char* bad : {R"(\x41)", R"(\u12G4)", R"(\u12)", R"(\')"}) {
    const auto events = Decode(Event(DeltaChunk(R"({"content":"a)" + std::string(bad) + R"("})")));
    INFO(bad);
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == RecordedEvent::Kind::kMalformed);
  }
}

TEST_CASE("A raw control character in a text is malformed, whatever was learnt before", "[openai]") {
  const auto events =
      Decode(Event(DeltaChunk(R"({"content":"a"})")) + Event(DeltaChunk("{\"content\":\"a\tb\"}")));
  REQUIRE(events.size() == 2);
  CHECK(events[1].kind == RecordedEvent::Kind::kMalformed);
}

TEST_CASE("An event of a megabyte arrives whole, in any pieces", "[openai]") {
  const std::string text(1 << 20, 'x');
  const std::string body = Event(DeltaChunk(R"({"content":")" + text + R"("})")) + kDone;
  for (const size_t piece : {size_t{1460}, size_t{65536}, body.size()}) {
    const auto events = DecodePieces(*NewOpenAiDecoder(), "text/event-stream", CutEvery(body, piece));
    REQUIRE(events.size() == 2);
    CHECK(events[0].content == text);
  }
}

TEST_CASE("A stream that never ends a line is given up after 64 MiB instead of filling the memory",
          "[openai]") {
  for (const std::string start : {"data: ", "{"}) {
    const auto decoder = NewOpenAiDecoder();
    EventRecorder recorder;
    decoder->Begin("text/event-stream");
    decoder->Decode(start, recorder);
    const std::string megabyte(1 << 20, 'x');
    for (int i = 0; i < 65; ++i) decoder->Decode(megabyte, recorder);
    INFO(start);
    REQUIRE_FALSE(recorder.events().empty());
    CHECK(recorder.events()[0].kind == RecordedEvent::Kind::kMalformed);
    for (int i = 0; i < 10; ++i) decoder->Decode(megabyte, recorder);
    decoder->End(recorder);
    CHECK(recorder.events().size() <= 2);
  }
}

TEST_CASE("The end marker is recognised with and without spaces around it", "[openai]") {
  CHECK(DecodeAnyhow("data:[DONE]\n\n") == Lines{"done"});
  CHECK(DecodeAnyhow("data: [DONE] \r\n\r\n") == Lines{"done"});
  CHECK(DecodeAnyhow("data: [DONE]") == Lines{"done"});
}

TEST_CASE("Keep-alives, CRLF and a byte-order mark change nothing", "[openai]") {
  const Lines expected = {"event choice texts=1 content=\"a\"", "event choice texts=1 content=\"b\"", "done"};
  const std::string a = DeltaChunk(R"({"content":"a"})");
  const std::string b = DeltaChunk(R"({"content":"b"})");
  CHECK(DecodeAnyhow("data: " + a + "\n\ndata: " + b + "\n\ndata: [DONE]\n\n") == expected);
  CHECK(DecodeAnyhow(": ping\n\ndata: " + a + "\n\n: ping\n\n\n:\n\ndata: " + b +
                     "\n: ping\n\ndata: [DONE]") == expected);
  CHECK(DecodeAnyhow("\xEF\xBB\xBF"
                     "data:" +
                     a + "\r\n\r\ndata:" + b + "\r\n\r\ndata:[DONE]\r\n\r\n") == expected);
  CHECK(DecodeAnyhow("id: 1\revent: message\rdata: " + a + "\r\rid: 2\rdata: " + b +
                     "\r\rdata: [DONE]\r\r") == expected);
}

TEST_CASE("A message may be spread over several data lines", "[openai]") {
  CHECK(DecodeAnyhow("data: {\"choices\":\ndata: [{\"delta\":{\"content\":\"a\"}}]\ndata: }\n\n") ==
        Lines{"event choice texts=1 content=\"a\""});
}

TEST_CASE("An empty data line is no message", "[openai]") {
  CHECK(DecodeAnyhow("data:\n\ndata: [DONE]\n\n") == Lines{"done"});
}

TEST_CASE("A decoder that is used again remembers nothing of a response that broke off", "[openai]") {
  const auto decoder = NewOpenAiDecoder();
  const std::string good = Event(DeltaChunk(R"({"content":"a"})")) + kDone;
  const std::string json = R"({"choices":[{"message":{"content":"a"}}]})";
  for (const std::string before :
       {"event: error\ndata: {\"err", "{\"choices\":[", "<html>", "data: x\n", "\xEF\xBB", ""}) {
    EventRecorder lost;
    decoder->Begin("text/html");
    decoder->Decode(before, lost);
    CHECK(ToStrings(DecodeWhole(*decoder, "text/event-stream", good)) ==
          Lines{"event choice texts=1 content=\"a\"", "done"});
    decoder->Begin("text/html");
    decoder->Decode(before, lost);
    CHECK(ToStrings(DecodeWhole(*decoder, "application/json", json)) ==
          Lines{"event choice texts=1 content=\"a\"", "done"});
  }
}

TEST_CASE("Random chunkings of a long stream give the events of the whole", "[openai]") {
  Rng rng(7);
  std::string body = ": hello\n\n" + Event(DeltaChunk(R"({"role":"assistant","content":""})"));
  for (int i = 0; i < 200; ++i) {
    body += i % 7 == 0 ? ": ping\r\n\r\n" : "";
    body +=
        Event(DeltaChunk(R"({"content":" wörd )" + std::to_string(i) + (i % 5 == 0 ? R"(\n"})" : R"("})")));
  }
  body += Event(R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":200}})") + kDone;
  const auto decoder = NewOpenAiDecoder();
  const Lines whole = ToStrings(DecodeWhole(*decoder, "text/event-stream", body));
  REQUIRE(whole.size() == 203);
  for (int round = 0; round < 300; ++round) {
    const int64_t largest = int64_t{1} << rng.UniformInt(0, 14);
    std::vector<std::string_view> pieces;
    for (size_t at = 0; at < body.size();) {
      const auto size = static_cast<size_t>(rng.UniformInt(0, largest));
      pieces.push_back(std::string_view(body).substr(at, size));
      at += size;
    }
    REQUIRE(ToStrings(DecodePieces(*decoder, "text/event-stream", pieces)) == whole);
  }
}
