#include "dialect/openai_message.h"

#include <algorithm>
#include <cstring>

namespace llmdyno {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

struct OpenAiMessageReader::Parsed {
  StreamEvent event;
  std::string error;          // a provider's error, when there is one
  bool has_error = false;
  bool is_recognised = false;  // it had choices or usage
  // For LearnShape: the only text of the message.
  const char* text_token = nullptr;
  MessageShape::Field text_field = MessageShape::Field::kNone;
  int text_fields = 0;
};

namespace {

// A string member that may also be null or absent-like; anything else counts as no text.
std::string_view TextOf(ondemand::value value) {
  std::string_view text;
  return value.get_string().get(text) == SUCCESS ? text : std::string_view();
}

std::optional<int64_t> NumberOf(ondemand::value value) {
  int64_t number = 0;
  return value.get_int64().get(number) == SUCCESS ? std::optional(number) : std::nullopt;
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
    }
  }
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

// Tool calls carry names and arguments at varying depth; any non-empty string among them is text of the model.
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
  std::string_view content;
  std::string_view reasoning;
  std::string_view tool_call;
  std::string_view finish_reason;
  const char* text_token = nullptr;  // of the last text member that was not empty
  MessageShape::Field text_field = MessageShape::Field::kNone;
  int text_fields = 0;
};

void TakeText(ondemand::value value, MessageShape::Field field, std::string_view& target, Choice& choice) {
  const char* token = value.raw_json_token().data();
  const std::string_view text = TextOf(value);
  if (text.empty()) return;
  target = text;
  choice.text_token = token;
  choice.text_field = field;
  ++choice.text_fields;
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
      TakeText(member, MessageShape::Field::kContent, choice.content, choice);
    } else if (name == "reasoning_content" || name == "reasoning") {
      // Endpoints that send both names send the same text in both.
      if (choice.reasoning.empty()) TakeText(member, MessageShape::Field::kReasoning, choice.reasoning, choice);
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
      TakeText(member, MessageShape::Field::kContent, choice.content, choice);
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
  if (ReadByShape(json, sink)) return;
  message_size_ = json.size();
  padded_.resize(json.size() + simdjson::SIMDJSON_PADDING);
  std::memcpy(padded_.data(), json.data(), json.size());

  Parsed parsed;
  if (const error_code error = Parse(parsed)) {
    sink.OnMalformed(std::string("not valid JSON: ") + simdjson::error_message(error));
    return;
  }
  if (parsed.has_error) {
    sink.OnProviderError(parsed.error.empty() ? "the endpoint reported an error without a message" : parsed.error);
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
        Choice choice;
        if (auto error = ReadChoice(value, choice)) return error;
        event.has_choice = true;
        if (!choice.content.empty() || !choice.reasoning.empty() || !choice.tool_call.empty()) ++event.texts;
        AddText(choice.content, event.content, joined_);
        if (event.reasoning.empty()) event.reasoning = choice.reasoning;
        if (event.tool_call.empty()) event.tool_call = choice.tool_call;
        if (!choice.finish_reason.empty()) event.finish_reason = choice.finish_reason;
        parsed.text_token = choice.text_token;
        parsed.text_field = choice.text_field;
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
    }
  }
  if (is_error_object) {
    parsed.has_error = true;
    parsed.error = message;
  }
  // On-Demand stops at the end of the object; what follows it would be ignored without this.
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS ? SUCCESS : simdjson::TRAILING_CONTENT;
}

// A stream's chunks differ only in their text, nearly always: same prefix, same suffix, another string between. If
// that string needs no unescaping, then the message is valid JSON of the same shape, because the last one was. This
// saves four fifths of the decoding time.
void OpenAiMessageReader::LearnShape(const Parsed& parsed) {
  shape_.field = MessageShape::Field::kNone;
  const StreamEvent& event = parsed.event;
  if (parsed.text_fields != 1 || event.usage || !event.finish_reason.empty() || !event.tool_call.empty()) return;
  const std::string_view text =
      parsed.text_field == MessageShape::Field::kContent ? event.content : event.reasoning;
  const std::string_view message(padded_.data(), message_size_);
  const auto start = static_cast<size_t>(parsed.text_token - message.data()) + 1;
  // An escaped text is longer in its raw form; then the closing quote is elsewhere and no shape is learnt.
  const size_t end = start + text.size();
  if (end >= message.size() || message[end] != '"' || message.substr(start, text.size()) != text) return;
  shape_.prefix.assign(message.substr(0, start));
  shape_.suffix.assign(message.substr(end));
  shape_.field = parsed.text_field;
}

bool OpenAiMessageReader::ReadByShape(std::string_view json, StreamEventSink& sink) {
  const std::string& prefix = shape_.prefix;
  const std::string& suffix = shape_.suffix;
  if (shape_.field == MessageShape::Field::kNone || json.size() <= prefix.size() + suffix.size()) return false;
  if (!json.starts_with(prefix) || !json.ends_with(suffix)) return false;
  const std::string_view text = json.substr(prefix.size(), json.size() - prefix.size() - suffix.size());
  bool is_ascii = true;
  for (const char c : text) {
    if (c == '"' || c == '\\' || (static_cast<unsigned char>(c) < 0x20)) return false;
    is_ascii = is_ascii && (static_cast<unsigned char>(c) < 0x80);
  }
  if (!is_ascii && !simdjson::validate_utf8(text)) return false;
  StreamEvent event;
  event.has_choice = true;
  event.texts = 1;
  (shape_.field == MessageShape::Field::kContent ? event.content : event.reasoning) = text;
  sink.OnEvent(event);
  return true;
}

}  // namespace llmdyno
