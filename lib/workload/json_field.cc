#include "workload/json_field.h"

#include "llmdyno/base/status_macros.h"

namespace llmdyno {

absl::StatusOr<JsonValue> ParseJsonValue(simdjson::dom::parser& parser, std::string_view text) {
  JsonValue value;
  // `false`: do not copy, the bytes behind the row are readable.
  const simdjson::error_code error = parser.parse(text.data(), text.size(), false).get(value);
  if (error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("not valid JSON: " + std::string(simdjson::error_message(error)));
  }
  return value;
}

absl::StatusOr<JsonObject> ParseJsonRow(simdjson::dom::parser& parser, std::string_view text) {
  LLMDYNO_ASSIGN_OR_RETURN(const JsonValue value, ParseJsonValue(parser, text));
  JsonObject row;
  if (value.get(row) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("expected a JSON object, got " + std::string(TypeName(value)));
  }
  return row;
}

std::string FieldName(const JsonPlace& place, std::string_view key) {
  if (place.list.empty()) return std::string(key);
  return EntryName(place) + "." + std::string(key);
}

std::string EntryName(const JsonPlace& place) {
  return std::string(place.list) + "[" + std::to_string(place.index) + "]";
}

std::string_view TypeName(const JsonValue& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "a list";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "true or false";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

absl::Status WrongType(const std::string& name, std::string_view expected, const JsonValue& value) {
  return absl::InvalidArgumentError(name + ": expected " + std::string(expected) + ", got " +
                                    std::string(TypeName(value)));
}

std::optional<JsonValue> FindField(const JsonObject& object, std::string_view key) {
  JsonValue value;
  if (object[key].get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

absl::StatusOr<std::string_view> ReadText(const JsonObject& object, const JsonPlace& place,
                                          std::string_view key) {
  const std::optional<JsonValue> value = FindField(object, key);
  if (!value) return std::string_view();
  std::string_view text;
  if (value->get(text) != simdjson::SUCCESS) return WrongType(FieldName(place, key), "a string", *value);
  return text;
}

absl::StatusOr<std::optional<int64_t>> ReadCount(const JsonObject& object, std::string_view key,
                                                 int64_t lowest) {
  constexpr int64_t kHighest = 1'000'000'000;
  const std::optional<JsonValue> value = FindField(object, key);
  if (!value) return std::nullopt;
  const std::string expected =
      lowest > 0 ? "a whole number from " + std::to_string(lowest) : "a whole number, not below 0";
  int64_t count = 0;
  if (value->is_number() && value->get(count) == simdjson::SUCCESS && count >= lowest && count <= kHighest) {
    return count;
  }
  if (!value->is_number()) return WrongType(std::string(key), expected, *value);
  return absl::InvalidArgumentError(std::string(key) + ": expected " + expected + ", got " +
                                    simdjson::to_string(*value));
}

}  // namespace llmdyno
