// What one message of a response said, whatever its spelling on the wire. Decoders make these, the run loop
// turns them into records. Valid on the caller's thread during the call.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace llmdyno {

// The endpoint's own count of tokens. In a stream with continuous usage the numbers are cumulative.
struct UsageReport {
  std::optional<int64_t> prompt_tokens;
  std::optional<int64_t> completion_tokens;
  std::optional<int64_t> cached_tokens;     // part of prompt_tokens
  std::optional<int64_t> reasoning_tokens;  // part of completion_tokens
  std::optional<double> cost;               // US dollars, as a router of several services reports it
};

// One message of a stream (an SSE event), or a whole response that was not streamed. Texts are unescaped
// UTF-8 and valid during the call only.
struct StreamEvent {
  bool has_choice = false;   // it had a choice at all, even one with nothing in it (a role-only first chunk)
  uint32_t texts = 0;        // choices with any text: each stands for at least one token
  std::string_view content;  // answer text
  std::string_view reasoning;  // reasoning text
  std::string_view tool_call;  // name or arguments of a tool call
  std::string_view finish_reason;
  std::string_view provider;  // which of a router's services answers
  // Vectors or scores of a whole answer, every number of which is finite; absent when text is generated.
  std::optional<int64_t> items;
  std::optional<int64_t> dimension;  // of the vectors: numbers in each of them
  std::optional<UsageReport> usage;
};

// Receives the events of one response, in order, from inside ResponseDecoder's calls. An event's arrival
// instant is that of the bytes which completed it: the receiver knows them, for it handed them in.
class StreamEventSink {
 public:
  virtual ~StreamEventSink() = default;
  // One message of the stream, or a whole answer that was not streamed.
  virtual void OnEvent(const StreamEvent& event) = 0;
  // The stream said that it is complete ("[DONE]", or the end of a whole JSON body).
  virtual void OnDone() = 0;
  // The endpoint reported an error inside the response.
  virtual void OnProviderError(std::string_view message) = 0;
  // A message that is not what the API promises. Decoding goes on with the next one.
  virtual void OnMalformed(std::string_view what) = 0;
};

}  // namespace llmdyno
