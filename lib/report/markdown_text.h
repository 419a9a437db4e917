// Pieces of GitHub-flavoured Markdown: what a text of somebody else's becomes, numbers, tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/report_json.h"

namespace llmdyno {

// On one line and without markup of its own, whoever wrote it: an endpoint's message must not make a table
// fall apart, or call people.
std::string MarkdownText(std::string_view text);

// The member that a JSON pointer names; null when it is not there.
const Json& MemberAt(const Json& json, const std::string& pointer);

// "1,234", "1,234.5", "12.34", "0.001235"; a dash for what is no number.
std::string MarkdownNumber(const Json& value);
// A dash for what is no text, or an empty one. Numbers are written as such ("inf" is a text in some files).
std::string MarkdownCell(const Json& value);
// "1.20 – 1.40"; a dash for what is no pair of numbers.
std::string MarkdownInterval(const Json& value);

class MarkdownTable {
 public:
  // The first column is of names and stands left, all others stand right.
  explicit MarkdownTable(std::vector<std::string> columns);
  // As many cells as there are columns.
  void AddRow(const std::vector<std::string>& cells);
  // Without the columns, but for the first, in which no row has more than a dash. Empty without a row.
  std::string Text() const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// "### Title", an empty line, and a line for each text; empty without texts.
std::string MarkdownList(std::string_view title, const std::vector<std::string>& lines);

}  // namespace llmdyno
