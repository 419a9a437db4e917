#include "llmdyno/metrics/first_token.h"

namespace llmdyno {

std::string_view ToString(FirstToken definition) {
  switch (definition) {
    case FirstToken::kAnyChunk:
      return "any-chunk";
    case FirstToken::kAnyText:
      return "any-text";
    case FirstToken::kContent:
      return "content";
  }
  return "unknown";
}

std::optional<FirstToken> ParseFirstToken(std::string_view text) {
  for (const auto definition : {FirstToken::kAnyChunk, FirstToken::kAnyText, FirstToken::kContent}) {
    if (ToString(definition) == text) return definition;
  }
  return std::nullopt;
}

std::optional<TimePoint> FirstTokenAt(const RequestRecord& record, FirstToken definition) {
  if (!record.streamed) return std::nullopt;
  switch (definition) {
    case FirstToken::kAnyChunk:
      return record.first_event_at;
    case FirstToken::kAnyText:
      return record.first_text_at;
    case FirstToken::kContent:
      return record.first_content_at;
  }
  return std::nullopt;
}

}  // namespace llmdyno
