// The chunked transfer coding of HTTP/1.1 (RFC 9112, section 7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace llmdyno {

// Follows a chunked body from its first byte. Judging malformed input is left to libcurl, which follows the
// same bytes; here it ends the body. A plain value.
class ChunkedBody {
 public:
  // True between two chunks: the next byte begins a chunk's size.
  bool at_boundary() const { return state_ == State::kSize && digits_ == 0; }

  // Takes the next bytes of the body, in any pieces; calls deliver(std::string_view) with the data in them.
  template <typename Deliver>
  void Feed(std::string_view raw, Deliver&& deliver) {
    while (!raw.empty() && state_ != State::kEnd) {
      if (state_ == State::kData) {
        const std::string_view piece = raw.substr(0, remaining_);
        raw.remove_prefix(piece.size());
        remaining_ -= piece.size();
        if (remaining_ == 0) state_ = State::kDataEnd;
        deliver(piece);
      } else {
        TakeFraming(raw.front());
        raw.remove_prefix(1);
      }
    }
  }

  // Delivers the data of the chunks that lie whole at the front of `raw`, which must begin at a boundary, and
  // returns how many bytes they take up. Stops before a chunk that is not whole, before the last one (of size
  // zero), and before anything unusual.
  template <typename Deliver>
  static size_t TakeWholeChunks(std::string_view raw, Deliver&& deliver) {
    size_t taken = 0;
    std::string_view data;
    while (const size_t size = FirstChunk(raw.substr(taken), data)) {
      taken += size;
      deliver(data);
    }
    return taken;
  }

 private:
  enum class State { kSize, kExtension, kData, kDataEnd, kEnd };

  void TakeFraming(char c);
  // Size in bytes, framing included, of the chunk that lies whole at the front; 0 when none does.
  static size_t FirstChunk(std::string_view raw, std::string_view& data);

  State state_ = State::kSize;
  int digits_ = 0;
  uint64_t remaining_ = 0;
};

}  // namespace llmdyno
