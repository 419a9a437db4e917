// Which request gets which answer, and what becomes of it on the way: decisions only, the same for the server
// on a socket and for the transport in virtual time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "api_request.h"
#include "generation_plan.h"
#include "http_reply.h"
#include "llmdyno/base/secret.h"
#include "llmdyno/sim/engine_model.h"
#include "server_context.h"

namespace llmdyno {

struct RequestView {
  std::string_view method;
  std::string_view path;  // without the query
  const Secret& bearer_token;
  std::string_view body;
};

// An answer that takes tokens: a completion, an embedding, a ranking.
struct Generation {
  ApiRequest api;
  GenerationPlan plan;
  std::string completion_id;  // "chatcmpl-..." and the like
  int64_t created_s = 0;      // Unix time of the answer

  bool has_fate(Fault fault) const { return plan.fate == fault; }
};

// Every request gets an answer, if only one that says what is wrong with it. Counts the request and, where
// there is a generation, gives it the next index.
std::variant<HttpReply, Generation> DecideAnswer(ServerContext& context, const RequestView& request);

// What a generation meets before it has asked for any token.
struct EarlyFate {
  enum class Kind { kNone, kReply, kBreakOff, kSilence };
  Kind kind = Kind::kNone;
  HttpReply reply = {};  // of kReply
};
EarlyFate EarlyFateOf(const SimConfig& config, const GenerationPlan& plan);

// What a sequence that the engine did not accept is told.
HttpReply RefusalOf(const SimConfig& config, EngineModel::Admission admission);

}  // namespace llmdyno
