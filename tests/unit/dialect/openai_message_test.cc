#include "dialect/openai_message.h"

#include <string>
#include <vector>

#include "llmdyno/base/random.h"
#include "llmdyno/testing/event_recorder.h"
#include "support/catch.h"
#include "unit/dialect/decoding.h"

using namespace llmdyno;

namespace {

// As the bytes of a JSON string: mostly plain, with everything in between that can go wrong.
std::string RandomRawText(Rng& rng) {
  static const std::vector<std::string> kParts = {"a", " word", " the", "é", "日本", "😀", R"(\")", R"(\\)",
                                                  R"(\n)", R"(\u00e9)", R"(\ud83d\ude00)", R"(\/)", "{", "}",
                                                  "[", "]", ":", ",", "'", "null", R"(\"}}]})", "\x7F",
                                                  // Not valid JSON strings:
                                                  "\x01", "\xFF", "\xC3", R"(\x)", "\"", "\t", R"(\ud83d)"};
  std::string text;
  const bool is_plain = rng.Chance(0.5);
  const int64_t last = is_plain ? 5 : (rng.Chance(0.8) ? 21 : std::ssize(kParts) - 1);
  for (int64_t count = rng.UniformInt(0, 4); count > 0; --count) {
    text += kParts[static_cast<size_t>(rng.UniformInt(0, last))];
  }
  return text;
}

// A message in one of many shapes, with the text at its changing place.
std::string RandomMessage(Rng& rng) {
  const std::string text = RandomRawText(rng);
  static const std::vector<std::string> kIds = {R"("c1")",   R"("chat-2")", R"("é")", R"("")",
                                                R"("a\"b")", R"("\u0041")", "7",      "null"};
  static const std::vector<std::string> kCreated = {"1",   "1735689600", "1735689601", "0",  "01", "-1",
                                                    "1.5", "1e3",        "\"1\"",      "1 ", "x"};
  const auto pick = [&](const std::vector<std::string>& items, double odd) {
    return items[static_cast<size_t>(rng.UniformInt(0, rng.Chance(odd) ? std::ssize(items) - 1 : 2))];
  };
  const std::string id = pick(kIds, 0.1);
  const std::string created = pick(kCreated, 0.1);
  const std::string head = R"({"id":)" + id + R"(,"created":)" + created + R"(,"choices":[{"index":0,)";
  switch (rng.UniformInt(0, 15)) {
    case 0:
      return R"({"id":"c","choices":[{"index":0,"delta":{"reasoning_content":")" + text + R"("}}]})";
    case 1:
      return R"({"choices":[{"text":")" + text + R"(","finish_reason":null}]})";
    case 2:
      return head + R"("delta":{"content":")" + text + R"("},"finish_reason":"stop"}]})";
    case 3:
      return head + R"("delta":{"content":")" + text + R"("}}],"usage":{"completion_tokens":5}})";
    case 4:
      return head + R"("delta":{"content":")" + text + R"(","reasoning":"r"}}]})";
    case 5:
      return head + R"("delta":{"reasoning_content":")" + text + R"(","reasoning":"r"}}]})";
    case 6:
      return R"({"choices":[{"delta":{"content":")" + text + R"("}},{"delta":{"content":""}}]})";
    case 7:
      return R"({"choices":[{"delta":{"content":""}},{"delta":{"content":")" + text + R"("}}]})";
    case 8:
      return head + R"("delta":{"content":")" + text + R"(","content":"again"}}]})";
    case 9:
      return head + R"("delta":{"content":")" + text + R"("}}],"error":null})";
    case 10:
      return head + R"("delta":{"tool_calls":[{"function":{"arguments":")" + text + R"("}}]}}]})";
    case 12:
      return R"({"choices":[{"delta":{"content":")" + text + R"("}}],"created":)" + created + R"(,"id":)" +
             id + "}";
    case 13:
      return R"({"choices":[{"delta":{"content":")" + text + R"("}}],"id":)" + id +
             R"(,"id":"again","created":)" + created + "}";
    case 11:
      return R"({"object":")" + text + R"(","message":"m","choices":[]})";
    default:
      return head + R"("delta":{"content":")" + text + R"("},"logprobs":null,"finish_reason":null}]})";
  }
}

std::vector<std::string> Read(OpenAiMessageReader& reader, std::string_view json) {
  EventRecorder recorder;
  const auto copy = std::make_unique<char[]>(json.size());
  std::copy(json.begin(), json.end(), copy.get());
  reader.Read({copy.get(), json.size()}, recorder);
  return ToStrings(recorder.events());
}

}  // namespace

TEST_CASE("A reader that has learnt shapes says the same as one that knows none", "[openai]") {
  Rng rng(99);
  auto learning = std::make_unique<OpenAiMessageReader>();
  for (int round = 0; round < 100'000; ++round) {
    // Runs of one shape, as in a stream, broken up by others.
    const std::string json = RandomMessage(rng);
    OpenAiMessageReader fresh;
    if (round % 500 == 0) learning = std::make_unique<OpenAiMessageReader>();
    const auto expected = Read(fresh, json);
    if (Read(*learning, json) != expected) {
      CAPTURE(round, json);
      REQUIRE(Read(*learning, json) == expected);
    }
  }
}

TEST_CASE("A text that looks like the end of its own message is not mistaken for it", "[openai]") {
  OpenAiMessageReader reader;
  CHECK(Read(reader, DeltaChunk(R"({"content":"a"})")) == Lines{"event choice texts=1 content=\"a\""});
  CHECK(Read(reader, DeltaChunk(R"({"content":"x","content":"y"})")) ==
        Lines{"event choice texts=1 content=\"y\""});
  CHECK(Read(reader, DeltaChunk(R"({"content":"a\\"})")) == Lines{"event choice texts=1 content=\"a\\\""});
  CHECK(Read(reader, DeltaChunk(R"({"content":""})")) == Lines{"event choice"});
}

TEST_CASE("A reader that met broken JSON reads the next message as if nothing had been", "[openai]") {
  OpenAiMessageReader reader;
  CHECK(Read(reader, R"({"choices":[{"delta":{"content":"a"})").front().starts_with("malformed"));
  CHECK(Read(reader, DeltaChunk(R"({"content":"b"})")) == Lines{"event choice texts=1 content=\"b\""});
}
