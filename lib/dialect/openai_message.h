// Reads one JSON message of the OpenAI API: a chunk of a stream, or a whole response.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "llmdyno/dialect/stream_event.h"

namespace llmdyno {

// Where the one changing string of a message stands, so that the next message of the same shape needs no parser.
struct MessageShape {
  enum class Field { kNone, kContent, kReasoning };
  Field field = Field::kNone;
  std::string prefix;  // everything up to the text's opening quote, included
  std::string suffix;  // everything from the text's closing quote
};

// Parses messages and tells a sink what they say. Keeps its memory; one message at a time; not thread-safe.
class OpenAiMessageReader {
 public:
  // Forgets the shape of earlier messages: a new response begins.
  void Reset() { shape_.field = MessageShape::Field::kNone; }

  // `json` is one whole message. What is not JSON, or has none of the members that the API promises, is reported
  // as malformed.
  void Read(std::string_view json, StreamEventSink& sink);

 private:
  struct Parsed;  // what one message holds, while it is being collected

  bool ReadByShape(std::string_view json, StreamEventSink& sink);
  simdjson::error_code Parse(Parsed& parsed);
  void LearnShape(const Parsed& parsed);

  simdjson::ondemand::parser parser_;
  std::string padded_;      // the message, with the spare bytes behind it that simdjson wants
  size_t message_size_ = 0;
  std::string joined_;      // texts of several choices in one message
  MessageShape shape_;
};

}  // namespace llmdyno
