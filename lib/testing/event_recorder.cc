#include "llmdyno/testing/event_recorder.h"

#include <algorithm>
#include <charconv>
#include <memory>

namespace llmdyno {
namespace {

// Quotes and makes visible what a terminal would not show.
std::string Quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      quoted += "\\x";
      quoted += kHex[byte >> 4];
      quoted += kHex[byte & 15U];
    } else {
      quoted += c;
    }
  }
  return quoted += '"';
}

void AddText(std::string& line, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  line += ' ';
  line += name;
  line += '=';
  line += Quoted(text);
}

std::string CountText(const std::optional<int64_t>& count) { return count ? std::to_string(*count) : "-"; }

// Reads back as the same number.
std::string ShortestText(double number) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

}  // namespace

std::string ToString(const RecordedEvent& event) {
  switch (event.kind) {
    case RecordedEvent::Kind::kDone:
      return "done";
    case RecordedEvent::Kind::kProviderError:
      return "provider_error " + Quoted(event.message);
    case RecordedEvent::Kind::kMalformed:
      return "malformed " + Quoted(event.message);
    case RecordedEvent::Kind::kEvent:
      break;
  }
  std::string line = "event";
  if (event.has_choice) line += " choice";
  if (event.texts > 0) line += " texts=" + std::to_string(event.texts);
  AddText(line, "content", event.content);
  AddText(line, "reasoning", event.reasoning);
  AddText(line, "tool_call", event.tool_call);
  AddText(line, "finish", event.finish_reason);
  AddText(line, "provider", event.provider);
  if (event.items) line += " items=" + std::to_string(*event.items);
  if (event.usage) {
    line += " usage=" + CountText(event.usage->prompt_tokens) + "/" +
            CountText(event.usage->completion_tokens) + "/" + CountText(event.usage->cached_tokens) + "/" +
            CountText(event.usage->reasoning_tokens);
    if (event.usage->cost) line += " cost=" + ShortestText(*event.usage->cost);
  }
  return line;
}

std::vector<std::string> ToStrings(std::span<const RecordedEvent> events) {
  std::vector<std::string> lines;
  lines.reserve(events.size());
  for (const RecordedEvent& event : events) lines.push_back(ToString(event));
  return lines;
}

void EventRecorder::OnEvent(const StreamEvent& event) {
  RecordedEvent recorded;
  recorded.has_choice = event.has_choice;
  recorded.texts = event.texts;
  recorded.content = event.content;
  recorded.reasoning = event.reasoning;
  recorded.tool_call = event.tool_call;
  recorded.finish_reason = event.finish_reason;
  recorded.provider = event.provider;
  recorded.items = event.items;
  recorded.usage = event.usage;
  events_.push_back(std::move(recorded));
}

void EventRecorder::Add(RecordedEvent::Kind kind, std::string_view message) {
  RecordedEvent recorded;
  recorded.kind = kind;
  recorded.message = message;
  events_.push_back(std::move(recorded));
}

std::vector<RecordedEvent> DecodePieces(ResponseDecoder& decoder, std::string_view content_type,
                                        std::span<const std::string_view> pieces) {
  EventRecorder recorder;
  decoder.Begin(content_type);
  for (const std::string_view piece : pieces) {
    const auto copy = std::make_unique<char[]>(piece.size());
    std::copy(piece.begin(), piece.end(), copy.get());
    decoder.Decode({copy.get(), piece.size()}, recorder);
    std::fill_n(copy.get(), piece.size(), '~');
  }
  decoder.End(recorder);
  return recorder.events();
}

std::vector<RecordedEvent> DecodeWhole(ResponseDecoder& decoder, std::string_view content_type,
                                       std::string_view body) {
  return DecodePieces(decoder, content_type, {&body, 1});
}

std::vector<std::string_view> CutEvery(std::string_view body, size_t bytes) {
  std::vector<std::string_view> pieces;
  for (size_t at = 0; at < body.size(); at += bytes) pieces.push_back(body.substr(at, bytes));
  return pieces;
}

}  // namespace llmdyno
