#include "generation_exchange.h"

#include <utility>

#include "worker.h"

namespace llmdyno {

GenerationExchange::GenerationExchange(Worker& worker, Connection& connection, ReceivedRequest request,
                                       TimePoint arrival, Generation generation)
    : Exchange(worker, connection, std::move(request), arrival), generation_(std::move(generation)) {
  if (generation_.plan.drips) set_drips();
  ledger().BeginGeneration(generation_);
}

GenerationExchange::~GenerationExchange() = default;

void GenerationExchange::Begin() {
  if (!SurvivesEarlyFate()) return;
  ledger().NoteAsked();
  const auto self = std::static_pointer_cast<GenerationExchange>(shared_from_this());
  const int64_t prompt_tokens = generation_.api.prompt_tokens;
  const auto admission = worker().token_source().Start({.id = generation_.plan.index,
                                                        .consumer = self,
                                                        .prompt_tokens = prompt_tokens,
                                                        .output_tokens = generation_.plan.output_tokens,
                                                        .wants_all_at_once = wants_all_at_once(),
                                                        .arrival = arrival() + context().config.delay});
  ledger().NoteAdmission(admission, prompt_tokens);
  if (admission != EngineModel::Admission::kAccepted)
    return SendReply(RefusalOf(context().config, admission));
  if (is_connected()) OnAccepted();
}

bool GenerationExchange::SurvivesEarlyFate() {
  const EarlyFate fate = EarlyFateOf(context().config, generation_.plan);
  switch (fate.kind) {
    case EarlyFate::Kind::kNone:
      return true;
    case EarlyFate::Kind::kReply:
      SendReply(fate.reply);
      return false;
    case EarlyFate::Kind::kBreakOff:
      BreakOff();
      return false;
    case EarlyFate::Kind::kSilence:
      StopTokens();
      return false;
  }
  return true;
}

void GenerationExchange::StopTokens() {
  if (std::exchange(has_stopped_, true)) return;
  worker().token_source().Cancel(generation_.plan.index);
}

void GenerationExchange::BreakOffOrStall() {
  StopTokens();
  if (has_fate(Fault::kCut)) BreakOff();
}

void GenerationExchange::OnEnd() { worker().token_source().Cancel(generation_.plan.index); }

}  // namespace llmdyno
