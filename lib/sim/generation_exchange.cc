#include "generation_exchange.h"

#include <cstdio>

#include "worker.h"

namespace llmdyno {
namespace {

std::string_view IdPrefix(ApiRoute route) {
  switch (route) {
    case ApiRoute::kChat:
      return "chatcmpl-";
    case ApiRoute::kCompletions:
      return "cmpl-";
    case ApiRoute::kEmbeddings:
      return "embd-";
    case ApiRoute::kRerank:
    case ApiRoute::kRootRerank:
      return "rerank-";
    case ApiRoute::kScore:
      return "score-";
    case ApiRoute::kTeiEmbed:
    case ApiRoute::kTeiRerank:
    case ApiRoute::kTokenize:
      break;
  }
  return "";
}

// As long as vLLM's 32 hexadecimal digits, and different from server to server and request to request.
std::string MakeCompletionId(ApiRoute route, uint64_t index, WallTime now) {
  char digits[40];
  std::snprintf(digits, sizeof digits, "%016llx%016llx",
                static_cast<unsigned long long>(now.time_since_epoch().count()),
                static_cast<unsigned long long>(index));
  return std::string(IdPrefix(route)) + digits;
}

HttpReply RefusalReply(const SimConfig& config, int status, std::string_view message) {
  HttpReply reply = ErrorReply(status, message);
  if (status == 429 || status == 503) {
    const int64_t seconds =
        (config.retry_after + std::chrono::seconds(1) - Duration(1)) / std::chrono::seconds(1);
    reply.extra_headers = "retry-after: " + std::to_string(seconds) + "\r\n";
  }
  return reply;
}

}  // namespace

GenerationExchange::GenerationExchange(Worker& worker, Connection& connection, HttpRequest request,
                                       TimePoint arrival, ApiRequest api, const GenerationPlan& plan)
    : Exchange(worker, connection, std::move(request), arrival), api_(std::move(api)), plan_(plan) {
  const WallTime now = context().clock.WallNow();
  completion_id_ = MakeCompletionId(api_.route, plan_.index, now);
  created_s_ = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  record().id = completion_id_;
  record().is_streaming = api_.is_streaming;
  record().prompt_tokens = api_.prompt_tokens;
  record().images = api_.images;
  record().image_kinds = std::move(api_.image_kinds);
  if (plan_.drips) set_drips();
  CountFaults();
  context().metrics.images.fetch_add(api_.images, std::memory_order_relaxed);
  context().metrics.BeginGeneration();
}

GenerationExchange::~GenerationExchange() = default;

void GenerationExchange::CountFaults() {
  const auto note = [this](Fault fault) {
    context().metrics.CountFault(fault);
    if (!record().faults.empty()) record().faults += '+';
    record().faults += ToString(fault);
  };
  if (plan_.fate) note(*plan_.fate);
  if (plan_.drips) note(Fault::kDrip);
  if (plan_.omits_usage) note(Fault::kNoUsage);
  if (plan_.omits_done) note(Fault::kNoDone);
}

void GenerationExchange::Begin() {
  if (MeetsEarlyFault()) return;
  was_admitted_ =
      true;  // unless refused below; the last token may come, and the exchange end, before Start returns
  const auto self = std::static_pointer_cast<GenerationExchange>(shared_from_this());
  const auto admission = worker().token_source().Start({.id = plan_.index,
                                                        .consumer = self,
                                                        .prompt_tokens = api_.prompt_tokens,
                                                        .output_tokens = plan_.output_tokens,
                                                        .wants_all_at_once = wants_all_at_once(),
                                                        .arrival = arrival() + context().config.delay});
  switch (admission) {
    case EngineModel::Admission::kAccepted:
      context().metrics.prompt_tokens.fetch_add(api_.prompt_tokens, std::memory_order_relaxed);
      if (is_connected()) OnAccepted();
      return;
    case EngineModel::Admission::kOverloaded:
      was_admitted_ = false;
      context().metrics.refused_overloaded.fetch_add(1, std::memory_order_relaxed);
      return SendReply(RefusalReply(context().config, static_cast<int>(context().config.overload_status),
                                    "the engine's waiting queue is full; try again later"));
    case EngineModel::Admission::kTooLong:
      was_admitted_ = false;
      return SendReply(
          ErrorReply(400, "prompt and output together do not fit into the engine's KV cache of " +
                              std::to_string(context().config.engine.kv_capacity_tokens) + " tokens"));
  }
}

bool GenerationExchange::MeetsEarlyFault() {
  if (!plan_.fate) return false;
  const SimConfig& config = context().config;
  switch (*plan_.fate) {
    case Fault::kHttp429:
      SendReply(RefusalReply(config, 429, "rate limit reached (simulated fault)"));
      return true;
    case Fault::kHttp500:
      SendReply(ErrorReply(500, "internal error (simulated fault)"));
      return true;
    case Fault::kHttp503:
      SendReply(RefusalReply(config, 503, "overloaded (simulated fault)"));
      return true;
    case Fault::kDrop:
      BreakOff();
      return true;
    case Fault::kStall:
      StopTokens();
      return true;  // silent until the client has had enough
    default:
      return false;
  }
}

void GenerationExchange::StopTokens() {
  has_stopped_ = true;
  worker().token_source().Cancel(plan_.index);
}

void GenerationExchange::BreakOffOrStall() {
  StopTokens();
  if (has_fate(Fault::kCut)) BreakOff();
}

void GenerationExchange::OnEnd() {
  worker().token_source().Cancel(plan_.index);
  ServerMetrics& metrics = context().metrics;
  metrics.EndGeneration();
  if (!was_admitted_) return;
  if (!has_finished_) {
    metrics.finished_abort.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  metrics.e2e_request_latency.Observe(context().clock.Now() - arrival());
  (plan_.reaches_limit ? metrics.finished_length : metrics.finished_stop)
      .fetch_add(1, std::memory_order_relaxed);
}

}  // namespace llmdyno
