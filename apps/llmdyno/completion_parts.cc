#include "completion_parts.h"

namespace llmdyno {

std::vector<std::string> ProgramNames(std::span<const ProgramHelp> programs) {
  std::vector<std::string> names = {"llmdyno"};
  for (const ProgramHelp& program : programs) {
    if (program.words.find(' ') == std::string::npos) names.push_back(program.words);
  }
  return names;
}

std::string WordsOf(const Command& command) {
  std::string words(command.program);
  const bool is_subcommand = !command.first_argument.empty() && !command.first_argument.starts_with('-');
  return is_subcommand ? words + " " + std::string(command.first_argument) : words;
}

std::string SubcommandsOf(std::string_view program) {
  std::vector<std::string> names;
  for (const Subcommand& subcommand : kSubcommands) {
    if (subcommand.program == program) names.emplace_back(subcommand.name);
  }
  return Joined(names, " ");
}

std::string Quoted(std::string_view text) { return "'" + ReplaceAll(std::string(text), "'", "'\\''") + "'"; }

std::string Joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

std::string ReplaceAll(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace llmdyno
