// A prompt with gaps that the columns of a row fill: "Passage: {context}\n\nQuestion: {question}". Loaders of
// datasets fill it in, row by row.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace llmdyno {

// A value; safe to use from several threads.
class PromptTemplate {
 public:
  // "{{" and "}}" stand for the braces themselves. InvalidArgument with the character at which a brace has no
  // partner or a placeholder no name, and when there is no placeholder at all: all prompts would be the same.
  static absl::StatusOr<PromptTemplate> Parse(std::string_view text);

  // The columns that it names, each once, in the order of the text.
  const std::vector<std::string>& columns() const { return columns_; }

  // What a column of the row holds; nothing when the row has no such column.
  using Lookup = std::function<std::optional<std::string>(std::string_view column)>;
  // NotFound, "no column 'context'", when the row lacks one.
  absl::StatusOr<std::string> Fill(const Lookup& lookup) const;

 private:
  struct Piece {
    std::string text;  // a column's name, or what stands between them
    bool is_column = false;
  };
  std::vector<Piece> pieces_;
  std::vector<std::string> columns_;
};

}  // namespace llmdyno
