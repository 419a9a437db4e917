#include "report/markdown_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "llmdyno/base/number_text.h"

namespace llmdyno {
namespace {

constexpr const char* kDash = "–";

// With separators between the thousands of the whole part.
std::string Fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, std::fabs(value));
  const std::string_view digits(text);
  const size_t point = digits.find('.');
  std::string whole = WithThousands(static_cast<int64_t>(std::stoll(std::string(digits.substr(0, point)))));
  if (point != std::string_view::npos) whole += digits.substr(point);
  return (value < 0 ? "-" : "") + whole;
}

std::string General(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

}  // namespace

std::string MarkdownText(std::string_view text) {
  constexpr std::string_view kMarkup = "\\`*[]<>|#~";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      escaped += ' ';
    } else if (c == '@') {
      escaped += "&#64;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else {
      if (kMarkup.find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

const Json& MemberAt(const Json& json, const std::string& pointer) {
  static const Json kNull;
  const Json* at = &json;
  // A JSON pointer of nlohmann's throws for a list's member that is no number.
  for (size_t begin = 1; begin <= pointer.size();) {
    const size_t end = std::min(pointer.find('/', begin), pointer.size());
    if (!at->is_object()) return kNull;
    const auto found = at->find(pointer.substr(begin, end - begin));
    if (found == at->end()) return kNull;
    at = &*found;
    begin = end + 1;
  }
  return *at;
}

std::string MarkdownNumber(const Json& value) {
  if (!value.is_number()) return kDash;
  const double number = value.get<double>();
  if (!std::isfinite(number)) return kDash;
  const double size = std::fabs(number);
  constexpr double kMostDigits = 1e15;
  if (size >= kMostDigits) return General(number);
  if (value.is_number_integer()) return WithThousands(value.get<int64_t>());
  if (size >= 100) return Fixed(number, 1);
  if (size >= 1) return Fixed(number, 2);
  return General(number);
}

std::string MarkdownCell(const Json& value) {
  if (value.is_number()) return MarkdownNumber(value);
  if (!value.is_string()) return kDash;
  const std::string text = MarkdownText(value.get_ref<const std::string&>());
  return text.empty() ? kDash : text;
}

std::string MarkdownInterval(const Json& value) {
  if (!value.is_array() || value.size() != 2 || !value[0].is_number() || !value[1].is_number()) return kDash;
  return MarkdownNumber(value[0]) + " – " + MarkdownNumber(value[1]);
}

MarkdownTable::MarkdownTable(std::vector<std::string> columns) : columns_(std::move(columns)) {}

void MarkdownTable::AddRow(const std::vector<std::string>& cells) { rows_.push_back(cells); }

std::string MarkdownTable::Text() const {
  if (rows_.empty()) return "";
  std::vector<size_t> shown = {0};
  for (size_t column = 1; column < columns_.size(); ++column) {
    const bool has_value = std::any_of(rows_.begin(), rows_.end(), [&](const std::vector<std::string>& row) {
      return row[column] != kDash;
    });
    if (has_value) shown.push_back(column);
  }
  std::string text;
  const auto add_line = [&](const auto& cell) {
    text += '|';
    for (const size_t column : shown) text += ' ' + cell(column) + " |";
    text += '\n';
  };
  add_line([&](size_t column) { return columns_[column]; });
  add_line([&](size_t column) { return std::string(column == 0 ? "---" : "---:"); });
  for (const std::vector<std::string>& row : rows_) add_line([&](size_t column) { return row[column]; });
  return text;
}

std::string MarkdownList(std::string_view title, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string text = "\n### " + std::string(title) + "\n\n";
  for (const std::string& line : lines) text += "- " + line + "\n";
  return text;
}

}  // namespace llmdyno
