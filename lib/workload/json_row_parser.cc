#include <utility>

#include "llmdyno/base/status_macros.h"
#include "workload/json_field.h"
#include "workload/row_parser.h"

namespace llmdyno {
namespace {

absl::Status NothingToSend(const std::string& why) { return absl::NotFoundError(why); }

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// The list of that name; empty when the field is missing or null.
absl::StatusOr<std::vector<JsonObject>> ReadObjects(const JsonObject& row, std::string_view key) {
  std::vector<JsonObject> objects;
  const std::optional<JsonValue> field = FindField(row, key);
  if (!field) return objects;
  simdjson::dom::array entries;
  if (field->get(entries) != simdjson::SUCCESS) return WrongType(std::string(key), "a list", *field);
  objects.reserve(entries.size());
  for (const JsonValue entry : entries) {
    JsonObject object;
    if (entry.get(object) != simdjson::SUCCESS) {
      return WrongType(EntryName({key, std::ssize(objects)}), "an object", entry);
    }
    objects.push_back(object);
  }
  return objects;
}

// {"prompt_content": "…", "cut_chat_history": [{"role": "user", "content": "…"}, …]}: the system's message is
// `prompt_content` and no other, and turns without a role or a content are left out.
absl::Status ReadCutHistory(const JsonObject& row, std::vector<Message>& messages) {
  constexpr std::string_view kTurns = "cut_chat_history";
  LLMDYNO_ASSIGN_OR_RETURN(const std::string_view system, ReadText(row, {}, "prompt_content"));
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<JsonObject> turns, ReadObjects(row, kTurns));
  messages.reserve(turns.size() + 1);
  if (!system.empty()) messages.push_back({"system", std::string(system)});
  for (size_t i = 0; i < turns.size(); ++i) {
    const JsonPlace place{kTurns, static_cast<int64_t>(i)};
    LLMDYNO_ASSIGN_OR_RETURN(const std::string_view role, ReadText(turns[i], place, "role"));
    LLMDYNO_ASSIGN_OR_RETURN(const std::string_view content, ReadText(turns[i], place, "content"));
    if (role.empty() || content.empty() || role == "system") continue;
    messages.push_back({std::string(role), std::string(content)});
  }
  return messages.empty() ? NothingToSend("no messages") : absl::OkStatus();
}

// Answers at the end have been given already and ask for nothing.
absl::Status CutAnswersAtEnd(std::vector<Message>& messages) {
  const auto asks = [](const Message& message) {
    return message.role != "assistant" && message.role != "system";
  };
  while (!messages.empty() && !asks(messages.back())) messages.pop_back();
  return messages.empty() ? NothingToSend("no message from a user") : absl::OkStatus();
}

std::string RoleOf(std::string_view speaker) {
  if (speaker == "gpt" || speaker == "assistant") return "assistant";
  // "human" and "user" are users, and so is a name that nobody knows.
  return speaker == "system" ? "system" : "user";
}

// {"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", …}, …]}.
absl::Status ReadShareGpt(const JsonObject& row, std::vector<Message>& messages) {
  constexpr std::string_view kTurns = "conversations";
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<JsonObject> turns, ReadObjects(row, kTurns));
  messages.reserve(turns.size());
  for (size_t i = 0; i < turns.size(); ++i) {
    const JsonPlace place{kTurns, static_cast<int64_t>(i)};
    LLMDYNO_ASSIGN_OR_RETURN(const std::string_view from, ReadText(turns[i], place, "from"));
    LLMDYNO_ASSIGN_OR_RETURN(const std::string_view value, ReadText(turns[i], place, "value"));
    if (!IsBlank(value)) messages.push_back({RoleOf(from), std::string(value)});
  }
  return CutAnswersAtEnd(messages);
}

absl::Status ReadFirstExchange(const JsonObject& row, std::vector<Message>& messages) {
  constexpr std::string_view kTurns = "conversations";
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<JsonObject> turns, ReadObjects(row, kTurns));
  if (turns.size() < 2) return NothingToSend("fewer than two turns");
  for (size_t i = 0; i < 2; ++i) {
    LLMDYNO_ASSIGN_OR_RETURN(const std::string_view value,
                             ReadText(turns[i], {kTurns, static_cast<int64_t>(i)}, "value"));
    if (value.empty()) return NothingToSend(i == 0 ? "an empty prompt" : "an empty answer");
    messages.push_back({i == 0 ? "user" : "assistant", std::string(value)});
  }
  return absl::OkStatus();
}

