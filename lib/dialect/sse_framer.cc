#include "llmdyno/dialect/sse_framer.h"

#include <cstring>

namespace llmdyno {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Position of the first CR or LF; npos when there is none.
size_t FindLineEnd(std::string_view bytes) {
  if (bytes.empty()) return std::string_view::npos;
  const auto* lf = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
  // JSON carries no raw CR, so this second scan nearly always runs over one line and finds nothing, or the CR
  // of a CRLF.
  const size_t until = lf == nullptr ? bytes.size() : static_cast<size_t>(lf - bytes.data());
  const auto* cr = until == 0 ? nullptr : static_cast<const char*>(std::memchr(bytes.data(), '\r', until));
  if (cr != nullptr) return static_cast<size_t>(cr - bytes.data());
  return lf == nullptr ? std::string_view::npos : until;
}

}  // namespace

void SseFramer::Reset() {
  input_ = {};
  line_.clear();
  data_.clear();
  type_.clear();
  line_taken_ = after_cr_ = has_data_ = data_in_place_ = given_out_ = false;
  at_start_ = true;
}

bool SseFramer::Next(SseEvent& event) {
  if (TakePlainEvent(event)) return true;
  std::string_view line;
  bool in_place = false;
  while (NextLine(line, in_place)) {
    if (!line.empty()) {
      TakeField(line, in_place);
    } else if (GiveOut(event)) {
      return true;
    }
  }
  KeepPendingData();
  return false;
}

// Nearly every event of a stream is one line "data: …", ended by LF, and a blank one, whole in the fed bytes:
// then three comparisons and two searches do. Everything else goes line by line.
bool SseFramer::TakePlainEvent(SseEvent& event) {
  constexpr std::string_view kData = "data: ";
  if (!input_.starts_with(kData) || !IsBetweenEvents()) return false;
  const char* const begin = input_.data() + kData.size();
  const size_t rest = input_.size() - kData.size();
  const auto* end = static_cast<const char*>(std::memchr(begin, '\n', rest));
  if (end == nullptr || end + 1 == input_.data() + input_.size() || end[1] != '\n') return false;
  const auto size = static_cast<size_t>(end - begin);
  if (std::memchr(begin, '\r', size) != nullptr) return false;
  event.type = {};
  event.data = {begin, size};
  input_.remove_prefix(kData.size() + size + 2);
  return true;
}

// Nothing is pending, and nothing depends on what came before.
bool SseFramer::IsBetweenEvents() const {
  const bool is_named = !type_.empty() && !given_out_;
  return !has_data_ && !is_named && line_.empty() && !line_taken_ && !after_cr_ && !at_start_;
}

bool SseFramer::Finish(SseEvent& event) {
  if (!line_.empty() && !line_taken_) {
    std::string_view line = line_;
    SkipByteOrderMark(line);
    TakeField(line, false);
    line_taken_ = true;
  }
  return GiveOut(event);
}

bool SseFramer::NextLine(std::string_view& line, bool& in_place) {
  if (line_taken_) {
    line_.clear();
    line_taken_ = false;
  }
  if (after_cr_ && !input_.empty()) {
    if (input_.front() == '\n') input_.remove_prefix(1);
    after_cr_ = false;
  }
  const size_t end = FindLineEnd(input_);
  if (end == std::string_view::npos) {
    line_.append(input_);
    input_ = {};
    return false;
  }
  after_cr_ = input_[end] == '\r';
  in_place = line_.empty();
  if (in_place) {
    line = input_.substr(0, end);
  } else {
    line_.append(input_.substr(0, end));
    line_taken_ = true;
    line = line_;
  }
  input_.remove_prefix(end + 1);
  SkipByteOrderMark(line);
  return true;
}

void SseFramer::SkipByteOrderMark(std::string_view& line) {
  if (at_start_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  at_start_ = false;
}

void SseFramer::TakeField(std::string_view line, bool in_place) {
  if (given_out_) {
    if (!data_.empty()) data_.clear();
    if (!type_.empty()) type_.clear();
    given_out_ = false;
  }
  const size_t colon = line.find(':');
  if (colon == 0) return;  // a comment, such as ": keep-alive"
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    TakeData(value, in_place);
  } else if (name == "event") {
    type_.assign(value);
  } else if (name == "error") {
    // llama.cpp's server writes "error: {…}" for an error in mid-stream, where the standard wants an event's
    // name and its data.
    type_.assign(name);
    TakeData(value, in_place);
  }
}

void SseFramer::TakeData(std::string_view value, bool in_place) {
  if (!has_data_ && in_place) {
    data_view_ = value;
    data_in_place_ = true;
  } else if (!has_data_) {
    data_.assign(value);
  } else {
    KeepPendingData();
    data_ += '\n';
    data_.append(value);
  }
  has_data_ = true;
}

bool SseFramer::GiveOut(SseEvent& event) {
  if (!has_data_) {
    type_.clear();  // by the standard a blank line forgets the event's name
    return false;
  }
  event.type = type_;
  event.data = data_in_place_ ? data_view_ : std::string_view(data_);
  has_data_ = data_in_place_ = false;
  given_out_ = true;
  return true;
}

// The fed bytes are about to become invalid: a data line that was left in place moves into our own memory.
void SseFramer::KeepPendingData() {
  if (!data_in_place_) return;
  data_.assign(data_view_);
  data_in_place_ = false;
}

}  // namespace llmdyno
