// What the readers of messages share: walking over an object's members, and taking a text or nothing.
#pragma once

#include <simdjson.h>

#include <string_view>

namespace llmdyno {

// Calls visit(name, value) for each member in turn, and returns the first error: of the JSON, or of `visit`.
// Names are unescaped and valid until the document is. A value that `visit` does not look at is skipped.
template <typename Visit>
simdjson::error_code ForEachMember(simdjson::ondemand::object& object, const Visit& visit) {
  for (auto field : object) {
    std::string_view name;
    if (auto error = field.unescaped_key().get(name)) return error;
    simdjson::ondemand::value value;
    if (auto error = field.value().get(value)) return error;
    if (auto error = visit(name, value)) return error;
  }
  return simdjson::SUCCESS;
}

// A string member that may also be null or absent-like; anything else counts as no text.
inline std::string_view TextOf(simdjson::ondemand::value value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

}  // namespace llmdyno
