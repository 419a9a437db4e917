#include "llmdyno/metrics/first_token.h"

#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

TEST_CASE("Definitions of the first token have names that are read back", "[metrics][first_token]") {
  for (const auto definition : {FirstToken::kAnyChunk, FirstToken::kAnyText, FirstToken::kContent}) {
    CHECK(ParseFirstToken(ToString(definition)) == definition);
  }
  CHECK(ToString(FirstToken::kAnyChunk) == "any-chunk");
  CHECK_FALSE(ParseFirstToken("any_chunk"));
  CHECK_FALSE(ParseFirstToken(""));
}

TEST_CASE("Each definition takes another event of a stream", "[metrics][first_token]") {
  RequestRecord record = MakeSteady(0s, 10, 100ms);
  record.first_event_at = kStart + 40ms;
  record.first_content_at = kStart + 300ms;
  CHECK(FirstTokenAt(record, FirstToken::kAnyChunk) == kStart + 40ms);
  CHECK(FirstTokenAt(record, FirstToken::kAnyText) == kStart + 100ms);
  CHECK(FirstTokenAt(record, FirstToken::kContent) == kStart + 300ms);
}

TEST_CASE("What did not happen, or was not streamed, has no first token", "[metrics][first_token]") {
  RequestRecord record = MakeSteady(0s, 10, 100ms);
  record.first_content_at.reset();  // reasoning only
  CHECK_FALSE(FirstTokenAt(record, FirstToken::kContent));
  CHECK(FirstTokenAt(record, FirstToken::kAnyText));
  record.streamed = false;
  CHECK_FALSE(FirstTokenAt(record, FirstToken::kAnyText));
}
