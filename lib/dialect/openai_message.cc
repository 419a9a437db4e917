#include "dialect/openai_message.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include "dialect/json_text.h"

namespace llmdyno {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

struct OpenAiMessageReader::Parsed {
  StreamEvent event;
  std::string error;  // a provider's error, when there is one
  bool has_error = false;
  bool is_recognised = false;  // it had choices or usage
  // For LearnShape: the only text of the message.
  const char* text_token = nullptr;
  MessageShape::Field text_field = MessageShape::Field::kContent;
  int text_fields = 0;
  const char* id_token = nullptr;
  std::string_view id;
  const char* created_token = nullptr;
};

namespace {

// A string member that may also be null or absent-like; anything else counts as no text.
std::string_view TextOf(ondemand::value value) {
  std::string_view text;
  return value.get_string().get(text) == SUCCESS ? text : std::string_view();
}

// A count of tokens. A negative or astronomic one is a mistake of the endpoint's and must not get into any
// sum.
std::optional<int64_t> NumberOf(ondemand::value value) {
  constexpr int64_t kLargestCount = 1'000'000'000;
  int64_t number = 0;
  if (value.get_int64().get(number) != SUCCESS || number < 0 || number > kLargestCount) return std::nullopt;
  return number;
}

error_code ReadUsageDetails(ondemand::value value, std::string_view key, std::optional<int64_t>& target) {
  ondemand::object details;
  if (value.get_object().get(details) != SUCCESS) return SUCCESS;  // null, as some endpoints send
  for (auto field : details) {
    std::string_view name;
    if (auto error = field.unescaped_key().get(name)) return error;
    ondemand::value member;
    if (auto error = field.value().get(member)) return error;
    if (name == key) target = NumberOf(member);
  }
  return SUCCESS;
}

error_code ReadUsage(ondemand::value value, std::optional<UsageReport>& usage) {
  ondemand::object object;
  if (value.get_object().get(object) != SUCCESS) return SUCCESS;  // "usage": null in every chunk but the last
  usage.emplace();
  // SGLang says these two beside the counts instead of in an object of details.
  std::optional<int64_t> cached_tokens;
  std::optional<int64_t> reasoning_tokens;
  for (auto field : object) {
    std::string_view name;
    if (auto error = field.unescaped_key().get(name)) return error;
    ondemand::value member;
    if (auto error = field.value().get(member)) return error;
    if (name == "prompt_tokens") {
      usage->prompt_tokens = NumberOf(member);
    } else if (name == "completion_tokens") {
      usage->completion_tokens = NumberOf(member);
    } else if (name == "prompt_tokens_details") {
      if (auto error = ReadUsageDetails(member, "cached_tokens", usage->cached_tokens)) return error;
    } else if (name == "completion_tokens_details") {
      if (auto error = ReadUsageDetails(member, "reasoning_tokens", usage->reasoning_tokens)) return error;
    } else if (name == "cached_tokens") {
      cached_tokens = NumberOf(member);
    } else if (name == "reasoning_tokens") {
      reasoning_tokens = NumberOf(member);
    }
  }
  if (!usage->cached_tokens) usage->cached_tokens = cached_tokens;
  if (!usage->reasoning_tokens) usage->reasoning_tokens = reasoning_tokens;
  return SUCCESS;
}

// The first string called `message` in an error object, or the error itself when it is a string.
error_code ReadError(ondemand::value value, std::string& message) {
  ondemand::json_type type;
  if (auto error = value.type().get(type)) return error;
  if (type == ondemand::json_type::string) {
    message = TextOf(value);
    return SUCCESS;
  }
  if (type != ondemand::json_type::object) return SUCCESS;
  ondemand::object object;
  if (auto error = value.get_object().get(object)) return error;
  for (auto field : object) {
    std::string_view name;
    if (auto error = field.unescaped_key().get(name)) return error;
    ondemand::value member;
    if (auto error = field.value().get(member)) return error;
    if (name == "message") message = TextOf(member);
  }
  return SUCCESS;
}

// Tool calls carry names and arguments at varying depth; any non-empty string among them is text of the
// model.
error_code ReadToolCalls(ondemand::value value, std::string_view& text) {
  ondemand::array calls;
  if (value.get_array().get(calls) != SUCCESS) return SUCCESS;
  for (auto call : calls) {
    ondemand::object object;
    if (call.get_object().get(object) != SUCCESS) continue;
    for (auto field : object) {
      std::string_view name;
      if (auto error = field.unescaped_key().get(name)) return error;
      ondemand::object function;
      if (name != "function" || field.value().get_object().get(function) != SUCCESS) continue;
      for (auto part : function) {
        ondemand::value member;
        if (auto error = part.value().get(member)) return error;
        if (const std::string_view piece = TextOf(member); !piece.empty()) text = piece;
      }
    }
  }
  return SUCCESS;
}

// What one choice holds.
struct Choice {
  std::deque<std::string>& repaired;  // keeps texts that the parser refused
  std::string_view content = {};
  std::string_view reasoning = {};
  std::string_view tool_call = {};
  std::string_view finish_reason = {};
  const char* text_token = nullptr;  // of the last text member that was not empty
  MessageShape::Field text_field = MessageShape::Field::kContent;
  int text_fields = 0;
};

error_code TakeText(ondemand::value value, MessageShape::Field field, std::string_view& target,
                    Choice& choice) {
  const std::string_view token = value.raw_json_token();
  std::string_view text;
  const error_code error = value.get_string().get(text);
  if (error == simdjson::STRING_ERROR) {
    auto repaired = UnescapeLeniently(token);
    if (!repaired) return error;
    text = choice.repaired.emplace_back(std::move(*repaired));
  }
  if (text.empty()) return SUCCESS;  // also when it is null, or no string at all
  target = text;
  choice.text_token = token.data();
  choice.text_field = field;
  ++choice.text_fields;
  return SUCCESS;
}

error_code ReadDelta(ondemand::value value, Choice& choice) {
  ondemand::object delta;
  if (value.get_object().get(delta) != SUCCESS) return SUCCESS;
  for (auto field : delta) {
    std::string_view name;
    if (auto error = field.unescaped_key().get(name)) return error;
    ondemand::value member;
    if (auto error = field.value().get(member)) return error;
    if (name == "content" || name == "refusal") {
      if (auto error = TakeText(member, MessageShape::Field::kContent, choice.content, choice)) return error;
    } else if (name == "reasoning_content" || name == "reasoning") {
      // Endpoints that send both names send the same text in both.
      if (!choice.reasoning.empty()) continue;
      if (auto error = TakeText(member, MessageShape::Field::kReasoning, choice.reasoning, choice))
        return error;
    } else if (name == "tool_calls") {
      if (auto error = ReadToolCalls(member, choice.tool_call)) return error;
    }
  }
  return SUCCESS;
}

error_code ReadChoice(ondemand::value value, Choice& choice) {
  ondemand::object object;
  if (auto error = value.get_object().get(object)) return error;
  for (auto field : object) {
    std::string_view name;
    if (auto error = field.unescaped_key().get(name)) return error;
    ondemand::value member;
    if (auto error = field.value().get(member)) return error;
    if (name == "delta" || name == "message") {
      if (auto error = ReadDelta(member, choice)) return error;
    } else if (name == "text") {
      if (auto error = TakeText(member, MessageShape::Field::kContent, choice.content, choice)) return error;
    } else if (name == "finish_reason") {
      choice.finish_reason = TextOf(member);
    }
  }
  return SUCCESS;
}

// Messages of several choices are rare: their texts are joined in `joined`, which keeps its memory.
void AddText(std::string_view text, std::string_view& target, std::string& joined) {
  if (text.empty()) return;
  if (target.empty()) {
    target = text;
    return;
  }
  joined.assign(target);
  joined.append(text);
  target = joined;
}

}  // namespace

void OpenAiMessageReader::Read(std::string_view json, StreamEventSink& sink) {
  if (const auto match = ReadByShape(json)) {
    StreamEvent event;
    event.has_choice = true;
    event.texts = 1;
    (match->field == MessageShape::Field::kContent ? event.content : event.reasoning) = match->text;
    sink.OnEvent(event);
    return;
  }
  message_size_ = json.size();
  padded_.resize(json.size() + simdjson::SIMDJSON_PADDING);
  std::memcpy(padded_.data(), json.data(), json.size());
  std::memset(padded_.data() + json.size(), 0, simdjson::SIMDJSON_PADDING);
  repaired_.clear();

  Parsed parsed;
  if (const error_code error = Parse(parsed)) {
    sink.OnMalformed(std::string("not valid JSON: ") + simdjson::error_message(error));
    return;
  }
  if (parsed.has_error) {
    sink.OnProviderError(parsed.error.empty() ? "the endpoint reported an error without a message"
                                              : parsed.error);
    return;
  }
  if (!parsed.is_recognised) {
    sink.OnMalformed("a message with neither choices nor usage");
    return;
  }
  LearnShape(parsed);
  sink.OnEvent(parsed.event);
}

error_code OpenAiMessageReader::Parse(Parsed& parsed) {
  ondemand::document document;
  if (auto error = parser_.iterate(padded_.data(), message_size_, padded_.size()).get(document)) return error;
  ondemand::object object;
  if (auto error = document.get_object().get(object)) return error;
  bool is_error_object = false;
  std::string message;
  StreamEvent& event = parsed.event;
  for (auto field : object) {
    std::string_view name;
    if (auto error = field.unescaped_key().get(name)) return error;
    ondemand::value member;
    if (auto error = field.value().get(member)) return error;
    if (name == "choices") {
      parsed.is_recognised = true;
      ondemand::array choices;
      if (member.get_array().get(choices) != SUCCESS) continue;
      for (auto item : choices) {
        ondemand::value value;
        if (auto error = item.get(value)) return error;
        Choice choice{.repaired = repaired_};
        if (auto error = ReadChoice(value, choice)) return error;
        event.has_choice = true;
        if (!choice.content.empty() || !choice.reasoning.empty() || !choice.tool_call.empty()) ++event.texts;
        AddText(choice.content, event.content, joined_);
        if (event.reasoning.empty()) event.reasoning = choice.reasoning;
        if (event.tool_call.empty()) event.tool_call = choice.tool_call;
        if (!choice.finish_reason.empty()) event.finish_reason = choice.finish_reason;
        if (choice.text_fields > 0) {
          parsed.text_token = choice.text_token;
          parsed.text_field = choice.text_field;
        }
        parsed.text_fields += choice.text_fields;
      }
    } else if (name == "usage") {
      parsed.is_recognised = true;
      if (auto error = ReadUsage(member, event.usage)) return error;
    } else if (name == "error") {
      ondemand::json_type type;
      if (auto error = member.type().get(type)) return error;
      parsed.has_error = parsed.has_error || type != ondemand::json_type::null;
      if (auto error = ReadError(member, parsed.error)) return error;
    } else if (name == "object") {
      is_error_object = TextOf(member) == "error";  // older vLLM: {"object":"error","message":…}
    } else if (name == "message") {
      message = TextOf(member);
    } else if (name == "id") {
      parsed.id_token = member.raw_json_token().data();
      parsed.id = TextOf(member);
    } else if (name == "created") {
      parsed.created_token = member.raw_json_token().data();
    }
  }
  if (is_error_object) {
    parsed.has_error = true;
    parsed.error = message;
  }
  // On-Demand stops at the end of the object; what follows it would be ignored without this.
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS ? SUCCESS
                                                                        : simdjson::TRAILING_CONTENT;
}

std::optional<MessageShape::Match> OpenAiMessageReader::ReadByShape(std::string_view json) {
  // After many misses only now and then: the attempts would cost as much as the parsing.
  constexpr uint64_t kManyMisses = 16;
  if (misses_ > kManyMisses && misses_ % kManyMisses != 0) return std::nullopt;
  for (size_t i = 0; i < shapes_.size(); ++i) {
    const size_t shape = (likely_shape_ + i) % shapes_.size();
    if (auto match = shapes_[shape].Read(json)) {
      likely_shape_ = shape;
      misses_ = 0;
      return match;
    }
  }
  return std::nullopt;
}

void OpenAiMessageReader::LearnShape(const Parsed& parsed) {
  // Where each chunk has something of its own (a random padding, a count) there is nothing to be learnt: try
  // ever more seldom.
  if (!std::has_single_bit(++misses_)) return;
  const StreamEvent& event = parsed.event;
  if (parsed.text_fields != 1 || event.usage || !event.finish_reason.empty() || !event.tool_call.empty())
    return;
  const std::string_view message(padded_.data(), message_size_);
  std::vector<MessageShape::Variable> variables;
  // A string's raw form begins behind the quote; it is as long as its value when it has no escapes, and when
  // it has, it is not the value, and must not be taken for a variable.
  const auto add_string = [&](const char* token, std::string_view value, MessageShape::Kind kind) {
    const auto start = static_cast<size_t>(token - message.data()) + 1;
    const size_t end = start + value.size();
    if (end >= message.size() || message[end] != '"' || message.substr(start, value.size()) != value) return;
    variables.push_back({start, end, kind});
  };
  const bool is_content = parsed.text_field == MessageShape::Field::kContent;
  add_string(parsed.text_token, is_content ? event.content : event.reasoning, MessageShape::Kind::kText);
  if (parsed.id_token != nullptr && *parsed.id_token == '"') {
    add_string(parsed.id_token, parsed.id, MessageShape::Kind::kString);
  }
  if (parsed.created_token != nullptr) {
    const auto start = static_cast<size_t>(parsed.created_token - message.data());
    const size_t end = std::min(message.find_first_not_of("0123456789", start), message.size());
    const bool is_whole = end < message.size() && (message[end] == ',' || message[end] == '}');
    if (end > start && is_whole) variables.push_back({start, end, MessageShape::Kind::kDigits});
  }
  shapes_[next_shape_].Learn(message, std::move(variables), parsed.text_field);
  likely_shape_ = next_shape_;
  next_shape_ = (next_shape_ + 1) % shapes_.size();
}

}  // namespace llmdyno
