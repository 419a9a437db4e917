#include "dialect/json_text.h"

#include <charconv>
#include <cstdint>

namespace llmdyno {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// The four hexadecimal digits at the start of the text.
std::optional<uint32_t> ReadUnit(std::string_view text) {
  uint32_t unit = 0;
  if (text.size() < 4) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, unit, 16);
  return error == std::errc() && end == text.data() + 4 ? std::optional(unit) : std::nullopt;
}

void AppendUtf8(uint32_t code_point, std::string& text) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += static_cast<char>(0xC0U | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    text += static_cast<char>(0xE0U | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0U | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// Takes the digits behind "\u" off `rest`, and those of a second half with them.
bool TakeCodePoint(std::string_view& rest, std::string& text) {
  const auto unit = ReadUnit(rest);
  if (!unit) return false;
  rest.remove_prefix(4);
  uint32_t code_point = *unit;
  if (IsHighSurrogate(*unit)) {
    const auto low = rest.starts_with("\\u") ? ReadUnit(rest.substr(2)) : std::nullopt;
    if (low && IsLowSurrogate(*low)) {
      code_point = 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
      rest.remove_prefix(6);
    } else {
      code_point = kReplacement;
    }
  } else if (IsLowSurrogate(*unit)) {
    code_point = kReplacement;
  }
  AppendUtf8(code_point, text);
  return true;
}

}  // namespace

std::optional<std::string> UnescapeLeniently(std::string_view raw) {
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  std::string text;
  for (std::string_view rest = raw.substr(raw.empty() ? 0 : 1); !rest.empty();) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"') return text;
    if (c != '\\') {
      text += c;
      continue;
    }
    if (rest.empty()) return std::nullopt;
    const char escape = rest.front();
    rest.remove_prefix(1);
    if (escape == 'u') {
      if (!TakeCodePoint(rest, text)) return std::nullopt;
    } else if (const size_t which = kEscapes.find(escape); which != std::string_view::npos) {
      text += kMeanings[which];
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace llmdyno
