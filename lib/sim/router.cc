#include "router.h"

#include <array>
#include <optional>

#include "generation_exchange.h"
#include "whole_reply.h"
#include "worker.h"

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

bool HasKey(const SimConfig& config, const HttpRequest& request) {
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

std::shared_ptr<Exchange> RoutePost(Worker& worker, Connection& connection, HttpRequest request,
                                    TimePoint arrival, ApiRoute route) {
  ServerContext& context = worker.context();
  const auto reply = [&](HttpReply text) {
    return MakeReplyExchange(worker, connection, std::move(request), arrival, std::move(text));
  };
  auto api = ParseApiRequest(route, request.body, context.log != nullptr);
  if (!api.ok()) return reply(ErrorReply(400, api.status()));
  if (auto error = FindModelError(context.config, *api)) return reply(std::move(*error));
  if (auto error = FindLengthError(context.config, *api)) return reply(std::move(*error));
  if (route == ApiRoute::kTokenize)
    return reply({.extra_headers = {}, .body = RenderTokenize(context.config, *api)});
  const uint64_t index = context.next_generation.fetch_add(1, std::memory_order_relaxed);
  const GenerationPlan plan = PlanGeneration(context.config, *api, index);
  const auto make = api->is_streaming ? MakeStreamExchange : MakeWholeExchange;
  return make(worker, connection, std::move(request), arrival, *std::move(api), plan);
}

std::string_view WithoutTrailingSlash(std::string_view path) {
  return path.size() > 1 && path.back() == '/' ? path.substr(0, path.size() - 1) : path;
}

}  // namespace

std::shared_ptr<Exchange> RouteRequest(Worker& worker, Connection& connection, HttpRequest request,
                                       TimePoint arrival) {
  ServerContext& context = worker.context();
  context.metrics.requests.fetch_add(1, std::memory_order_relaxed);
  const std::string path(WithoutTrailingSlash(request.path));
  const std::string method = request.method;
  const auto reply = [&](HttpReply text) {
    return MakeReplyExchange(worker, connection, std::move(request), arrival, std::move(text));
  };
  const auto post_route = FindPostRoute(path);
  auto page = post_route ? std::nullopt : FindPage(context, path);
  if (!post_route && !page) return reply(ErrorReply(404, "there is nothing at " + path));
  const bool is_allowed = post_route ? method == "POST" : method == "GET" || method == "HEAD";
  if (!is_allowed)
    return reply(ErrorReply(405, path + (post_route ? " takes POST, not " : " takes GET, not ") + method));
  if (!IsOpenToAll(path) && !HasKey(context.config, request)) {
    return reply(
        ErrorReply(401, "the API key is missing or wrong: this endpoint wants 'Authorization: Bearer KEY'"));
  }
  if (page) return reply(std::move(*page));
  return RoutePost(worker, connection, std::move(request), arrival, *post_route);
}

}  // namespace llmdyno
