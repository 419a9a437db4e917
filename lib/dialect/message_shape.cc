#include "dialect/message_shape.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace llmdyno {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr uint64_t kOnes = 0x0101'0101'0101'0101;
constexpr uint64_t kHighs = kOnes * 0x80;

// Not zero when one of eight bytes is a control character, a quote or a backslash.
uint64_t SpecialBytes(uint64_t word) {
  const auto zero_byte = [](uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighs; };
  return ((word - kOnes * 0x20) & ~word & kHighs) | zero_byte(word ^ kOnes * '"') |
         zero_byte(word ^ kOnes * '\\');
}

uint64_t EightBytes(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// True when a JSON string's raw form is also its value: no escapes, no control characters, valid UTF-8. Eight
// bytes at a time, as this is half of what reading a message costs.
bool IsPlain(std::string_view text) {
  uint64_t special = 0;
  uint64_t any = 0;
  const auto look = [&](uint64_t word) {
    special |= SpecialBytes(word);
    any |= word;
  };
  if (text.size() < sizeof(uint64_t)) {
    uint64_t word = kOnes * 'a';
    for (const char c : text) word = word << 8 | static_cast<unsigned char>(c);
    look(word);
  } else {
    const size_t last = text.size() - sizeof(uint64_t);
    for (size_t at = 0; at < last; at += sizeof(uint64_t)) look(EightBytes(text.data() + at));
    look(EightBytes(text.data() + last));  // may overlap the one before
  }
  return special == 0 && ((any & kHighs) == 0 || simdjson::validate_utf8(text));
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
