// What the endpoint does with a request that it has received.
#include <algorithm>
#include <chrono>

#include "virtual_transport.h"
#include "whole_answer.h"

namespace llmdyno {

void VirtualTransport::Begin(VirtualTransfer& transfer) {
  if (!transfer.generation) return AddAtOnce(transfer, Step::kReply);
  EarlyFate fate = EarlyFateOf(context_.config, transfer.generation->plan);
  switch (fate.kind) {
    case EarlyFate::Kind::kNone:
      return BeginGeneration(transfer);
    case EarlyFate::Kind::kReply:
      transfer.reply = std::move(fate.reply);
      return AddAtOnce(transfer, Step::kReply);
    case EarlyFate::Kind::kBreakOff:
      return AddAtOnce(transfer, Step::kBreakOff);
    case EarlyFate::Kind::kSilence:
      return;
  }
}

void VirtualTransport::BeginGeneration(VirtualTransfer& transfer) {
  transfer.ledger.NoteAsked();
  const auto admission = AskForTokens(transfer);
  transfer.ledger.NoteAdmission(admission, transfer.generation->api.prompt_tokens);
  if (admission != EngineModel::Admission::kAccepted) {
    transfer.reply = RefusalOf(context_.config, admission);
    return AddAtOnce(transfer, Step::kReply);
  }
  if (!transfer.is_streaming()) return;
  transfer.stream.emplace(context_, *transfer.generation, false);
  // The head goes out as soon as the request is accepted, long before the first token, as vLLM's does.
  AddAtOnce(transfer, Step::kHead);
  if (context_.config.keepalive > Duration(0))
    Add(transfer, Step::kKeepalive, now_ + context_.config.keepalive);
}

EngineModel::Admission VirtualTransport::AskForTokens(VirtualTransfer& transfer) {
  const Generation& generation = *transfer.generation;
  transfer.tokens_left = generation.plan.output_tokens;
  const bool wants_all = !transfer.is_streaming();
  switch (context_.config.pace) {
    case SimPace::kImmediate:
      AddAtOnce(transfer, Step::kTokens);
      break;
    case SimPace::kScripted:
      Add(transfer, Step::kTokens,
          std::max(script_.FirstDue(now_, transfer.tokens_left, wants_all), now_ + kShortestAnswer));
      break;
    case SimPace::kEngine: {
      const auto admission =
          engine_->Submit(transfer.ticket, generation.api.prompt_tokens, transfer.tokens_left, now_);
      transfer.in_engine = admission == EngineModel::Admission::kAccepted;
      return admission;
    }
  }
  return EngineModel::Admission::kAccepted;
}

void VirtualTransport::StopTokens(VirtualTransfer& transfer) {
  transfer.has_stopped = true;
  if (std::exchange(transfer.in_engine, false)) engine_->Cancel(transfer.ticket);
}

// A chunk by the script, or everything without one.
void VirtualTransport::RunScript(VirtualTransfer& transfer, TimePoint due) {
  if (transfer.has_stopped) return;
  const int64_t tokens = context_.config.pace == SimPace::kImmediate
                             ? transfer.tokens_left
                             : script_.ChunkOf(transfer.tokens_left, !transfer.is_streaming());
  if (tokens < transfer.tokens_left) Add(transfer, Step::kTokens, script_.NextDue(due));
  TakeTokens(transfer, tokens);
}

void VirtualTransport::SendComment(VirtualTransfer& transfer, TimePoint due) {
  Add(transfer, Step::kKeepalive, due + context_.config.keepalive);
  if (transfer.stream->at_head() || transfer.has_stopped) return;
  bytes_.clear();
  transfer.stream->AppendComment(bytes_);
  GiveBytes(transfer, bytes_);
}

void VirtualTransport::TakeTokens(VirtualTransfer& transfer, int64_t tokens) {
  transfer.tokens_left -= tokens;
  if (transfer.stream) {
    transfer.stream->Offer(tokens);
    Pump(transfer);
  } else if (transfer.tokens_left == 0) {
    AnswerWhole(transfer);
  }
}

// Gives what is available.
void VirtualTransport::Pump(VirtualTransfer& transfer) {
  StreamAnswer& stream = *transfer.stream;
  if (stream.at_head() && !GiveStreamHead(transfer)) return;
  for (;;) {
    bytes_.clear();
    int64_t tokens = 0;
    bool has_piece = false;
    while (stream.may_have_piece() && stream.AppendPiece(bytes_, tokens)) {
      has_piece = true;
      if (!stream.goes_in_bulk() || bytes_.size() >= kStreamBatchBytes) break;
    }
    if (!has_piece) break;
    if (stream.has_failed()) StopTokens(transfer);
    transfer.ledger.NoteSent(now_, tokens);
    if (!GiveBytes(transfer, bytes_)) return;
    if (stream.is_over()) return Complete(transfer);
  }
  if (stream.breaks_off_here() && !transfer.has_stopped) BreakOffOrStall(transfer);
}

void VirtualTransport::AnswerWhole(VirtualTransfer& transfer) {
  const WholeAnswer answer = MakeWholeAnswer(context_.config, *transfer.generation);
  if (!GiveReply(transfer, answer.reply, answer.sent_body_bytes, answer.tokens)) return;
  if (answer.breaks_off) return BreakOffOrStall(transfer);
  Complete(transfer);
}

void VirtualTransport::BreakOffOrStall(VirtualTransfer& transfer) {
  StopTokens(transfer);
  if (transfer.generation->has_fate(Fault::kCut)) BreakOff(transfer);
}

}  // namespace llmdyno
