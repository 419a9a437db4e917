#include "api_request.h"

#include <algorithm>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/sim/sim_config.h"
#include "simdjson.h"
#include "vocabulary.h"

namespace llmdyno {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

absl::Status Wrong(const std::string& text) { return absl::InvalidArgumentError(text); }

// Absent and null are the same: the target stays as it is.
std::optional<element> FindField(const object& body, std::string_view key) {
  element value;
  if (body.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

absl::Status ReadBool(const object& body, std::string_view key, bool& target) {
  const auto value = FindField(body, key);
  if (value && value->get(target) != simdjson::SUCCESS)
    return Wrong(std::string(key) + " must be true or false");
  return absl::OkStatus();
}

absl::Status ReadInt(const object& body, std::string_view key, int64_t low, std::optional<int64_t>& target) {
  const auto value = FindField(body, key);
  if (!value) return absl::OkStatus();
  int64_t number = 0;
  if (value->get(number) != simdjson::SUCCESS) return Wrong(std::string(key) + " must be a whole number");
  if (number < low) {
    return Wrong(std::string(key) + " must be at least " + std::to_string(low) + ", got " +
                 std::to_string(number));
  }
  target = number;
  return absl::OkStatus();
}

absl::Status ReadString(const object& body, std::string_view key, std::string& target) {
  const auto value = FindField(body, key);
  if (!value) return absl::OkStatus();
  std::string_view text;
  if (value->get(text) != simdjson::SUCCESS) return Wrong(std::string(key) + " must be a string");
  target = text;
  return absl::OkStatus();
}

// Counts a text, and lists its token ids where the route is asked for them.
void TakeText(std::string_view text, ApiRequest& request) {
  request.prompt_tokens += CountWords(text);
  if (request.route == ApiRoute::kTokenize) AppendTokenIds(text, request.token_ids);
}

absl::Status TakeImage(const object& part, bool describes_images, ApiRequest& request) {
  object image;
  std::string_view url;
  if (part.at_key("image_url").get(image) != simdjson::SUCCESS ||
      image.at_key("url").get(url) != simdjson::SUCCESS)
    return Wrong("an image_url part must have an image_url object with a url");
  ++request.images;
  if (describes_images) request.image_kinds.push_back(DescribeImage(url));
  return absl::OkStatus();
}

absl::Status ReadContentPart(const element& part, bool describes_images, ApiRequest& request) {
  object fields;
  std::string_view type;
  if (part.get(fields) != simdjson::SUCCESS || fields.at_key("type").get(type) != simdjson::SUCCESS) {
    return Wrong("each part of a message's content must be an object with a type");
  }
  if (type == "text") {
    std::string_view text;
    if (fields.at_key("text").get(text) != simdjson::SUCCESS) return Wrong("a text part must have a text");
    TakeText(text, request);
  } else if (type == "image_url") {
    return TakeImage(fields, describes_images, request);
  }
  return absl::OkStatus();
}

absl::Status ReadMessages(const object& body, bool describes_images, ApiRequest& request) {
  const auto field = FindField(body, "messages");
  array messages;
  if (!field || field->get(messages) != simdjson::SUCCESS || messages.size() == 0) {
    return Wrong("messages must be a list of at least one message");
  }
  for (const element message : messages) {
    object fields;
    if (message.get(fields) != simdjson::SUCCESS) return Wrong("each message must be an object");
    const auto content = FindField(fields, "content");
    if (!content) continue;
    std::string_view text;
    array parts;
    if (content->get(text) == simdjson::SUCCESS) {
      TakeText(text, request);
    } else if (content->get(parts) == simdjson::SUCCESS) {
      for (const element part : parts)
        LLMDYNO_RETURN_IF_ERROR(ReadContentPart(part, describes_images, request));
    } else {
      return Wrong("the content of a message must be a string or a list of parts");
    }
  }
  return absl::OkStatus();
}

// "text" or a list of token ids.
bool TakePrompt(const element& prompt, ApiRequest& request) {
  std::string_view text;
  if (prompt.get(text) == simdjson::SUCCESS) {
    TakeText(text, request);
    return true;
  }
  array ids;
  if (prompt.get(ids) != simdjson::SUCCESS) return false;
  for (const element id : ids) {
    if (!id.is<int64_t>()) return false;
  }
  request.prompt_tokens += static_cast<int64_t>(ids.size());
  return true;
}

absl::Status ReadPrompt(const object& body, ApiRequest& request) {
  const auto prompt = FindField(body, "prompt");
  if (!prompt) return Wrong("prompt is missing");
  array list;
  if (prompt->get(list) == simdjson::SUCCESS && list.size() > 0 && !list.at(0).is<int64_t>()) {
    if (list.size() > 1)
      return Wrong("prompt has several entries: this endpoint takes one prompt per request");
    if (TakePrompt(list.at(0), request)) return absl::OkStatus();
  } else if (TakePrompt(*prompt, request)) {
    return absl::OkStatus();
  }
  return Wrong("prompt must be a string or a list of token ids");
}

// A document is a string, or an object with a text (as rerankers take it); ids count as themselves.
absl::Status TakeInput(const element& input, std::string_view key, ApiRequest& request) {
  std::string_view text;
  object fields;
  if (input.get(fields) == simdjson::SUCCESS && fields.at_key("text").get(text) == simdjson::SUCCESS) {
    TakeText(text, request);
    request.inputs.emplace_back(text);
    return absl::OkStatus();
  }
  if (!TakePrompt(input, request)) return Wrong(std::string(key) + " must hold strings or token ids");
  request.inputs.push_back(input.get(text) == simdjson::SUCCESS ? std::string(text)
                                                                : simdjson::to_string(input));
  return absl::OkStatus();
}

absl::Status ReadInputs(const object& body, std::string_view key, ApiRequest& request) {
  const auto field = FindField(body, key);
  if (!field) return Wrong(std::string(key) + " is missing");
  array list;
  const bool is_list = field->get(list) == simdjson::SUCCESS;
  if (!is_list || (list.size() > 0 && list.at(0).is<int64_t>())) return TakeInput(*field, key, request);
  if (list.size() == 0) return Wrong(std::string(key) + " must not be empty");
  for (const element input : list) LLMDYNO_RETURN_IF_ERROR(TakeInput(input, key, request));
  return absl::OkStatus();
}

absl::Status ReadGeneration(const object& body, ApiRequest& request) {
  LLMDYNO_RETURN_IF_ERROR(ReadBool(body, "stream", request.is_streaming));
  LLMDYNO_RETURN_IF_ERROR(ReadBool(body, "ignore_eos", request.ignore_eos));
  LLMDYNO_RETURN_IF_ERROR(ReadInt(body, "max_tokens", 1, request.max_tokens));
  LLMDYNO_RETURN_IF_ERROR(ReadInt(body, "max_completion_tokens", 1, request.max_tokens));
  std::optional<int64_t> number;
  LLMDYNO_RETURN_IF_ERROR(ReadInt(body, "min_tokens", 0, number));
  request.min_tokens = number.value_or(0);
  number.reset();
  LLMDYNO_RETURN_IF_ERROR(ReadInt(body, "n", 1, number));
  request.choices = number.value_or(1);
  if (request.choices > 128) return Wrong("n must be at most 128, got " + std::to_string(request.choices));
  if (const auto field = FindField(body, "stream_options")) {
    object options;
    if (field->get(options) != simdjson::SUCCESS) return Wrong("stream_options must be an object");
    LLMDYNO_RETURN_IF_ERROR(ReadBool(options, "include_usage", request.include_usage));
    LLMDYNO_RETURN_IF_ERROR(ReadBool(options, "continuous_usage_stats", request.continuous_usage));
  }
  // As vLLM has it: OpenAI's completions without max_tokens end after 16.
  if (request.route == ApiRoute::kCompletions && !request.max_tokens) request.max_tokens = 16;
  return absl::OkStatus();
}

absl::Status ReadDimensions(const object& body, ApiRequest& request) {
  LLMDYNO_RETURN_IF_ERROR(ReadInt(body, "dimensions", 1, request.dimensions));
  if (request.dimensions.value_or(1) > kMaxEmbeddingDimensions) {
    return Wrong("dimensions must be at most " + std::to_string(kMaxEmbeddingDimensions) + ", got " +
                 std::to_string(*request.dimensions));
  }
  return absl::OkStatus();
}

absl::Status ReadEmbedding(const object& body, ApiRequest& request) {
  LLMDYNO_RETURN_IF_ERROR(ReadInputs(body, "input", request));
  LLMDYNO_RETURN_IF_ERROR(ReadDimensions(body, request));
  std::string format = "float";
  LLMDYNO_RETURN_IF_ERROR(ReadString(body, "encoding_format", format));
  if (format != "float" && format != "base64") return Wrong("encoding_format must be float or base64");
  request.wants_base64 = format == "base64";
  return absl::OkStatus();
}

// The model reads each document together with the query, so the query counts once per document.
absl::Status ReadPairs(const object& body, std::string_view query, std::string_view documents,
                       ApiRequest& request) {
  LLMDYNO_RETURN_IF_ERROR(ReadInputs(body, documents, request));
  if (!FindField(body, query)) return Wrong(std::string(query) + " is missing");
  LLMDYNO_RETURN_IF_ERROR(ReadString(body, query, request.query));
  request.prompt_tokens += CountWords(request.query) * static_cast<int64_t>(request.inputs.size());
  LLMDYNO_RETURN_IF_ERROR(ReadInt(body, "top_n", 0, request.top_n));
  if (request.top_n == 0) request.top_n.reset();  // as vLLM has it
  return ReadBool(body, "return_documents", request.returns_documents);
}

absl::Status ReadTeiRerank(const object& body, ApiRequest& request) {
  request.returns_documents = false;
  LLMDYNO_RETURN_IF_ERROR(ReadPairs(body, "query", "texts", request));
  return ReadBool(body, "return_text", request.returns_documents);
}

// vLLM's /tokenize and text-embeddings-inference do without a model, all else needs one.
bool NeedsModel(ApiRoute route) {
  return route != ApiRoute::kTokenize && route != ApiRoute::kTeiEmbed && route != ApiRoute::kTeiRerank;
}

absl::Status ReadBody(const object& body, bool describes_images, ApiRequest& request) {
  if (request.route == ApiRoute::kRootRerank) {
    request.route = FindField(body, "texts") ? ApiRoute::kTeiRerank : ApiRoute::kRerank;
  }
  LLMDYNO_RETURN_IF_ERROR(ReadString(body, "model", request.model));
  if (request.model.empty() && NeedsModel(request.route)) {
    return Wrong("model is missing: expected the name of a model");
  }
  switch (request.route) {
    case ApiRoute::kChat:
      LLMDYNO_RETURN_IF_ERROR(ReadMessages(body, describes_images, request));
      return ReadGeneration(body, request);
    case ApiRoute::kCompletions:
      LLMDYNO_RETURN_IF_ERROR(ReadPrompt(body, request));
      return ReadGeneration(body, request);
    case ApiRoute::kEmbeddings:
      return ReadEmbedding(body, request);
    case ApiRoute::kTeiEmbed:
      LLMDYNO_RETURN_IF_ERROR(ReadInputs(body, "inputs", request));
      return ReadDimensions(body, request);
    case ApiRoute::kTeiRerank:
      return ReadTeiRerank(body, request);
    case ApiRoute::kRerank:
    case ApiRoute::kRootRerank:
      return ReadPairs(body, "query", "documents", request);
    case ApiRoute::kScore:
      return ReadPairs(body, "text_1", "text_2", request);
    case ApiRoute::kTokenize:
      return FindField(body, "messages") ? ReadMessages(body, false, request) : ReadPrompt(body, request);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ApiRequest> ParseApiRequest(ApiRoute route, std::string_view body, bool describes_images) {
  // The parser keeps its memory for the next body, one with pictures as well; that of a huge one is given
  // back.
  constexpr size_t kHugeBody = 4 << 20;
  thread_local simdjson::dom::parser kept_parser;
  simdjson::dom::parser huge_parser;
  simdjson::dom::parser& parser = body.size() < kHugeBody ? kept_parser : huge_parser;
  element root;
  if (const auto error = parser.parse(body.data(), body.size()).get(root); error != simdjson::SUCCESS) {
    return Wrong(std::string("the body is not valid JSON: ") + simdjson::error_message(error));
  }
  object fields;
  if (root.get(fields) != simdjson::SUCCESS) return Wrong("the body must be a JSON object");
  ApiRequest request;
  request.route = route;
  LLMDYNO_RETURN_IF_ERROR(ReadBody(fields, describes_images, request));
  return request;
}

}  // namespace llmdyno
