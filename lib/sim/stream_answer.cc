#include "stream_answer.h"

namespace llmdyno {

StreamAnswer::StreamAnswer(const ServerContext& context, const Generation& generation, bool is_chunked)
    : renderer_(generation.api.route == ApiRoute::kChat ? context.chat_wording : context.completions_wording,
                context.config, generation.api, generation.plan, generation.completion_id,
                generation.created_s, is_chunked),
      output_tokens_(generation.plan.output_tokens),
      choices_(generation.api.choices),
      fault_mark_(generation.plan.TokensBeforeFault()),
      is_error_(generation.has_fate(Fault::kSseError)),
      has_bad_json_(generation.has_fate(Fault::kBadJson)),
      is_empty_(generation.has_fate(Fault::kEmpty)),
      has_role_piece_(context.config.role_chunk && generation.api.route == ApiRoute::kChat),
      has_usage_(generation.api.include_usage && !generation.plan.omits_usage),
      omits_done_(generation.plan.omits_done),
      names_error_event_(generation.plan.index % 2 == 0) {
  const SimConfig& config = context.config;
  has_halfway_fate_ = is_error_ || generation.has_fate(Fault::kCut) || generation.has_fate(Fault::kStallMid);
  goes_in_bulk_ = config.itl == Duration(0) && config.pace != SimPace::kEngine && config.split_bytes == 0 &&
                  !generation.plan.drips;
}

void StreamAnswer::PassHead() {
  cursor_.phase = is_empty_ ? Phase::kDone : has_role_piece_ ? Phase::kRole : Phase::kTokens;
}

bool StreamAnswer::AppendPiece(std::string& bytes, int64_t& tokens) {
  switch (cursor_.phase) {
    case Phase::kTokens:
      return AppendEvent(bytes, tokens);
    case Phase::kRole:
      renderer_.AppendRole(bytes);
      cursor_.phase = Phase::kTokens;
      return true;
    case Phase::kError:
      renderer_.AppendError(names_error_event_, bytes);
      cursor_.phase = Phase::kDone;
      return true;
    case Phase::kUsage:
      renderer_.AppendUsageEvent(bytes);
      cursor_.phase = Phase::kDone;
      return true;
    case Phase::kDone:
      if (!omits_done_) renderer_.AppendDone(bytes);
      renderer_.AppendEnd(bytes);
      cursor_.phase = Phase::kOver;
      return true;
    case Phase::kHead:
    case Phase::kOver:
      break;
  }
  return false;
}

bool StreamAnswer::AppendEvent(std::string& bytes, int64_t& tokens) {
  if (strikes_here()) {
    if (!is_error_) return false;
    has_failed_ = true;
    cursor_.phase = Phase::kError;
    return AppendPiece(bytes, tokens);
  }
  const int64_t end = renderer_.EventEnd(cursor_.token);
  if (end > available_) return false;
  const bool breaks_off =
      has_bad_json_ && cursor_.choice == 0 && cursor_.token < fault_mark_ && fault_mark_ <= end;
  renderer_.AppendTokens(cursor_.choice, cursor_.token, end, breaks_off, bytes);
  tokens += end - cursor_.token;
  if (++cursor_.choice == choices_) {
    cursor_.choice = 0;
    cursor_.token = end;
    if (end == output_tokens_ && !has_halfway_fate_)
      cursor_.phase = has_usage_ ? Phase::kUsage : Phase::kDone;
  }
  return true;
}

}  // namespace llmdyno
