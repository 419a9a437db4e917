#include "llmdyno/dialect/openai_dialect.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/json_writer.h"
#include "dialect/extra_body.h"
#include "dialect/openai_decoder.h"
#include "dialect/refused_body.h"
#include "dialect/request_headers.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

// Room for the bodies' small members.
constexpr size_t kSmallMembers = 512;

class OpenAiDialect final : public Dialect {
 public:
  OpenAiDialect(OpenAiDialectConfig config, const ExtraBody& extra_body)
      : config_(std::move(config)),
        route_(IsChat() ? "chat/completions" : "completions"),
        own_model_(extra_body.leaves("model")),
        own_prompt_(extra_body.leaves(IsChat() ? "messages" : "prompt")),
        own_max_tokens_(extra_body.leaves(config_.max_tokens_field)),
        own_min_tokens_(extra_body.leaves("min_tokens")),
        constant_members_(extra_body.MergedOver(ConstantMembers(config_))) {}

  std::string_view name() const override { return IsChat() ? "openai-chat" : "openai-completions"; }
  bool streams() const override { return config_.stream; }
  std::unique_ptr<ResponseDecoder> NewDecoder() const override {
    return std::make_unique<OpenAiDecoder>(std::make_shared<OpenAiMessageReader>());
  }

  absl::Status Encode(const Request& request, const Endpoint& endpoint, HttpRequest& http) const override {
    http.body.clear();
    JsonObjectWriter body(http.body);
    if (own_model_) body.Add("model", ModelOf(request, endpoint));
    LLMDYNO_RETURN_IF_ERROR(AddPrompt(request, body));
    AddLimits(request, body);
    body.AddMembers(constant_members_);
    body.Close();
    http.method = "POST";
    http.url = endpoint.url.Route(route_);
    WriteHeaders(request, endpoint, config_.stream ? "text/event-stream" : "application/json", http);
    return absl::OkStatus();
  }

 private:
  bool IsChat() const { return config_.route == OpenAiRoute::kChatCompletions; }

  // What every body of this dialect says after its own members.
  static Json ConstantMembers(const OpenAiDialectConfig& config) {
    Json members = Json::object();
    if (config.n > 1) members["n"] = config.n;
    if (config.ignore_eos) members["ignore_eos"] = true;
    if (config.temperature) members["temperature"] = *config.temperature;
    if (config.seed) members["seed"] = *config.seed;
    members["stream"] = config.stream;
    if (config.stream && config.include_usage) {
      members["stream_options"] = {{"include_usage", true}};
      if (config.continuous_usage) members["stream_options"]["continuous_usage_stats"] = true;
    }
    return members;
  }

  absl::Status AddPrompt(const Request& request, JsonObjectWriter& body) const {
    if (IsChat()) {
      const auto* chat = std::get_if<ChatBody>(&request.body);
      if (chat == nullptr) {
        return RefusedBody("chat completions", "a conversation", request.body);
      }
      if (own_prompt_) AddMessages(*chat, body.Key("messages"));
      return absl::OkStatus();
    }
    if (const auto* completion = std::get_if<CompletionBody>(&request.body)) {
      if (own_prompt_) body.Add("prompt", completion->prompt);
    } else if (const auto* tokens = std::get_if<TokenIdsBody>(&request.body)) {
      if (own_prompt_) AddTokenIds(*tokens, body.Key("prompt"));
    } else {
      return RefusedBody("completions", "a bare prompt", request.body);
    }
    return absl::OkStatus();
  }

  static void AddTokenIds(const TokenIdsBody& tokens, std::string& json) {
    json += '[';
    for (const int32_t id : tokens.token_ids) {
      if (json.back() != '[') json += ',';
      AppendJsonNumber(id, json);
    }
    json += ']';
  }

  static void AddMessages(const ChatBody& chat, std::string& json) {
    // Pictures make a body of megabytes: its memory is got at once, for growing would copy it again and
    // again.
    size_t picture_bytes = 0;
    for (const Message& message : chat.messages) {
      for (const auto& url : message.image_urls) picture_bytes += url->size() + kSmallMembers;
    }
    if (picture_bytes > 0) json.reserve(json.size() + picture_bytes + 2 * TextBytes(chat) + kSmallMembers);
    json += '[';
    for (const Message& message : chat.messages) {
      if (json.back() != '[') json += ',';
      JsonObjectWriter object(json);
      object.Add("role", message.role);
      if (message.image_urls.empty()) {
        object.Add("content", message.content);
      } else {
        AddParts(message, object.Key("content"));
      }
      object.Close();
    }
    json += ']';
  }

  static size_t TextBytes(const ChatBody& chat) {
    size_t bytes = 0;
    for (const Message& message : chat.messages) bytes += message.content.size();
    return bytes;
  }

  // The text comes first, as people ask about a picture; without one there are only pictures.
  static void AddParts(const Message& message, std::string& json) {
    json += '[';
    if (!message.content.empty()) {
      JsonObjectWriter part(json);
      part.Add("type", "text");
      part.Add("text", message.content);
      part.Close();
    }
    for (const auto& url : message.image_urls) {
      if (json.back() != '[') json += ',';
      JsonObjectWriter part(json);
      part.Add("type", "image_url");
      JsonObjectWriter image(part.Key("image_url"));
      image.Add("url", *url);
      image.Close();
      part.Close();
    }
    json += ']';
  }

  void AddLimits(const Request& request, JsonObjectWriter& body) const {
    if (request.max_output_tokens && own_max_tokens_) {
      body.Add(config_.max_tokens_field, *request.max_output_tokens);
    }
    const std::optional<int64_t> min_tokens =
        request.min_output_tokens ? request.min_output_tokens : config_.min_tokens;
    if (min_tokens && own_min_tokens_) {
      body.Add("min_tokens", std::min(*min_tokens, request.max_output_tokens.value_or(*min_tokens)));
    }
  }

  const OpenAiDialectConfig config_;
  const std::string_view route_;
  // Whether these members are a request's own, or the extra body's to set or to leave out.
  const bool own_model_;
  const bool own_prompt_;
  const bool own_max_tokens_;
  const bool own_min_tokens_;
  const std::string constant_members_;
};

// Whether it can be written between quotes as it is.
bool IsFieldName(std::string_view name) {
  return !name.empty() && std::none_of(name.begin(), name.end(), [](unsigned char c) {
    return c < 0x20 || c >= 0x7F || c == '"' || c == '\\';
  });
}

}  // namespace

absl::Status OpenAiDialectConfig::Validate() const {
  if (continuous_usage && !(stream && include_usage)) {
    return absl::InvalidArgumentError("continuous usage needs a streamed response with usage");
  }
  if (min_tokens && *min_tokens < 0) return absl::InvalidArgumentError("min_tokens must be 0 or more");
  if (temperature && !(*temperature >= 0 && *temperature <= 10)) {
    return absl::InvalidArgumentError("temperature must be between 0 and 10");
  }
  if (!IsFieldName(max_tokens_field))
    return absl::InvalidArgumentError("max_tokens_field must be a field name");
  if (n < 1 || n > 128) {
    return absl::InvalidArgumentError("n must be between 1 and 128, not " + std::to_string(n));
  }
  return ExtraBody::Check(extra_body_json);
}

absl::StatusOr<std::unique_ptr<Dialect>> MakeOpenAiDialect(const OpenAiDialectConfig& config) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  return std::make_unique<OpenAiDialect>(config, ExtraBody(config.extra_body_json));
}

}  // namespace llmdyno
