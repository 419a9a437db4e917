// Sends an answer in one piece when the last of its tokens is available.
#include "generation_exchange.h"
#include "whole_answer.h"
#include "worker.h"

namespace llmdyno {
namespace {

class WholeExchange : public GenerationExchange {
 public:
  using GenerationExchange::GenerationExchange;

  void OnTokens(int64_t tokens) override {
    available_ += tokens;
    if (available_ >= generation().plan.output_tokens && is_connected()) Answer();
  }

 protected:
  bool wants_all_at_once() const override { return true; }
  void OnWholeSent() override;

 private:
  void Answer();

  int64_t available_ = 0;
  bool is_answering_ = false;
  bool breaks_off_ = false;
};

void WholeExchange::Answer() {
  is_answering_ = true;
  const WholeAnswer answer = MakeWholeAnswer(context().config, generation());
  breaks_off_ = answer.breaks_off;
  std::string bytes = RenderReply(answer.reply, Framing());
  bytes.resize(bytes.size() - (answer.reply.body.size() - answer.sent_body_bytes));
  SendBytes(bytes, answer.reply.status, answer.tokens);
}

void WholeExchange::OnWholeSent() {
  if (breaks_off_) return BreakOffOrStall();
  if (is_answering_) ledger().NoteFinished();
  Complete();
}

}  // namespace

std::shared_ptr<Exchange> MakeWholeExchange(Worker& worker, Connection& connection, ReceivedRequest request,
                                            TimePoint arrival, Generation generation) {
  return std::make_shared<WholeExchange>(worker, connection, std::move(request), arrival,
                                         std::move(generation));
}

}  // namespace llmdyno
