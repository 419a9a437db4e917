#include "dialect/message_shape.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace llmdyno {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// True when a JSON string's raw form is also its value: no escapes, no control characters, valid UTF-8.
bool IsPlain(std::string_view text) {
  bool has_special = false;
  bool is_ascii = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    has_special |= byte < 0x20 || byte == '"' || byte == '\\';
    is_ascii &= byte < 0x80;
  }
  return !has_special && (is_ascii || simdjson::validate_utf8(text));
}

bool IsPlain(std::string_view raw, MessageShape::Kind kind) {
  if (kind != MessageShape::Kind::kDigits) return IsPlain(raw);
  return !raw.empty() && std::all_of(raw.begin(), raw.end(), IsDigit);
}

// How long the variable part is that begins here.
size_t LengthOf(std::string_view rest, MessageShape::Kind kind) {
  if (kind == MessageShape::Kind::kDigits) {
    return static_cast<size_t>(std::find_if_not(rest.begin(), rest.end(), IsDigit) - rest.begin());
  }
  const void* quote = rest.empty() ? nullptr : std::memchr(rest.data(), '"', rest.size());
  return quote == nullptr ? rest.size() : static_cast<size_t>(static_cast<const char*>(quote) - rest.data());
}

}  // namespace

void MessageShape::Learn(std::string_view message, std::vector<Variable> variables, Field field) {
  Forget();
  kinds_.clear();
  field_ = field;
  std::sort(variables.begin(), variables.end(),
            [](const Variable& a, const Variable& b) { return a.start < b.start; });
  std::vector<std::string> literals;
  size_t at = 0;
  bool has_text = false;
  for (const Variable& variable : variables) {
    if (!IsPlain(message.substr(variable.start, variable.end - variable.start), variable.kind)) continue;
    literals.emplace_back(message.substr(at, variable.start - at));
    kinds_.push_back(variable.kind);
    at = variable.end;
    has_text = has_text || variable.kind == Kind::kText;
  }
  if (!has_text) return;
  literals.emplace_back(message.substr(at));
  literals_ = std::move(literals);
}

std::optional<MessageShape::Match> MessageShape::Read(std::string_view message) const {
  if (literals_.empty()) return std::nullopt;
  Match match;
  match.field = field_;
  std::string_view rest = message;
  for (size_t i = 0; i < kinds_.size(); ++i) {
    if (!rest.starts_with(literals_[i])) return std::nullopt;
    rest.remove_prefix(literals_[i].size());
    const std::string_view value = rest.substr(0, LengthOf(rest, kinds_[i]));
    // Of digits there must be some, and no zero in front of others; a string ends at its quote, which the
    // next literal begins with.
    if (kinds_[i] == Kind::kDigits ? value.empty() || (value.size() > 1 && value[0] == '0')
                                   : !IsPlain(value)) {
      return std::nullopt;
    }
    if (kinds_[i] == Kind::kText) match.text = value;
    rest.remove_prefix(value.size());
  }
  if (rest != literals_.back() || match.text.empty()) return std::nullopt;
  return match;
}

}  // namespace llmdyno
