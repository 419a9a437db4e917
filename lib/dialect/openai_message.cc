#include "dialect/openai_message.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "dialect/error_member.h"
#include "dialect/json_members.h"
#include "dialect/openai_choice.h"
#include "dialect/openai_usage.h"

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
    event.provider = providers_[likely_shape_];
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
  const auto read_member = [&](std::string_view name, ondemand::value member) -> error_code {
    if (name == "choices") {
      parsed.is_recognised = true;
      return ParseChoices(member, parsed);
    }
    if (name == "usage") {
      parsed.is_recognised = true;
      return ReadUsage(member, parsed.event.usage);
    }
    if (name == "error") return ReadErrorMember(member, parsed.has_error, parsed.error);
    if (name == "object") {
      is_error_object = TextOf(member) == "error";  // older vLLM: {"object":"error","message":…}
    } else if (name == "message") {
      message = TextOf(member);
    } else if (name == "provider") {
      parsed.event.provider = TextOf(member);
    } else if (name == "id") {
      parsed.id_token = member.raw_json_token().data();
      parsed.id = TextOf(member);
    } else if (name == "created") {
      parsed.created_token = member.raw_json_token().data();
    }
    return SUCCESS;
  };
  if (auto error = ForEachMember(object, read_member)) return error;
  if (is_error_object) {
    parsed.has_error = true;
    parsed.error = message;
  }
  // On-Demand stops at the end of the object; what follows it would be ignored without this.
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS ? SUCCESS
                                                                        : simdjson::TRAILING_CONTENT;
}

error_code OpenAiMessageReader::ParseChoices(ondemand::value value, Parsed& parsed) {
  ondemand::array choices;
  if (value.get_array().get(choices) != SUCCESS) return SUCCESS;
  StreamEvent& event = parsed.event;
  for (auto item : choices) {
    ondemand::value member;
    if (auto error = item.get(member)) return error;
    OpenAiChoice choice{.repaired = repaired_};
    if (auto error = ReadChoice(member, choice)) return error;
    event.has_choice = true;
    if (choice.has_text()) ++event.texts;
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
  return SUCCESS;
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
  providers_[next_shape_].assign(event.provider);
  likely_shape_ = next_shape_;
  next_shape_ = (next_shape_ + 1) % shapes_.size();
}

}  // namespace llmdyno
