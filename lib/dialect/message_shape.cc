#include "dialect/message_shape.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace llmdyno {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr uint64_t kOnes = 0x0101'0101'0101'0101;
constexpr uint64_t kHighs = kOnes * 0x80;

// The high bit of each of eight bytes that is a control character, a quote or a backslash. Of bytes behind
// (in the number: above) such a one it may be set for nothing.
uint64_t SpecialBytes(uint64_t word) {
  const auto zero_byte = [](uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighs; };
  return ((word - kOnes * 0x20) & ~word & kHighs) | zero_byte(word ^ kOnes * '"') |
         zero_byte(word ^ kOnes * '\\');
}

bool IsSpecial(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// "It is no such thing", of lengths. Not an optional: going through memory in two parts and out of it in one,
// that cost a third of reading a message.
constexpr size_t kNone = std::string_view::npos;

// How long the JSON string's inside is that begins here, up to its quote, when its raw form is also its
// value: no escapes, no control characters, valid UTF-8. Nothing otherwise. Eight bytes at a time, as this is
// half of what reading a message costs.
size_t PlainLength(std::string_view rest) {
  static_assert(std::endian::native == std::endian::little, "the first byte is taken for the lowest");
  uint64_t any = 0;
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= rest.size(); at += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, rest.data() + at, sizeof word);
    if (const uint64_t special = SpecialBytes(word)) {
      const int before = std::countr_zero(special) / 8 * 8;
      any |= word & ((uint64_t{1} << before) - 1);
      at += static_cast<size_t>(before / 8);
      break;
    }
    any |= word;
  }
  while (at < rest.size() && !IsSpecial(rest[at])) any |= static_cast<unsigned char>(rest[at++]);
  if (at == rest.size() || rest[at] != '"') return kNone;
  if ((any & kHighs) != 0 && !simdjson::validate_utf8(rest.substr(0, at))) return kNone;
  return at;
}

// How long the number is that begins here: some digits, and no zero in front of others.
size_t NumberLength(std::string_view rest) {
  size_t length = 0;
  while (length < rest.size() && IsDigit(rest[length])) ++length;
  if (length == 0 || (length > 1 && rest[0] == '0')) return kNone;
  return length;
}

// How long the variable part is that begins here; kNone when it is none of its kind.
size_t LengthOf(std::string_view rest, MessageShape::Kind kind) {
  return kind == MessageShape::Kind::kDigits ? NumberLength(rest) : PlainLength(rest);
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
    if (LengthOf(message.substr(variable.start), variable.kind) != variable.end - variable.start) continue;
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
    const size_t length = LengthOf(rest, kinds_[i]);
    if (length == kNone) return std::nullopt;
    if (kinds_[i] == Kind::kText) match.text = rest.substr(0, length);
    rest.remove_prefix(length);
  }
  if (rest != literals_.back() || match.text.empty()) return std::nullopt;
  return match;
}

}  // namespace llmdyno
