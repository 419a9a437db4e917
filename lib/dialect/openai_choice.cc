#include "dialect/openai_choice.h"

#include <utility>

#include "dialect/json_members.h"
#include "dialect/json_text.h"

namespace llmdyno {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

error_code TakeText(ondemand::value value, MessageShape::Field field, std::string_view& target,
                    OpenAiChoice& choice) {
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

// Tool calls carry names and arguments at varying depth; any non-empty string among them is text of the
// model.
error_code ReadToolCalls(ondemand::value value, std::string_view& text) {
  ondemand::array calls;
  if (value.get_array().get(calls) != SUCCESS) return SUCCESS;
  const auto read_member = [&](std::string_view name, ondemand::value member) -> error_code {
    ondemand::object function;
    if (name != "function" || member.get_object().get(function) != SUCCESS) return SUCCESS;
    for (auto part : function) {
      ondemand::value piece;
      if (auto error = part.value().get(piece)) return error;
      if (const std::string_view said = TextOf(piece); !said.empty()) text = said;
    }
    return SUCCESS;
  };
  for (auto call : calls) {
    ondemand::object object;
    if (call.get_object().get(object) != SUCCESS) continue;
    if (auto error = ForEachMember(object, read_member)) return error;
  }
  return SUCCESS;
}

error_code ReadDelta(ondemand::value value, OpenAiChoice& choice) {
  ondemand::object delta;
  if (value.get_object().get(delta) != SUCCESS) return SUCCESS;
  return ForEachMember(delta, [&](std::string_view name, ondemand::value member) {
    if (name == "content" || name == "refusal") {
      return TakeText(member, MessageShape::Field::kContent, choice.content, choice);
    }
    if (name == "reasoning_content" || name == "reasoning") {
      // Endpoints that send both names send the same text in both.
      if (!choice.reasoning.empty()) return SUCCESS;
      return TakeText(member, MessageShape::Field::kReasoning, choice.reasoning, choice);
    }
    return name == "tool_calls" ? ReadToolCalls(member, choice.tool_call) : SUCCESS;
  });
}

}  // namespace

error_code ReadChoice(ondemand::value value, OpenAiChoice& choice) {
  ondemand::object object;
  if (auto error = value.get_object().get(object)) return error;
  return ForEachMember(object, [&](std::string_view name, ondemand::value member) {
    if (name == "delta" || name == "message") return ReadDelta(member, choice);
    if (name == "text") return TakeText(member, MessageShape::Field::kContent, choice.content, choice);
    if (name == "finish_reason") choice.finish_reason = TextOf(member);
    return SUCCESS;
  });
}

}  // namespace llmdyno
