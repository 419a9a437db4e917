// A completion as an event stream: which piece comes next, and what the faults half-way do to it. Who sends
// the pieces, and when their tokens are available, is not decided here.
//
// The stream is a sequence of pieces (head, role, one event per token or chunk, usage, [DONE]) and a cursor
// that says which comes next. A piece that could not be sent can be rendered again from the cursor before it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "request_answer.h"
#include "server_context.h"
#include "stream_renderer.h"

namespace llmdyno {

struct StreamCursor {
  enum class Phase { kHead, kRole, kTokens, kError, kUsage, kDone, kOver };
  Phase phase = Phase::kHead;
  int64_t token = 0;  // per choice
  int64_t choice = 0;
};

// What a stream writes in one go: some pieces back to back.
struct StreamBatch {
  struct Piece {
    size_t end = 0;  // offset behind its last byte
    int64_t tokens = 0;
    StreamCursor next;  // where the stream stands behind it
  };
  std::string bytes;
  std::vector<Piece> pieces;
};
// Streams that write as fast as they can fill so many bytes per send(2). Larger ones gained nothing on
// loopback.
inline constexpr size_t kStreamBatchBytes = size_t{64} * 1024;

class StreamAnswer {
 public:
  using Phase = StreamCursor::Phase;

  // `context` must outlive the answer; of the generation only what is needed is kept. With `is_chunked` each
  // piece is framed as HTTP chunks are.
  StreamAnswer(const ServerContext& context, const Generation& generation, bool is_chunked);

  // So many tokens more are available, of every choice.
  void Offer(int64_t tokens) { available_ += tokens; }
  // The head of the response has been dealt with; needs at_head().
  void PassHead();
  // Renders what the cursor points at, and moves it on; adds how many tokens that holds. False when it is not
  // available yet, or never will be. Needs !at_head().
  bool AppendPiece(std::string& bytes, int64_t& tokens);
  void AppendComment(std::string& bytes) const { renderer_.AppendComment(bytes); }

  // False when AppendPiece would be, for want of tokens; a cheap answer for most of the calls.
  bool may_have_piece() const {
    return cursor_.phase != Phase::kTokens || cursor_.token < available_ || has_halfway_fate_;
  }

  bool at_head() const { return cursor_.phase == Phase::kHead; }
  bool is_over() const { return cursor_.phase == Phase::kOver; }
  // A fault waits here that ends the stream or lets it fall silent: cut or stall_mid.
  bool breaks_off_here() const { return strikes_here() && !is_error_; }
  // No more tokens are wanted: there has been an error instead.
  bool has_failed() const { return has_failed_; }
  // Many events may go into one write, as nothing paces them.
  bool goes_in_bulk() const { return goes_in_bulk_; }

  const StreamCursor& cursor() const { return cursor_; }
  void set_cursor(const StreamCursor& cursor) { cursor_ = cursor; }

 private:
  bool AppendEvent(std::string& bytes, int64_t& tokens);
  // True when the half-way mark is behind the cursor and a fault waits there.
  bool strikes_here() const {
    return has_halfway_fate_ && cursor_.phase == Phase::kTokens && cursor_.choice == 0 &&
           cursor_.token >= fault_mark_;
  }

  StreamRenderer renderer_;
  StreamCursor cursor_;
  int64_t available_ = 0;  // tokens per choice
  int64_t output_tokens_;
  int64_t choices_;
  int64_t fault_mark_;
  bool has_halfway_fate_ = false;
  bool is_error_;  // that fate is an error object
  bool has_bad_json_;
  bool is_empty_;
  bool has_role_piece_;
  bool has_usage_;
  bool omits_done_;
  bool names_error_event_;
  bool goes_in_bulk_;
  bool has_failed_ = false;
};

}  // namespace llmdyno
