#include "cli/flag_help.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace llmdyno {
namespace {

// Wraps words so that lines of help end by column 100.
void AppendWrapped(const std::string& text, size_t indent, std::string& out) {
  size_t column = indent;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (column + (end - at) > 100 && column > indent) {
      out.pop_back();  // the space behind the word before
      out += '\n' + std::string(indent, ' ');
      column = indent;
    }
    out += text.substr(at, end - at) + ' ';
    column += end - at + 1;
    at = end + 1;
  }
  if (out.ends_with(' ')) out.pop_back();
}

}  // namespace

std::string FormatFlagHelp(const std::string& program, const std::string& summary,
                           std::span<const FlagRow> rows) {
  constexpr size_t kHelpColumn = 34;
  std::string text = program + ": " + summary + "\n\nUsage: " + program + " [flags]\n";
  std::string section;
  for (const FlagRow& row : rows) {
    if (row.section != section) {
      section = row.section;
      text += "\n" + section + ":\n";
    }
    std::string left = "  --" + row.name + (row.argument.empty() ? "" : " " + row.argument);
    left += left.size() + 2 > kHelpColumn ? "\n" + std::string(kHelpColumn, ' ')
                                          : std::string(kHelpColumn - left.size(), ' ');
    text += left;
    AppendWrapped(row.help + (row.default_text.empty() ? "" : " [default: " + row.default_text + "]"),
                  kHelpColumn, text);
    text += '\n';
  }
  text +=
      "\n  --help                            Print this text.\n  --version                         Print the "
      "version.\n";
  return text;
}

std::string FlagHelpJson(const std::string& program, const std::string& summary,
                         std::span<const FlagRow> rows) {
  auto flags = nlohmann::ordered_json::array();
  for (const FlagRow& row : rows) {
    flags.push_back({{"name", row.name},
                     {"argument", row.argument},
                     {"choices", row.choices},
                     {"takes_several", row.takes_several},
                     {"section", row.section},
                     {"help", row.help},
                     {"default", row.default_text}});
  }
  const nlohmann::ordered_json help = {{"program", program}, {"summary", summary}, {"flags", flags}};
  return help.dump(1) + "\n";
}

}  // namespace llmdyno
