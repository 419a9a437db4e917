// What is kept of one exchange while it lasts: the server's counters, and its line in the log if there is
// one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "request_answer.h"
#include "request_log.h"
#include "server_context.h"
#include "token_tally.h"

namespace llmdyno {

// What the log says of a request that only its receiver knows.
struct LoggedRequest {
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;  // never those that hold credentials
  std::string body;
};

// Of one exchange after another; used on one thread.
class ExchangeLedger {
 public:
  // Both must outlive it.
  ExchangeLedger(ServerContext& context, TokenTally& tally) : context_(context), tally_(tally) {}

  // A request arrived. One without an id is given one.
  void Begin(TimePoint arrival, std::string_view x_request_id);
  // It is answered by a generation.
  void BeginGeneration(const Generation& generation);
  // Tokens are asked for: it may end before whom it asked has said that it was accepted.
  void NoteAsked() { was_admitted_ = true; }
  void NoteAdmission(EngineModel::Admission admission, int64_t prompt_tokens);
  void NoteStatus(int status) { record_.status = status; }
  // Bytes left at `at`, holding so many tokens.
  void NoteSent(TimePoint at, int64_t tokens);
  // The generation came to its end.
  void NoteFinished() { has_finished_ = true; }
  // The exchange is over; `how` is "complete" or why not. `take_request` returns the LoggedRequest and is
  // called only when there is a log.
  template <typename TakeRequest>
  void End(std::string_view how, TakeRequest&& take_request) {
    EndCounts(how);
    if (context_.log) WriteLine(how, take_request());
  }

  TimePoint arrival() const { return arrival_; }
  const std::string& x_request_id() const { return record_.x_request_id; }

 private:
  void CountFaults(const GenerationPlan& plan);
  void EndCounts(std::string_view how);
  void WriteLine(std::string_view how, LoggedRequest request);

  // Touched for every token, so kept together.
  ServerContext& context_;
  TokenTally& tally_;
  TimePoint arrival_;
  int64_t tokens_sent_ = 0;
  TimePoint first_byte_at_;
  TimePoint last_byte_at_;
  TimePoint last_token_at_;
  bool has_sent_ = false;

  bool is_generation_ = false;
  bool was_admitted_ = false;
  bool has_finished_ = false;
  bool reaches_limit_ = false;
  RequestLogRecord record_;
};

}  // namespace llmdyno
