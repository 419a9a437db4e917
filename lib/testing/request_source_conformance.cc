#include "llmdyno/testing/request_source_conformance.h"

#include <deque>

#include "testing/violations.h"

namespace llmdyno {
namespace {

// How a source is drawn from.
struct Manner {
  Duration pause{};           // between two draws
  size_t most_in_flight = 1;  // answers come once so many are under way, the oldest first
  int64_t fails_every = 0;    // each so many-th request fails; 0: none
};

std::string TextOf(const Request& request) {
  std::string text = std::to_string(request.id);
  if (const auto* chat = std::get_if<ChatBody>(&request.body)) {
    for (const Message& message : chat->messages) text += "|" + message.role + ":" + message.content;
  } else {
    text += "|" + std::get<CompletionBody>(request.body).prompt;
  }
  return text + "|" + std::to_string(request.max_output_tokens.value_or(-1));
}

void CheckRequest(const Request& request, int64_t position, Violations& found) {
  found.Expect(request.id == position, "request ids do not count up from 0");
  found.Expect(!PromptText(request).empty(), "a request has an empty prompt");
  found.Expect(request.max_output_tokens.value_or(1) > 0, "a limit of output tokens is not above 0");
  found.Expect(request.prompt_tokens.value_or(0) >= 0, "a prompt has fewer than 0 tokens");
}

class Draw {
 public:
  Draw(RequestSource& source, const Manner& manner, Violations& found)
      : source_(source), manner_(manner), found_(found) {}

  // The requests as texts, in their order.
  std::vector<std::string> Take(int64_t requests) {
    while (std::ssize(texts_) < requests) {
      NextRequest next = source_.Next(now_);
      if (auto* request = std::get_if<Request>(&next)) {
        CheckRequest(*request, std::ssize(texts_), found_);
        texts_.push_back(TextOf(*request));
        in_flight_.push_back(request->id);
        if (in_flight_.size() >= manner_.most_in_flight) FinishOldest();
      } else if (const auto* wait = std::get_if<NotBefore>(&next)) {
        if (!found_.Expect(wait->at > now_, "NotBefore names an instant that is not in the future")) break;
        now_ = wait->at;
        continue;
      } else if (std::holds_alternative<AwaitResponse>(next)) {
        if (!found_.Expect(!in_flight_.empty(), "it awaits a response while no request is under way")) break;
        FinishOldest();
      } else {
        CheckStaysExhausted();
        break;
      }
      now_ += manner_.pause;
    }
    while (!in_flight_.empty()) FinishOldest();
    return std::move(texts_);
  }

 private:
  void FinishOldest() {
    RequestRecord record;
    record.request_id = in_flight_.front();
    record.ended_at = now_;
    record.output_text = "An answer.";
    record.output_tokens = {3, TokenCountSource::kUsage};
    if (manner_.fails_every != 0 && record.request_id % manner_.fails_every == manner_.fails_every - 1) {
      record.outcome.cls = OutcomeClass::kCutStream;
      record.outcome.message = "cut";
    }
    in_flight_.pop_front();
    source_.OnFinished(record);
  }

  void CheckStaysExhausted() {
    while (!in_flight_.empty()) FinishOldest();
    for (int again = 0; again < 3; ++again) {
      now_ += std::chrono::seconds(1);
      found_.Expect(std::holds_alternative<Exhausted>(source_.Next(now_)),
                    "once exhausted it gives something again");
    }
  }

  RequestSource& source_;
  const Manner manner_;
  Violations& found_;
  TimePoint now_ = TimePoint(std::chrono::hours(1));
  std::deque<int64_t> in_flight_;
  std::vector<std::string> texts_;
};

}  // namespace

std::vector<std::string> CheckRequestSource(const MakeRequestSource& make, int64_t requests) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  Violations found;
  const auto take = [&](const Manner& manner) {
    const std::unique_ptr<RequestSource> source = make();
    if (!found.Expect(source != nullptr, "no source was made")) return std::vector<std::string>();
    return Draw(*source, manner, found).Take(requests);
  };
  const std::vector<std::string> sequence = take({});
  found.Expect(!sequence.empty(), "it gives no request at all");
  found.Expect(take({}) == sequence, "the same seed gives another sequence");
  found.Expect(take({.pause = milliseconds(7)}) == sequence && take({.pause = seconds(90)}) == sequence,
               "the sequence depends on how fast requests are drawn");
  take({.most_in_flight = 16});
  take({.pause = milliseconds(1), .most_in_flight = 5, .fails_every = 3});
  take({.fails_every = 1});
  return found.Take();
}

}  // namespace llmdyno
