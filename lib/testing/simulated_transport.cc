#include "llmdyno/testing/simulated_transport.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

std::string EventOf(const Json& message) { return "data: " + message.dump() + "\n\n"; }

Json Chunk(const std::string& text, const char* finish_reason) {
  Json choice = {{"index", 0}, {"delta", {{"content", text}}}, {"finish_reason", nullptr}};
  if (finish_reason != nullptr) choice["finish_reason"] = finish_reason;
  return {{"id", "simulated"}, {"object", "chat.completion.chunk"}, {"choices", Json::array({choice})}};
}

}  // namespace

SimulatedResponse StreamedChat(const StreamShape& shape) {
  SimulatedResponse response;
  Duration at = shape.time_to_first_token;
  response.head_at = at;
  for (int64_t sent = 0; sent < shape.tokens;) {
    const int64_t tokens = std::min(shape.tokens_per_chunk, shape.tokens - sent);
    std::string text;
    for (int64_t i = 0; i < tokens; ++i) text += " word";
    sent += tokens;
    response.body.push_back({at, EventOf(Chunk(text, sent == shape.tokens ? "stop" : nullptr))});
    if (sent < shape.tokens) at += shape.inter_token_latency;
  }
  if (shape.with_usage) {
    response.body.push_back(
        {at, EventOf({{"choices", Json::array()},
                      {"usage", {{"prompt_tokens", 7}, {"completion_tokens", shape.tokens}}}})});
  }
  response.body.push_back({at, "data: [DONE]\n\n"});
  response.end_at = at;
  return response;
}

SimulatedTransport::SimulatedTransport(SimulatedClock& clock, SimulatedEndpoint endpoint)
    : clock_(clock), endpoint_(std::move(endpoint)) {}

void SimulatedTransport::Start(int64_t id, const HttpRequest& request, TransferObserver& observer) {
  assert(!active_.contains(id));
  Transfer transfer;
  transfer.observer = &observer;
  transfer.response = endpoint_(request, static_cast<int64_t>(sent_.size()));
  transfer.started_at = clock_.Now();
  sent_.push_back(request);
  sent_at_.push_back(clock_.Now());
  agenda_.emplace(NextEventOf(transfer), id);
  active_.emplace(id, std::move(transfer));
  peak_in_flight_ = std::max(peak_in_flight_, in_flight());
}

TimePoint SimulatedTransport::NextEventOf(const Transfer& transfer) const {
  const SimulatedResponse& response = transfer.response;
  if (response.status != 0 && !transfer.head_given) return transfer.started_at + response.head_at;
  if (transfer.next_piece < response.body.size()) {
    return transfer.started_at + response.body[transfer.next_piece].at;
  }
  return transfer.started_at + response.end_at;
}

void SimulatedTransport::Poll(TimePoint deadline) {
  const TimePoint next = agenda_.empty() ? kEndOfTime : agenda_.begin()->first;
  if (std::exchange(woken_, false)) return;
  if (next == kEndOfTime && deadline == kEndOfTime) std::abort();
  clock_.AdvanceTo(std::min(next, deadline));
  // Everything that is due at this instant happens in one Poll, as it does with sockets.
  std::vector<int64_t> due;
  while (!agenda_.empty() && agenda_.begin()->first <= clock_.Now()) {
    due.push_back(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
  }
  for (const int64_t id : due) Deliver(id);
}

void SimulatedTransport::Deliver(int64_t id) {
  const ArrivalStamp stamp{clock_.Now(), ArrivalClock::kSimulated, false};
  const auto found = active_.find(id);
  if (found == active_.end()) return;  // cancelled by an observer of this very instant
  Transfer& transfer = found->second;
  const SimulatedResponse& response = transfer.response;
  if (response.status != 0 && !transfer.head_given) {
    transfer.head_given = true;
    transfer.observer->OnResponseHead({response.status, response.content_type, response.retry_after}, stamp);
  }
  while (active_.contains(id) && transfer.next_piece < response.body.size() &&
         transfer.started_at + response.body[transfer.next_piece].at <= clock_.Now()) {
    ++stats_.reads;
    transfer.observer->OnBytes(response.body[transfer.next_piece++].bytes, stamp);
  }
  if (!active_.contains(id)) return;
  if (transfer.next_piece == response.body.size() && transfer.started_at + response.end_at <= clock_.Now()) {
    End(id, response.end);
  } else {
    agenda_.emplace(NextEventOf(transfer), id);
  }
}

void SimulatedTransport::Cancel(int64_t id) {
  if (!active_.contains(id)) return;
  for (auto entry = agenda_.begin(); entry != agenda_.end(); ++entry) {
    if (entry->second != id) continue;
    agenda_.erase(entry);
    break;
  }
  End(id, OutcomeClass::kCancelled);
}

void SimulatedTransport::End(int64_t id, OutcomeClass cls) {
  const auto found = active_.find(id);
  const Transfer transfer = std::move(found->second);
  active_.erase(found);
  TransferResult result;
  result.outcome.cls = cls;
  if (cls != OutcomeClass::kOk) result.outcome.message = "simulated " + std::string(ToString(cls));
  if (transfer.head_given) result.outcome.http_status = transfer.response.status;
  result.ended_at = clock_.Now();
  result.sent_at = transfer.started_at;
  if (transfer.head_given) result.first_byte_at = transfer.started_at + transfer.response.head_at;
  result.http_version = transfer.head_given ? 11 : 0;
  transfer.observer->OnEnd(result);
}

}  // namespace llmdyno
