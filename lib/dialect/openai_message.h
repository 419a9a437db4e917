// Reads one JSON message of the OpenAI API: a chunk of a stream, or a whole response.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "dialect/message_shape.h"
#include "llmdyno/dialect/stream_event.h"

namespace llmdyno {

// Parses messages and tells a sink what they say. Keeps its memory and the shape that it has learnt, from
// response to response: one reader serves all streams of a thread. Not thread-safe.
class OpenAiMessageReader {
 public:
  // `json` is one whole message. What is not JSON, or has none of the members that the API promises, is
  // reported as malformed.
  void Read(std::string_view json, StreamEventSink& sink);

 private:
  struct Parsed;  // what one message holds, while it is being collected

  simdjson::error_code Parse(Parsed& parsed);
  simdjson::error_code ParseChoices(simdjson::ondemand::value value, Parsed& parsed);
  std::optional<MessageShape::Match> ReadByShape(std::string_view json);
  void LearnShape(const Parsed& parsed);

  simdjson::ondemand::parser parser_;
  std::string padded_;  // the message, with the spare bytes behind it that simdjson wants
  size_t message_size_ = 0;
  std::string joined_;                // texts of several choices in one message
  std::deque<std::string> repaired_;  // texts with half a surrogate pair
  // Streams that reason and streams that answer, of an endpoint with several models perhaps, run side by
  // side.
  std::array<MessageShape, 4> shapes_;
  // What chunks of each shape name as provider: it is not among what differs, so it is the same in all.
  std::array<std::string, 4> providers_;
  size_t likely_shape_ = 0;  // the one that fitted last
  size_t next_shape_ = 0;    // the one to be overwritten next
  uint64_t misses_ = 0;      // messages in a row that no shape fitted
};

}  // namespace llmdyno
