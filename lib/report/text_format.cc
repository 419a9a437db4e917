#include "report/text_format.h"

#include <algorithm>
#include <cstdio>

#include "llmdyno/base/number_text.h"

namespace llmdyno {
namespace {

bool StartsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

std::string Fixed(double value, int decimals) {
  char text[400];  // the largest double has 309 digits before the point
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string digits(text);
  const size_t first = digits.starts_with('-') ? 1 : 0;
  const size_t point = digits.find('.');
  for (size_t at = point == std::string::npos ? digits.size() : point; at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string FixedOrDash(const std::optional<double>& value, int decimals) {
  return value ? Fixed(*value, decimals) : "-";
}

size_t ScreenWidth(std::string_view text) {
  size_t width = 0;
  for (const char c : text) width += StartsCodePoint(c) ? 1 : 0;
  return width;
}

std::string PadLeft(std::string_view text, size_t width) {
  const size_t have = ScreenWidth(text);
  return std::string(have < width ? width - have : 0, ' ') + std::string(text);
}

std::string PadRight(std::string_view text, size_t width) {
  const size_t have = ScreenWidth(text);
  return std::string(text) + std::string(have < width ? width - have : 0, ' ');
}

std::string Wrap(std::string_view text, size_t width, std::string_view indent) {
  const size_t first_word = std::min(text.find_first_not_of(' '), text.size());
  std::string line(text.substr(0, first_word));
  text.remove_prefix(first_word);
  std::string wrapped;
  bool has_words = false;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (has_words && ScreenWidth(line) + 1 + ScreenWidth(word) > width) {
      wrapped += line + "\n";
      line = indent;
      has_words = false;
    }
    if (has_words) line += ' ';
    line += word;
    has_words = true;
  }
  return wrapped + line + "\n";
}

std::string Labeled(std::string_view label, std::string_view text) {
  const std::string head = PadRight("  " + std::string(label), kReportLabelWidth + 2);
  const std::string body = Wrap(text, kReportWidth - kReportLabelWidth - 2, "");
  std::string lines;
  size_t at = 0;
  while (at < body.size()) {
    const size_t end = body.find('\n', at);
    lines += (at == 0 ? head : std::string(kReportLabelWidth + 2, ' ')) + body.substr(at, end - at + 1);
    at = end + 1;
  }
  return lines;
}

std::string Shorten(std::string_view text, size_t width) {
  if (ScreenWidth(text) <= width) return std::string(text);
  size_t end = 0;
  for (size_t columns = 0; end < text.size(); ++end) {
    if (StartsCodePoint(text[end]) && ++columns > width - 3) break;
  }
  return std::string(text.substr(0, end)) + "...";
}

std::string Count(int64_t count, std::string_view noun) {
  return WithThousands(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string OneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return line;
}

}  // namespace llmdyno
