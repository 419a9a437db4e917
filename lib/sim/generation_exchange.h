// Exchanges whose answer takes tokens: completions streamed or whole, embeddings, reranks.
#pragma once

#include <memory>

#include "exchange.h"
#include "request_answer.h"
#include "token_source.h"

namespace llmdyno {

// Meets the faults that come before any token, asks the token source, and keeps the counts.
class GenerationExchange : public Exchange, public TokenConsumer {
 public:
  GenerationExchange(Worker& worker, Connection& connection, ReceivedRequest request, TimePoint arrival,
                     Generation generation);
  ~GenerationExchange() override;

  void Begin() final;
  bool is_over() const final { return !is_connected() || has_stopped_; }

 protected:
  // The source has taken the job; tokens follow, or have come already.
  virtual void OnAccepted() {}
  virtual bool wants_all_at_once() const = 0;
  void OnEnd() final;

  const Generation& generation() const { return generation_; }
  bool has_fate(Fault fault) const { return generation_.has_fate(fault); }
  // Wants no more tokens though the exchange goes on.
  void StopTokens();
  // The faults half-way: closes, or falls silent with the connection open.
  void BreakOffOrStall();

 private:
  // False when there is no more to it.
  bool SurvivesEarlyFate();

  Generation generation_;
  bool has_stopped_ = false;
};

std::shared_ptr<Exchange> MakeStreamExchange(Worker& worker, Connection& connection, ReceivedRequest request,
                                             TimePoint arrival, Generation generation);
std::shared_ptr<Exchange> MakeWholeExchange(Worker& worker, Connection& connection, ReceivedRequest request,
                                            TimePoint arrival, Generation generation);

}  // namespace llmdyno