// The text of a content that is a list of parts: [{"type": "text", "text": "…"}, …].
absl::StatusOr<std::string> ReadParts(const simdjson::dom::array& parts, const std::string& name) {
  std::string text;
  int64_t index = 0;
  for (const JsonValue entry : parts) {
    const JsonPlace place{name, index++};
    JsonObject part;
    if (entry.get(part) != simdjson::SUCCESS) return WrongType(EntryName(place), "an object", entry);
    LLMDYNO_ASSIGN_OR_RETURN(const std::string_view type, ReadText(part, place, "type"));
    if (type != "text") {
      return absl::InvalidArgumentError(FieldName(place, "type") + ": expected 'text', got '" +
                                        std::string(type) + "'");
    }
    LLMDYNO_ASSIGN_OR_RETURN(const std::string_view piece, ReadText(part, place, "text"));
    text += piece;
  }
  return text;
}

absl::StatusOr<std::string> ReadContent(const JsonObject& message, const JsonPlace& place) {
  const std::optional<JsonValue> content = FindField(message, "content");
  if (!content) return "";
  const std::string name = FieldName(place, "content");
  simdjson::dom::array parts;
  if (content->get(parts) == simdjson::SUCCESS) return ReadParts(parts, name);
  std::string_view text;
  if (content->get(text) != simdjson::SUCCESS) {
    return WrongType(name, "a string or a list of parts", *content);
  }
  return std::string(text);
}

// {"messages": [{"role": "user", "content": "…"}, …]}, as in a request's body.
absl::Status ReadMessages(const JsonObject& row, std::vector<Message>& messages) {
  constexpr std::string_view kTurns = "messages";
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<JsonObject> turns, ReadObjects(row, kTurns));
  messages.reserve(turns.size());
  for (size_t i = 0; i < turns.size(); ++i) {
    const JsonPlace place{kTurns, static_cast<int64_t>(i)};
    LLMDYNO_ASSIGN_OR_RETURN(const std::string_view role, ReadText(turns[i], place, "role"));
    LLMDYNO_ASSIGN_OR_RETURN(std::string content, ReadContent(turns[i], place));
    if (!role.empty() && !content.empty()) messages.push_back({std::string(role), std::move(content)});
  }
  return CutAnswersAtEnd(messages);
}

using ReadRow = absl::Status (*)(const JsonObject& row, std::vector<Message>& messages);

class JsonRowParser final : public RowParser {
 public:
  // No `read`: the row is a prompt in one of the fields.
  JsonRowParser(const ConversationDatasetConfig& config, ReadRow read)
      : read_(read),
        prompt_fields_(PromptFields(config.column)),
        reads_output_tokens_(config.read_output_tokens) {}

  absl::Status Parse(std::string_view text, Conversation& conversation) override {
    conversation = {};
    LLMDYNO_ASSIGN_OR_RETURN(const JsonObject row, ParseJsonRow(parser_, text));
    LLMDYNO_RETURN_IF_ERROR(read_ != nullptr ? read_(row, conversation.messages)
                                             : ReadPrompt(row, conversation.messages));
    if (!reads_output_tokens_) return absl::OkStatus();
    for (const std::string& field : output_fields_) {
      LLMDYNO_ASSIGN_OR_RETURN(conversation.output_tokens, ReadCount(row, field, 1));
      if (conversation.output_tokens) break;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ReadPrompt(const JsonObject& row, std::vector<Message>& messages) const {
    bool has_field = false;
    for (const std::string& field : prompt_fields_) {
      LLMDYNO_ASSIGN_OR_RETURN(const std::string_view prompt, ReadText(row, {}, field));
      has_field = has_field || FindField(row, field).has_value();
      if (IsBlank(prompt)) continue;
      messages.push_back({"user", std::string(prompt)});
      return absl::OkStatus();
    }
    return NothingToSend(has_field ? "an empty prompt" : "no field " + AnyOf(prompt_fields_));
  }

  const ReadRow read_;
  const std::vector<std::string> prompt_fields_;
  const std::vector<std::string> output_fields_ = OutputTokensFields();
  const bool reads_output_tokens_;
  simdjson::dom::parser parser_;
};

}  // namespace

std::unique_ptr<RowParser> MakeJsonRowParser(const ConversationDatasetConfig& config,
                                             std::string_view format) {
  ReadRow read = nullptr;
  if (format == "conversations") read = ReadCutHistory;
  if (format == "sharegpt") read = config.first_exchange_only ? ReadFirstExchange : ReadShareGpt;
  if (format == "messages") read = ReadMessages;
  return std::make_unique<JsonRowParser>(config, read);
}

}  // namespace llmdyno
