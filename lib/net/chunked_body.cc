#include "net/chunked_body.h"

namespace llmdyno {
namespace {

// More digits than any real chunk has; they could overflow the size.
constexpr int kMostDigits = 12;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void ChunkedBody::TakeFraming(char c) {
  switch (state_) {
    case State::kSize:
      if (const int value = HexValue(c); value >= 0 && digits_ < kMostDigits) {
        remaining_ = remaining_ * 16 + static_cast<uint64_t>(value);
        ++digits_;
        return;
      }
      if (digits_ == 0 || HexValue(c) >= 0) {
        state_ = State::kEnd;
        return;
      }
      state_ = State::kExtension;
      [[fallthrough]];
    case State::kExtension:
      if (c != '\n') return;
      digits_ = 0;
      state_ = remaining_ == 0 ? State::kEnd : State::kData;
      return;
    case State::kDataEnd:
      if (c == '\n') state_ = State::kSize;
      return;
    case State::kData:
    case State::kEnd:
      return;
  }
}

size_t ChunkedBody::FirstChunk(std::string_view raw, std::string_view& data) {
  uint64_t size = 0;
  size_t at = 0;
  for (; at < raw.size(); ++at) {
    const int value = HexValue(raw[at]);
    if (value < 0) break;
    if (at == kMostDigits) return 0;
    size = size * 16 + static_cast<uint64_t>(value);
  }
  if (size == 0 || raw.size() < at + 2 || raw[at] != '\r' || raw[at + 1] != '\n') return 0;
  at += 2;
  if (raw.size() - at < 2 || raw.size() - at - 2 < size) return 0;
  if (raw[at + size] != '\r' || raw[at + size + 1] != '\n') return 0;
  data = raw.substr(at, size);
  return at + size + 2;
}

}  // namespace llmdyno
