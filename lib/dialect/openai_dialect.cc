#include "llmdyno/dialect/openai_dialect.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
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

// Replaces the headers of a request that is used again, keeping its memory.
class HeaderWriter {
 public:
  explicit HeaderWriter(std::vector<HttpHeader>& headers) : headers_(headers) {}
  // Returns the value, to be appended to.
  std::string& Add(std::string_view name, std::string_view value) {
    if (count_ == headers_.size()) headers_.emplace_back();
    HttpHeader& header = headers_[count_++];
    header.name = name;
    return header.value = value;
  }
  void Close() { headers_.resize(count_); }

 private:
  std::vector<HttpHeader>& headers_;
  size_t count_ = 0;
};

class OpenAiDialect final : public Dialect {
 public:
  OpenAiDialect(OpenAiDialectConfig config, const Json& extra_body)
      : config_(std::move(config)),
        route_(IsChat() ? "chat/completions" : "completions"),
        own_model_(!extra_body.contains("model")),
        own_prompt_(!extra_body.contains(IsChat() ? "messages" : "prompt")),
        own_max_tokens_(!extra_body.contains(config_.max_tokens_field)),
        own_min_tokens_(!extra_body.contains("min_tokens")),
        constant_members_(ConstantMembers(config_, extra_body)) {}

  std::string_view name() const override { return IsChat() ? "openai-chat" : "openai-completions"; }
  bool streams() const override { return config_.stream; }
  std::unique_ptr<ResponseDecoder> NewDecoder() const override {
    return std::make_unique<OpenAiDecoder>(std::make_shared<OpenAiMessageReader>());
  }

  absl::Status Encode(const Request& request, const Endpoint& endpoint, HttpRequest& http) const override {
    http.body.clear();
    JsonObjectWriter body(http.body);
    if (own_model_) body.Add("model", endpoint.model);
    LLMDYNO_RETURN_IF_ERROR(AddPrompt(request, body));
    AddLimits(request, body);
    body.AddMembers(constant_members_);
    body.Close();
    http.method = "POST";
    http.url = endpoint.url.Route(route_);
    AddHeaders(request, endpoint, http);
    return absl::OkStatus();
  }

 private:
  bool IsChat() const { return config_.route == OpenAiRoute::kChatCompletions; }

  // What every body of this dialect says after its own members, as text: made once, for a tree of values
  // costs more than all the rest of a request's encoding. Extra fields win over ours, and null removes one
  // (RFC 7396): `{"stream_options":null}`. Those that stand for a request's own members are among them.
  static std::string ConstantMembers(const OpenAiDialectConfig& config, const Json& extra_body) {
    Json members = Json::object();
    if (config.ignore_eos) members["ignore_eos"] = true;
    if (config.temperature) members["temperature"] = *config.temperature;
    if (config.seed) members["seed"] = *config.seed;
    members["stream"] = config.stream;
    if (config.stream && config.include_usage) {
      members["stream_options"] = {{"include_usage", true}};
      if (config.continuous_usage) members["stream_options"]["continuous_usage_stats"] = true;
    }
    members.merge_patch(extra_body);
    const std::string text = members.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.substr(1, text.size() - 2);  // without the braces
  }

  absl::Status AddPrompt(const Request& request, JsonObjectWriter& body) const {
    if (!IsChat()) {
      const auto* completion = std::get_if<CompletionBody>(&request.body);
      if (completion == nullptr) {
        return absl::InvalidArgumentError("the completions route carries a bare prompt, not a conversation");
      }
      if (own_prompt_) body.Add("prompt", completion->prompt);
      return absl::OkStatus();
    }
    const auto* chat = std::get_if<ChatBody>(&request.body);
    if (chat == nullptr) {
      return absl::InvalidArgumentError(
          "the chat completions route carries a conversation, not a bare prompt");
    }
    if (own_prompt_) AddMessages(*chat, body.Key("messages"));
    return absl::OkStatus();
  }

  static void AddMessages(const ChatBody& chat, std::string& json) {
    json += '[';
    for (const Message& message : chat.messages) {
      if (json.back() != '[') json += ',';
      JsonObjectWriter object(json);
      object.Add("role", message.role);
      object.Add("content", message.content);
      object.Close();
    }
    json += ']';
  }

  void AddLimits(const Request& request, JsonObjectWriter& body) const {
    if (request.max_output_tokens && own_max_tokens_) {
      body.Add(config_.max_tokens_field, *request.max_output_tokens);
    }
    if (config_.min_tokens && own_min_tokens_) {
      const int64_t limit = request.max_output_tokens.value_or(*config_.min_tokens);
      body.Add("min_tokens", std::min(*config_.min_tokens, limit));
    }
  }

  void AddHeaders(const Request& request, const Endpoint& endpoint, HttpRequest& http) const {
    if (HasHeader(endpoint.headers, "Authorization")) {
      http.bearer_token = Secret();
    } else {
      http.bearer_token = endpoint.api_key;
    }
    // A header that the user gives takes the place of ours: sent twice, many servers refuse it.
    HeaderWriter headers(http.headers);
    const auto is_ours = [&](std::string_view name) { return !HasHeader(endpoint.headers, name); };
    if (is_ours("Content-Type")) headers.Add("Content-Type", "application/json");
    if (is_ours("Accept")) headers.Add("Accept", config_.stream ? "text/event-stream" : "application/json");
    // Lets the endpoint's own log be joined with ours.
    if (is_ours("X-Request-Id")) headers.Add("X-Request-Id", "llmdyno-") += std::to_string(request.id);
    for (const HttpHeader& header : endpoint.headers) headers.Add(header.name, header.value);
    headers.Close();
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
  if (!extra_body_json.empty() && !Json::parse(extra_body_json, nullptr, false).is_object()) {
    return absl::InvalidArgumentError("the extra body must be a JSON object such as {\"top_p\":0.9}, not " +
                                      extra_body_json);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Dialect>> MakeOpenAiDialect(const OpenAiDialectConfig& config) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  const Json extra = config.extra_body_json.empty() ? Json::object() : Json::parse(config.extra_body_json);
  return std::make_unique<OpenAiDialect>(config, extra);
}

}  // namespace llmdyno
