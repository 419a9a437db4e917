// Reads the fields of one row and says in the user's words where one has the wrong type.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace llmdyno {

using JsonObject = simdjson::dom::object;
using JsonValue = simdjson::dom::element;

// The row of which a text consists. `parser` is used again from row to row. The bytes behind the text must be
// readable as far as simdjson wants them to be.
absl::StatusOr<JsonObject> ParseJsonRow(simdjson::dom::parser& parser, std::string_view text);
// As ParseJsonRow, of a row that need not be an object.
absl::StatusOr<JsonValue> ParseJsonValue(simdjson::dom::parser& parser, std::string_view text);

// Where an object stands within its row: the row itself, or entry `index` of a list in it.
struct JsonPlace {
  std::string_view list = "";  // "messages", or "messages[2].content"
  int64_t index = 0;
};
std::string FieldName(const JsonPlace& place, std::string_view key);  // "messages[2].role"
std::string EntryName(const JsonPlace& place);                        // "messages[2]"

// "a string", "a number", "null".
std::string_view TypeName(const JsonValue& value);
// "messages[2].role: expected a string, got a number".
absl::Status WrongType(const std::string& name, std::string_view expected, const JsonValue& value);

// Nothing when the field is missing or null.
std::optional<JsonValue> FindField(const JsonObject& object, std::string_view key);
// Empty when the field is missing or null; WrongType when it is no string. Valid as long as the object.
absl::StatusOr<std::string_view> ReadText(const JsonObject& object, const JsonPlace& place,
                                          std::string_view key);
// As ReadText, of an integer in [lowest, 1e9].
absl::StatusOr<std::optional<int64_t>> ReadCount(const JsonObject& object, std::string_view key,
                                                 int64_t lowest);

}  // namespace llmdyno
