// Reads one of the "choices" of a message: the text of the model, whichever member carries it.
#pragma once

#include <simdjson.h>

#include <deque>
#include <string>
#include <string_view>

#include "dialect/message_shape.h"

namespace llmdyno {

// What one choice holds. The texts are unescaped and live in the parser or in `repaired`.
struct OpenAiChoice {
  std::deque<std::string>& repaired;  // keeps texts that the parser refused
  std::string_view content = {};
  std::string_view reasoning = {};
  std::string_view tool_call = {};
  std::string_view finish_reason = {};
  // For whoever learns the message's shape.
  const char* text_token = nullptr;  // of the last text member that was not empty
  MessageShape::Field text_field = MessageShape::Field::kContent;
  int text_fields = 0;

  bool has_text() const { return !content.empty() || !reasoning.empty() || !tool_call.empty(); }
};

// Reads a chunk's choice ("delta"), a whole one's ("message") and one of the completions route ("text").
// Members of other types than promised count as no text.
simdjson::error_code ReadChoice(simdjson::ondemand::value value, OpenAiChoice& choice);

}  // namespace llmdyno
