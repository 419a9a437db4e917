#include "base/json_writer.h"

#include <cstring>

namespace llmdyno {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101U;
constexpr uint64_t kHighBits = 0x8080808080808080U;

// True when one of the eight bytes is zero (Warren, Hacker's Delight, section 6-1).
bool HasZero(uint64_t word) { return ((word - kOnes) & ~word & kHighBits) != 0; }

bool IsPlain(unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

// How many bytes at the front stand for themselves; looks at eight at once.
size_t PlainPrefix(std::string_view text) {
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    const bool has_control = ((word - kOnes * 0x20) & ~word & kHighBits) != 0;
    const bool has_quote = HasZero(word ^ (kOnes * '"')) || HasZero(word ^ (kOnes * '\\'));
    if ((word & kHighBits) != 0 || has_control || has_quote) break;
  }
  while (at < text.size() && IsPlain(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

bool IsWithin(unsigned char c, unsigned char low, unsigned char high) { return c >= low && c <= high; }

// The sequence that a byte of 0x80 or more begins: how long it is, and what may come second (Unicode 15,
// table 3-7). A length of 0: nothing well-formed begins like this.
struct Utf8Sequence {
  size_t length = 0;
  unsigned char second_low = 0x80;
  unsigned char second_high = 0xBF;
};

Utf8Sequence SequenceOf(unsigned char lead) {
  if (IsWithin(lead, 0xC2, 0xDF)) return {2};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (IsWithin(lead, 0xE1, 0xEF)) return {3};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (IsWithin(lead, 0xF1, 0xF3)) return {4};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

// Appends the sequence at the front, or U+FFFD for as much of it as is there; returns the bytes used.
size_t AppendSequence(std::string_view text, std::string& json) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const Utf8Sequence sequence = SequenceOf(byte(0));
  size_t used = 1;
  if (sequence.length > 1 && text.size() > 1 &&
      IsWithin(byte(1), sequence.second_low, sequence.second_high)) {
    for (used = 2; used < sequence.length && used < text.size() && IsWithin(byte(used), 0x80, 0xBF);) ++used;
  }
  if (used == sequence.length) {
    json.append(text.substr(0, used));
  } else {
    json += "\xEF\xBF\xBD";
  }
  return used;
}

void AppendEscape(unsigned char c, std::string& json) {
  constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
  constexpr std::string_view kNames = "\"\\bfnrt";
  constexpr std::string_view kDigits = "0123456789abcdef";
  json += '\\';
  if (const size_t which = kNamed.find(static_cast<char>(c)); which != std::string_view::npos) {
    json += kNames[which];
    return;
  }
  json += "u00";
  json += kDigits[c >> 4U];
  json += kDigits[c & 0xFU];
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& json) {
  json += '"';
  while (!text.empty()) {
    const size_t plain = PlainPrefix(text);
    json.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto c = static_cast<unsigned char>(text.front());
    size_t used = 1;
    if (c >= 0x80) {
      used = AppendSequence(text, json);
    } else {
      AppendEscape(c, json);
    }
    text.remove_prefix(used);
  }
  json += '"';
}

}  // namespace llmdyno
