// Writes JSON text straight into a string. For what is written once per request: a tree of values would cost
// an allocation for each of its nodes.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace llmdyno {

// Appends the text as a JSON string with its quotes. UTF-8 stays as it is; each broken sequence of bytes
// becomes one U+FFFD (the Unicode standard's "maximal subpart"), so the result is valid JSON for any input.
void AppendJsonString(std::string_view text, std::string& json);

inline void AppendJsonNumber(int64_t value, std::string& json) {
  char digits[24];
  json.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

// The members of one object, from its opening brace on. Keys must not need escapes.
class JsonObjectWriter {
 public:
  // Appends to `json`, which must outlive the writer.
  explicit JsonObjectWriter(std::string& json) : json_(json) { json_ += '{'; }
  JsonObjectWriter(const JsonObjectWriter&) = delete;
  JsonObjectWriter& operator=(const JsonObjectWriter&) = delete;

  void Add(std::string_view key, std::string_view text) { AppendJsonString(text, Key(key)); }
  void Add(std::string_view key, int64_t value) { AppendJsonNumber(value, Key(key)); }
  // Needs a finite value; the shortest digits that read back as the same.
  void AddReal(std::string_view key, double value) {
    char digits[32];
    Key(key).append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
  void AddBoolean(std::string_view key, bool value) { Key(key) += value ? "true" : "false"; }
  void AddNull(std::string_view key) { Key(key) += "null"; }
  // Appends members that are JSON already, "key":value with commas between them; there may be none.
  void AddMembers(std::string_view members) {
    if (members.empty()) return;
    if (!std::exchange(is_first_, false)) json_ += ',';
    json_ += members;
  }
  // For a value of another kind, which the caller appends to the returned string.
  std::string& Key(std::string_view key) {
    if (!std::exchange(is_first_, false)) json_ += ',';
    json_ += '"';
    json_ += key;
    return json_ += "\":";
  }
  void Close() { json_ += '}'; }

 private:
  std::string& json_;
  bool is_first_ = true;
};

}  // namespace llmdyno
