#include "request_answer.h"

#include <array>
#include <cstdio>

#include "whole_reply.h"

namespace llmdyno {
namespace {

struct PostRoute {
  std::string_view path;
  ApiRoute route;
};
constexpr std::array<PostRoute, 11> kPostRoutes = {{
    {"/v1/chat/completions", ApiRoute::kChat},
    {"/v1/completions", ApiRoute::kCompletions},
    {"/v1/embeddings", ApiRoute::kEmbeddings},
    {"/v1/rerank", ApiRoute::kRerank},
    {"/v2/rerank", ApiRoute::kRerank},
    {"/rerank", ApiRoute::kRootRerank},
    {"/embed", ApiRoute::kTeiEmbed},
    {"/v1/score", ApiRoute::kScore},
    {"/score", ApiRoute::kScore},
    {"/tokenize", ApiRoute::kTokenize},
    {"/v1/tokenize", ApiRoute::kTokenize},
}};

std::optional<ApiRoute> FindPostRoute(std::string_view path) {
  for (const PostRoute& route : kPostRoutes) {
    if (route.path == path) return route.route;
  }
  return std::nullopt;
}

// What a probe or a scraper reads needs no key, as with vLLM.
bool IsOpenToAll(std::string_view path) {
  return path == "/health" || path == "/metrics" || path == "/stats";
}

bool HasKey(const SimConfig& config, const RequestView& request) {
  return config.require_key.empty() || config.require_key.Reveal() == request.bearer_token.Reveal();
}

// The answer to a GET, or nothing when there is no such page.
std::optional<HttpReply> FindPage(const ServerContext& context, std::string_view path) {
  HttpReply reply;
  const auto now_s =
      std::chrono::duration_cast<std::chrono::seconds>(context.clock.WallNow().time_since_epoch());
  if (path == "/v1/models") {
    reply.body = RenderModels(context.config, now_s.count());
  } else if (path == "/health") {
    reply.content_type = "text/plain; charset=utf-8";
  } else if (path == "/stats") {
    reply.body = ToJson(context.stats());
  } else if (path == "/metrics") {
    reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    reply.body = RenderPrometheus(context.metrics, context.gauges(), context.config.model);
  } else {
    return std::nullopt;
  }
  return reply;
}

std::optional<HttpReply> FindModelError(const SimConfig& config, const ApiRequest& api) {
  if (!config.strict_model || api.model.empty() || api.model == config.model) return std::nullopt;
  return ErrorReply(404, "The model `" + api.model + "` does not exist.");
}

// As vLLM words it, since clients look for these words.
std::optional<HttpReply> FindLengthError(const SimConfig& config, const ApiRequest& api) {
  const bool is_generating = api.route == ApiRoute::kChat || api.route == ApiRoute::kCompletions;
  const int64_t output = is_generating ? api.max_tokens.value_or(1) : 0;
  if (api.prompt_tokens + output <= config.max_model_len || api.route == ApiRoute::kTokenize)
    return std::nullopt;
  return ErrorReply(400, "This model's maximum context length is " + std::to_string(config.max_model_len) +
                             " tokens. However, you requested " + std::to_string(api.prompt_tokens + output) +
                             " tokens (" + std::to_string(api.prompt_tokens) + " in the prompt, " +
                             std::to_string(output) + " in the completion).");
}

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
  if (status == 429 || status == 503)
    reply.retry_after = std::chrono::ceil<std::chrono::seconds>(config.retry_after);
  return reply;
}

std::string_view WithoutTrailingSlash(std::string_view path) {
  return path.size() > 1 && path.back() == '/' ? path.substr(0, path.size() - 1) : path;
}

std::variant<HttpReply, Generation> AnswerPost(ServerContext& context, const RequestView& request,
                                               ApiRoute route) {
  auto api = ParseApiRequest(route, request.body, context.log != nullptr);
  if (!api.ok()) return ErrorReply(400, api.status());
  if (auto error = FindModelError(context.config, *api)) return *std::move(error);
  if (auto error = FindLengthError(context.config, *api)) return *std::move(error);
  if (route == ApiRoute::kTokenize) return HttpReply{.body = RenderTokenize(context.config, *api)};
  const uint64_t index = context.next_generation.fetch_add(1, std::memory_order_relaxed);
  const WallTime now = context.clock.WallNow();
  const GenerationPlan plan = PlanGeneration(context.config, *api, index);
  std::string id = MakeCompletionId(api->route, index, now);
  return Generation{.api = *std::move(api),
                    .plan = plan,
                    .completion_id = std::move(id),
                    .created_s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count()};
}

}  // namespace

std::variant<HttpReply, Generation> DecideAnswer(ServerContext& context, const RequestView& request) {
  context.metrics.requests.fetch_add(1, std::memory_order_relaxed);
  const std::string path(WithoutTrailingSlash(request.path));
  const std::string method(request.method);
  const auto post_route = FindPostRoute(path);
  auto page = post_route ? std::nullopt : FindPage(context, path);
  if (!post_route && !page) return ErrorReply(404, "there is nothing at " + path);
  const bool is_allowed = post_route ? method == "POST" : method == "GET" || method == "HEAD";
  if (!is_allowed)
    return ErrorReply(405, path + (post_route ? " takes POST, not " : " takes GET, not ") + method);
  if (!IsOpenToAll(path) && !HasKey(context.config, request)) {
    return ErrorReply(401,
                      "the API key is missing or wrong: this endpoint wants 'Authorization: Bearer KEY'");
  }
  if (page) return *std::move(page);
  return AnswerPost(context, request, *post_route);
}

EarlyFate EarlyFateOf(const SimConfig& config, const GenerationPlan& plan) {
  using Kind = EarlyFate::Kind;
  if (!plan.fate) return {};
  switch (*plan.fate) {
    case Fault::kHttp429:
      return {Kind::kReply, RefusalReply(config, 429, "rate limit reached (simulated fault)")};
    case Fault::kHttp500:
      return {Kind::kReply, ErrorReply(500, "internal error (simulated fault)")};
    case Fault::kHttp503:
      return {Kind::kReply, RefusalReply(config, 503, "overloaded (simulated fault)")};
    case Fault::kDrop:
      return {Kind::kBreakOff};
    case Fault::kStall:
      return {Kind::kSilence};  // until the client has had enough
    default:
      return {};
  }
}

HttpReply RefusalOf(const SimConfig& config, EngineModel::Admission admission) {
  if (admission == EngineModel::Admission::kOverloaded) {
    return RefusalReply(config, static_cast<int>(config.overload_status),
                        "the engine's waiting queue is full; try again later");
  }
  return ErrorReply(400, "prompt and output together do not fit into the engine's KV cache of " +
                             std::to_string(config.engine.kv_capacity_tokens) + " tokens");
}

}  // namespace llmdyno
