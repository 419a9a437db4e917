#include "router.h"

#include <utility>
#include <variant>

#include "generation_exchange.h"
#include "request_answer.h"
#include "worker.h"

namespace llmdyno {

std::shared_ptr<Exchange> RouteRequest(Worker& worker, Connection& connection, ReceivedRequest request,
                                       TimePoint arrival) {
  auto answer = DecideAnswer(worker.context(), {.method = request.method,
                                                .path = request.path,
                                                .bearer_token = request.bearer_token,
                                                .body = request.body});
  if (auto* reply = std::get_if<HttpReply>(&answer)) {
    return MakeReplyExchange(worker, connection, std::move(request), arrival, std::move(*reply));
  }
  auto& generation = std::get<Generation>(answer);
  const auto make = generation.api.is_streaming ? MakeStreamExchange : MakeWholeExchange;
  return make(worker, connection, std::move(request), arrival, std::move(generation));
}

}  // namespace llmdyno
