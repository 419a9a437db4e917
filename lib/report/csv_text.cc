#include "report/csv_text.h"

namespace llmdyno {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The length of the code point that `text` begins with, or 0 when it is not well-formed UTF-8. Overlong forms
// and surrogates are refused by the second byte's range (Unicode 15, table 3-7).
size_t CodePointLength(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return lead == 0 ? 0 : 1;
  const size_t length = lead >= 0xf0 && lead <= 0xf4  ? 4
                        : lead >= 0xe0 && lead < 0xf0 ? 3
                        : lead >= 0xc2 && lead < 0xe0 ? 2
                                                      : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool is_odd = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                      (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
  return is_odd ? 0 : length;
}

}  // namespace

void AppendCsvField(std::string_view field, std::string& row) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    row += field;
    return;
  }
  row += '"';
  for (const char c : field) {
    if (c == '"') row += '"';
    row += c;
  }
  row += '"';
}

std::string CutText(std::string_view text, size_t limit) {
  std::string cut;
  for (size_t characters = 0; !text.empty(); ++characters) {
    if (characters == limit) return cut + "...";
    const size_t length = CodePointLength(text);
    cut += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return cut;
}

bool CsvReader::Next(std::vector<std::string>& fields) {
  fields.clear();
  std::string field;
  bool in_quotes = false;
  bool was_quoted = false;
  line_ = next_line_;
  for (int c = in_.get(); c != std::istream::traits_type::eof(); c = in_.get()) {
    if (c == '\n') ++next_line_;
    if (in_quotes) {
      if (c != '"') {
        field += static_cast<char>(c);
      } else if (in_.peek() == '"') {
        field += static_cast<char>(in_.get());
      } else {
        in_quotes = false;
      }
      continue;
    }
    if (c == '"' && field.empty() && !was_quoted) {
      in_quotes = was_quoted = true;
    } else if (c == ',') {
      fields.push_back(std::move(field));
      field.clear();
      was_quoted = false;
    } else if (c == '\n') {
      if (fields.empty() && field.empty() && !was_quoted) {
        line_ = next_line_;
        continue;
      }
      fields.push_back(std::move(field));
      return true;
    } else if (c != '\r' || in_.peek() != '\n') {
      field += static_cast<char>(c);
    }
  }
  is_broken_ = in_quotes;
  if (in_quotes || (fields.empty() && field.empty() && !was_quoted)) return false;
  fields.push_back(std::move(field));
  return true;
}

}  // namespace llmdyno
