#include "llmdyno/dialect/openai_dialect.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "dialect/openai_decoder.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

bool IsSameName(std::string_view a, std::string_view b) {
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](unsigned char x, unsigned char y) { return lower(x) == lower(y); });
}

bool HasHeader(const std::vector<HttpHeader>& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const HttpHeader& header) { return IsSameName(header.name, name); });
}

class OpenAiDialect final : public Dialect {
 public:
  OpenAiDialect(OpenAiDialectConfig config, Json extra_body)
      : config_(std::move(config)), extra_body_(std::move(extra_body)) {}

  std::string_view name() const override {
    return config_.route == OpenAiRoute::kChatCompletions ? "openai-chat" : "openai-completions";
  }
  bool streams() const override { return config_.stream; }
  std::unique_ptr<ResponseDecoder> NewDecoder() const override {
    return std::make_unique<OpenAiDecoder>(std::make_shared<OpenAiMessageReader>());
  }

  absl::Status Encode(const Request& request, const Endpoint& endpoint, HttpRequest& http) const override {
    Json body = {{"model", endpoint.model}};
    LLMDYNO_RETURN_IF_ERROR(AddPrompt(request, body));
    AddOptions(request, body);
    http.method = "POST";
    http.url = endpoint.url.Route(config_.route == OpenAiRoute::kChatCompletions ? "chat/completions"
                                                                                 : "completions");
    http.bearer_token = HasHeader(endpoint.headers, "Authorization") ? Secret() : endpoint.api_key;
    http.headers.clear();
    // A header that the user gives takes the place of ours: sent twice, many servers refuse it.
    const auto add = [&](std::string_view name, std::string value) {
      if (!HasHeader(endpoint.headers, name)) http.headers.push_back({std::string(name), std::move(value)});
    };
    add("Content-Type", "application/json");
    add("Accept", config_.stream ? "text/event-stream" : "application/json");
    // Lets the endpoint's own log be joined with ours.
    add("X-Request-Id", "llmdyno-" + std::to_string(request.id));
    for (const HttpHeader& header : endpoint.headers) http.headers.push_back(header);
    http.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return absl::OkStatus();
  }

 private:
  absl::Status AddPrompt(const Request& request, Json& body) const {
    if (config_.route == OpenAiRoute::kCompletions) {
      const auto* completion = std::get_if<CompletionBody>(&request.body);
      if (completion == nullptr) {
        return absl::InvalidArgumentError("the completions route carries a bare prompt, not a conversation");
      }
      body["prompt"] = completion->prompt;
      return absl::OkStatus();
    }
    const auto* chat = std::get_if<ChatBody>(&request.body);
    if (chat == nullptr) {
      return absl::InvalidArgumentError(
          "the chat completions route carries a conversation, not a bare prompt");
    }
    Json& messages = body["messages"] = Json::array();
    for (const Message& message : chat->messages) {
      messages.push_back({{"role", message.role}, {"content", message.content}});
    }
    return absl::OkStatus();
  }

  void AddOptions(const Request& request, Json& body) const {
    if (request.max_output_tokens) body[config_.max_tokens_field] = *request.max_output_tokens;
    if (config_.min_tokens) {
      const int64_t limit = request.max_output_tokens.value_or(*config_.min_tokens);
      body["min_tokens"] = std::min(*config_.min_tokens, limit);
    }
    if (config_.ignore_eos) body["ignore_eos"] = true;
    if (config_.temperature) body["temperature"] = *config_.temperature;
    if (config_.seed) body["seed"] = *config_.seed;
    body["stream"] = config_.stream;
    if (config_.stream && config_.include_usage) {
      body["stream_options"] = {{"include_usage", true}};
      if (config_.continuous_usage) body["stream_options"]["continuous_usage_stats"] = true;
    }
    // Extra fields win over ours, and null removes one (RFC 7396): `{"stream_options":null}`.
    if (!extra_body_.empty()) body.merge_patch(extra_body_);
  }

  const OpenAiDialectConfig config_;
  const Json extra_body_;
};

}  // namespace

absl::Status OpenAiDialectConfig::Validate() const {
  if (continuous_usage && !(stream && include_usage)) {
    return absl::InvalidArgumentError("continuous usage needs a streamed response with usage");
  }
  if (min_tokens && *min_tokens < 0) return absl::InvalidArgumentError("min_tokens must be 0 or more");
  if (temperature && !(*temperature >= 0 && *temperature <= 10)) {
    return absl::InvalidArgumentError("temperature must be between 0 and 10");
  }
  if (max_tokens_field.empty()) return absl::InvalidArgumentError("max_tokens_field must be a field name");
  if (!extra_body_json.empty() && !Json::parse(extra_body_json, nullptr, false).is_object()) {
    return absl::InvalidArgumentError("the extra body must be a JSON object such as {\"top_p\":0.9}, not " +
                                      extra_body_json);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Dialect>> MakeOpenAiDialect(const OpenAiDialectConfig& config) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  Json extra = config.extra_body_json.empty() ? Json::object() : Json::parse(config.extra_body_json);
  return std::make_unique<OpenAiDialect>(config, std::move(extra));
}

}  // namespace llmdyno
