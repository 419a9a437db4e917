// Decodes OpenAI responses in every way that the network may hand them over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/dialect/openai_dialect.h"
#include "llmdyno/testing/event_recorder.h"
#include "support/catch.h"

namespace llmdyno {

inline std::unique_ptr<ResponseDecoder> NewOpenAiDecoder() {
  auto dialect = MakeOpenAiDialect({});
  REQUIRE(dialect.ok());
  return (*dialect)->NewDecoder();
}

inline std::vector<RecordedEvent> Decode(std::string_view body,
                                         std::string_view content_type = "text/event-stream") {
  return DecodeWhole(*NewOpenAiDecoder(), content_type, body);
}

// The events of the body, after making sure that it gives the same ones byte by byte and cut at every
// position. One decoder does all of it, so each response also follows another one.
inline std::vector<std::string> DecodeAnyhow(ResponseDecoder& decoder, std::string_view body,
                                             std::string_view content_type) {
  const std::vector<std::string> whole = ToStrings(DecodeWhole(decoder, content_type, body));
  INFO("body: " << body);
  CHECK(ToStrings(DecodePieces(decoder, content_type, CutEvery(body, 1))) == whole);
  for (size_t cut = 0; cut <= body.size(); ++cut) {
    const std::string_view pieces[] = {body.substr(0, cut), body.substr(cut)};
    const auto events = ToStrings(DecodePieces(decoder, content_type, pieces));
    if (events != whole) {
      CHECK(events == whole);
      FAIL("cut at byte " << cut);
    }
  }
  return whole;
}
inline std::vector<std::string> DecodeAnyhow(std::string_view body,
                                             std::string_view content_type = "text/event-stream") {
  return DecodeAnyhow(*NewOpenAiDecoder(), body, content_type);
}

// One SSE event.
inline std::string Event(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

// A chunk whose only choice has this delta, as in R"({"content":"Hi"})".
inline std::string DeltaChunk(std::string_view delta, std::string_view finish_reason = "null") {
  return R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
         std::string(delta) + R"(,"logprobs":null,"finish_reason":)" + std::string(finish_reason) + "}]}";
}

using Lines = std::vector<std::string>;

}  // namespace llmdyno
