#include "llmdyno/workload/prompt_template.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"

namespace llmdyno {
namespace {

absl::Status WrongAt(size_t position, const std::string& what) {
  return absl::InvalidArgumentError("character " + std::to_string(position + 1) + ": " + what);
}

}  // namespace

absl::StatusOr<PromptTemplate> PromptTemplate::Parse(std::string_view text) {
  PromptTemplate parsed;
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '{' && c != '}') {
      plain += c;
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == c) {
      plain += c;
      ++i;
      continue;
    }
    if (c == '}') return WrongAt(i, "a '}' without a '{' before it; write '}}' for the brace itself");
    const size_t end = text.find_first_of("{}", i + 1);
    if (end == std::string_view::npos || text[end] == '{') {
      return WrongAt(i, "this '{' is not closed; write '{{' for the brace itself");
    }
    std::string column(text.substr(i + 1, end - i - 1));
    if (column.empty()) return WrongAt(i, "expected the name of a column between '{' and '}'");
    if (!plain.empty()) parsed.pieces_.push_back({std::exchange(plain, {}), false});
    if (std::find(parsed.columns_.begin(), parsed.columns_.end(), column) == parsed.columns_.end()) {
      parsed.columns_.push_back(column);
    }
    parsed.pieces_.push_back({std::move(column), true});
    i = end;
  }
  if (!plain.empty()) parsed.pieces_.push_back({std::move(plain), false});
  if (parsed.columns_.empty()) {
    return absl::InvalidArgumentError("expected the name of a column in braces, as in '{question}'");
  }
  return parsed;
}

absl::StatusOr<std::string> PromptTemplate::Fill(const Lookup& lookup) const {
  std::string prompt;
  for (const Piece& piece : pieces_) {
    if (!piece.is_column) {
      prompt += piece.text;
      continue;
    }
    const std::optional<std::string> value = lookup(piece.text);
    if (!value) return absl::NotFoundError("no column '" + piece.text + "'");
    prompt += *value;
  }
  return prompt;
}

}  // namespace llmdyno
