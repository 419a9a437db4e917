// Exchanges whose answer takes tokens: completions streamed or whole, embeddings, reranks.
#pragma once

#include <memory>

#include "api_request.h"
#include "exchange.h"
#include "generation_plan.h"
#include "token_source.h"

namespace llmdyno {

// Meets the faults that come before any token, asks the token source, and keeps the counts.
class GenerationExchange : public Exchange, public TokenConsumer {
 public:
  GenerationExchange(Worker& worker, Connection& connection, HttpRequest request, TimePoint arrival,
                     ApiRequest api, const GenerationPlan& plan);
  ~GenerationExchange() override;

  void Begin() final;
  bool is_over() const final { return !is_connected() || has_stopped_; }

 protected:
  // The source has taken the job; tokens follow, or have come already.
  virtual void OnAccepted() {}
  virtual bool wants_all_at_once() const = 0;
  void OnEnd() final;

  const ApiRequest& api() const { return api_; }
  const GenerationPlan& plan() const { return plan_; }
  // "chatcmpl-..." and the like, and the Unix time of the answer.
  const std::string& completion_id() const { return completion_id_; }
  int64_t created_s() const { return created_s_; }
  bool has_fate(Fault fault) const { return plan_.fate == fault; }
  // Wants no more tokens though the exchange goes on.
  void StopTokens();
  // The faults half-way: closes, or falls silent with the connection open.
  void BreakOffOrStall();
  // So that /metrics can tell why generations ended.
  void NoteFinished() { has_finished_ = true; }

 private:
  bool MeetsEarlyFault();
  void CountFaults();

  ApiRequest api_;
  GenerationPlan plan_;
  std::string completion_id_;
  int64_t created_s_;
  bool has_stopped_ = false;
  bool has_finished_ = false;
  bool was_admitted_ = false;
};

std::shared_ptr<Exchange> MakeStreamExchange(Worker& worker, Connection& connection, HttpRequest request,
                                             TimePoint arrival, ApiRequest api, const GenerationPlan& plan);
std::shared_ptr<Exchange> MakeWholeExchange(Worker& worker, Connection& connection, HttpRequest request,
                                            TimePoint arrival, ApiRequest api, const GenerationPlan& plan);

}  // namespace llmdyno
