// An answer in one piece, sent when the last of its tokens is available.
#include "generation_exchange.h"
#include "whole_reply.h"
#include "worker.h"

namespace llmdyno {
namespace {

class WholeExchange : public GenerationExchange {
 public:
  using GenerationExchange::GenerationExchange;

  void OnTokens(int64_t tokens) override {
    available_ += tokens;
    if (available_ >= plan().output_tokens && is_connected()) Answer();
  }

 protected:
  bool wants_all_at_once() const override { return true; }
  void OnWholeSent() override;

 private:
  void Answer();
  // Embeddings and scores are not made of completion tokens.
  bool is_completion() const {
    return api().route == ApiRoute::kChat || api().route == ApiRoute::kCompletions;
  }

  int64_t available_ = 0;
  bool is_answering_ = false;
};

void WholeExchange::Answer() {
  is_answering_ = true;
  HttpReply reply;
  if (has_fate(Fault::kSseError)) {
    reply.body = "{\"error\":" + ErrorJson(500, "the simulated engine failed while generating") + "}";
    return SendReply(reply);
  }
  reply.body = RenderWholeBody(context().config, api(), plan(), completion_id(), created_s());
  if (has_fate(Fault::kBadJson)) reply.body.resize(reply.body.size() / 2);
  int64_t tokens = is_completion() && !has_fate(Fault::kEmpty) ? plan().output_tokens * api().choices : 0;
  std::string bytes = RenderReply(reply, Framing());
  if (has_fate(Fault::kCut) || has_fate(Fault::kStallMid)) {
    bytes.resize(bytes.size() - reply.body.size() / 2);
    tokens = 0;
  }
  SendBytes(bytes, reply.status, tokens);
}

void WholeExchange::OnWholeSent() {
  if (is_answering_ && (has_fate(Fault::kCut) || has_fate(Fault::kStallMid))) return BreakOffOrStall();
  if (is_answering_) NoteFinished();
  Complete();
}

}  // namespace

std::shared_ptr<Exchange> MakeWholeExchange(Worker& worker, Connection& connection, HttpRequest request,
                                            TimePoint arrival, ApiRequest api, const GenerationPlan& plan) {
  return std::make_shared<WholeExchange>(worker, connection, std::move(request), arrival, std::move(api),
                                         plan);
}

}  // namespace llmdyno
