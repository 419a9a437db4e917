// The events of a response as plain values, so that tests can look at them and two ways of decoding can be
// compared. Tests of dialects use it. Each recorder is used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/dialect/dialect.h"
#include "llmdyno/dialect/stream_event.h"

namespace llmdyno {

// One call of the sink, with texts of its own.
struct RecordedEvent {
  // Which call it was.
  enum class Kind { kEvent, kDone, kProviderError, kMalformed };
  Kind kind = Kind::kEvent;
  // Of kEvent, as in StreamEvent.
  bool has_choice = false;
  uint32_t texts = 0;
  std::string content = {};
  std::string reasoning = {};
  std::string tool_call = {};
  std::string finish_reason = {};
  std::string provider = {};
  std::optional<int64_t> items = {};
  std::optional<UsageReport> usage = {};
  // Of kProviderError and kMalformed.
  std::string message = {};
};

// One line: "event choice texts=1 content=\"Hi\" usage=7/3/-/-", "event items=3 usage=7/0/-/-", "done",
// "provider_error \"overloaded\"".
std::string ToString(const RecordedEvent& event);
// ToString of each, in order.
std::vector<std::string> ToStrings(std::span<const RecordedEvent> events);

class EventRecorder final : public StreamEventSink {
 public:
  void OnEvent(const StreamEvent& event) override;
  void OnDone() override { events_.push_back({.kind = RecordedEvent::Kind::kDone}); }
  void OnProviderError(std::string_view message) override {
    Add(RecordedEvent::Kind::kProviderError, message);
  }
  void OnMalformed(std::string_view what) override { Add(RecordedEvent::Kind::kMalformed, what); }

  const std::vector<RecordedEvent>& events() const { return events_; }

 private:
  void Add(RecordedEvent::Kind kind, std::string_view message);

  std::vector<RecordedEvent> events_;
};

// Decodes one response whose body comes in these pieces. Each piece is handed over in memory of its own,
// exactly as large as the piece and destroyed right after: a decoder that reads too far or keeps a view is
// found out by the address sanitizer, or by what it reports.
std::vector<RecordedEvent> DecodePieces(ResponseDecoder& decoder, std::string_view content_type,
                                        std::span<const std::string_view> pieces);

// The whole body in one piece.
std::vector<RecordedEvent> DecodeWhole(ResponseDecoder& decoder, std::string_view content_type,
                                       std::string_view body);

// The body in pieces of `bytes` bytes, the last one perhaps shorter. Needs bytes >= 1.
std::vector<std::string_view> CutEvery(std::string_view body, size_t bytes);

}  // namespace llmdyno
