// Splits a byte stream into server-sent events, by the rules of the HTML standard, section 9.2.6
// (https://html.spec.whatwg.org/multipage/server-sent-events.html). Decoders of streams use it.
#pragma once

#include <string>
#include <string_view>

namespace llmdyno {

// One event: the value of its `event` field (empty for the default) and its `data` lines joined by newlines.
struct SseEvent {
  std::string_view type;
  std::string_view data;
};

// Feed bytes in any chunking, then take events out until there are no more:
//
//   framer.Feed(bytes);
//   while (framer.Next(event)) …;
//
// Lines end in LF, CR or CRLF; a byte-order mark at the start is skipped; comments, `id` and `retry` are
// ignored; an event without a data line is not given out. One spelling beyond the standard is understood: a
// line "error: TEXT" is an event of type error with that data. An event whose one data line lies whole in the
// fed bytes is a view of them, not a copy: the fed bytes must stay valid until Next has returned false, and
// an event's views are valid until the next call. Memory is kept over Reset, so steady streaming does not
// allocate. Not thread-safe.
class SseFramer {
 public:
  // For another stream; keeps its memory.
  void Reset();
  // Everything fed before must have been taken: call Next until it returns false.
  void Feed(std::string_view bytes) { input_ = bytes; }
  // Fills in the next whole event; false when none is left.
  bool Next(SseEvent& event);
  // The stream has ended. The standard drops an event that no blank line closed; endpoints exist that end
  // without one, so what is pending is given out as a last event.
  bool Finish(SseEvent& event);
  // Bytes of an unfinished event that are held back.
  size_t held_bytes() const { return line_.size() + data_.size(); }

 private:
  bool TakePlainEvent(SseEvent& event);
  bool IsBetweenEvents() const;
  bool NextLine(std::string_view& line, bool& in_place);
  void SkipByteOrderMark(std::string_view& line);
  void TakeField(std::string_view line, bool in_place);
  void TakeData(std::string_view value, bool in_place);
  bool GiveOut(SseEvent& event);
  void KeepPendingData();

  std::string_view input_;  // what is left of the fed bytes
  std::string_view data_view_;
  bool line_taken_ = false;  // line_ was handed out whole; empty it before it is used again
  bool after_cr_ = false;    // the last line ended in CR: a LF right after it belongs to that end
  bool at_start_ = true;     // no line was completed yet: a byte-order mark may stand there
  bool has_data_ = false;
  bool data_in_place_ = false;  // the one data line so far is data_view_, a view of the fed bytes
  bool given_out_ = false;      // data_ and type_ belong to an event that was given out
  std::string line_;            // the beginning of a line whose end has not come yet
  std::string data_;
  std::string type_;
};

}  // namespace llmdyno
