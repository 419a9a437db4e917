#include "llmdyno/dialect/embeddings_dialect.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_writer.h"
#include "dialect/answer_decoder.h"
#include "dialect/extra_body.h"
#include "dialect/refused_body.h"
#include "dialect/request_headers.h"
#include "dialect/vector_list.h"
#include "dialect/versioned_route.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kLargestDimensions = 65'536;

void AddTexts(const std::vector<std::string>& texts, std::string& json) {
  json += '[';
  for (const std::string& text : texts) {
    if (json.back() != '[') json += ',';
    AppendJsonString(text, json);
  }
  json += ']';
}

class EmbeddingsDialect final : public Dialect {
 public:
  EmbeddingsDialect(EmbeddingsDialectConfig config, const ExtraBody& extra_body)
      : config_(std::move(config)),
        own_model_(!IsTei() && extra_body.leaves("model")),
        own_texts_(extra_body.leaves(TextsMember())),
        constant_members_(extra_body.MergedOver(ConstantMembers(config_))) {}

  std::string_view name() const override { return IsTei() ? "tei-embeddings" : "openai-embeddings"; }
  bool streams() const override { return false; }
  std::unique_ptr<ResponseDecoder> NewDecoder() const override {
    return std::make_unique<AnswerDecoder>(
        std::make_shared<AnswerReader>(IsTei() ? "" : "data", MakeVectorReader(IsTei() ? "" : "embedding")));
  }

  absl::Status Encode(const Request& request, const Endpoint& endpoint, HttpRequest& http) const override {
    const auto* embedding = std::get_if<EmbeddingBody>(&request.body);
    if (embedding == nullptr) {
      return RefusedBody("embeddings", "texts to embed", request.body);
    }
    if (embedding->texts.empty())
      return absl::InvalidArgumentError("a request for vectors needs at least one text");
    http.body.clear();
    JsonObjectWriter body(http.body);
    if (own_model_) body.Add("model", ModelOf(request, endpoint));
    if (own_texts_) AddTexts(embedding->texts, body.Key(TextsMember()));
    body.AddMembers(constant_members_);
    body.Close();
    http.method = "POST";
    http.url = IsTei() ? UnversionedRoute(endpoint.url, "embed") : endpoint.url.Route("embeddings");
    WriteHeaders(request, endpoint, "application/json", http);
    return absl::OkStatus();
  }

 private:
  bool IsTei() const { return config_.api == EmbeddingsApi::kTei; }
  std::string_view TextsMember() const { return IsTei() ? "inputs" : "input"; }

  static Json ConstantMembers(const EmbeddingsDialectConfig& config) {
    Json members = Json::object();
    if (config.api == EmbeddingsApi::kOpenAi) {
      members["encoding_format"] = std::string(ToString(config.encoding_format));
    }
    if (config.dimensions) members["dimensions"] = *config.dimensions;
    return members;
  }

  const EmbeddingsDialectConfig config_;
  // Whether these members are a request's own, or the extra body's to set or to leave out.
  const bool own_model_;
  const bool own_texts_;
  const std::string constant_members_;
};

}  // namespace

std::string_view ToString(EmbeddingsApi api) { return api == EmbeddingsApi::kTei ? "tei" : "openai"; }

std::optional<EmbeddingsApi> ParseEmbeddingsApi(std::string_view text) {
  for (const EmbeddingsApi api : {EmbeddingsApi::kOpenAi, EmbeddingsApi::kTei}) {
    if (text == ToString(api)) return api;
  }
  return std::nullopt;
}

std::string_view ToString(EmbeddingEncoding encoding) {
  return encoding == EmbeddingEncoding::kBase64 ? "base64" : "float";
}

std::optional<EmbeddingEncoding> ParseEmbeddingEncoding(std::string_view text) {
  for (const EmbeddingEncoding encoding : {EmbeddingEncoding::kFloat, EmbeddingEncoding::kBase64}) {
    if (text == ToString(encoding)) return encoding;
  }
  return std::nullopt;
}

absl::Status EmbeddingsDialectConfig::Validate() const {
  if (api == EmbeddingsApi::kTei && encoding_format == EmbeddingEncoding::kBase64) {
    return absl::InvalidArgumentError(
        "the embed route of text-embeddings-inference knows no base64: expected encoding_format float");
  }
  if (dimensions && (*dimensions < 1 || *dimensions > kLargestDimensions)) {
    return absl::InvalidArgumentError("dimensions must be between 1 and 65536, not " +
                                      std::to_string(*dimensions));
  }
  return ExtraBody::Check(extra_body_json);
}

absl::StatusOr<std::unique_ptr<Dialect>> MakeEmbeddingsDialect(const EmbeddingsDialectConfig& config) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  return std::make_unique<EmbeddingsDialect>(config, ExtraBody(config.extra_body_json));
}

}  // namespace llmdyno
