#include "completion_parts.h"
#include "completions.h"

namespace llmdyno {
namespace {

// Text inside the brackets of a specification, or between its colons.
std::string Escaped(std::string text) {
  text = ReplaceAll(std::move(text), "\\", "\\\\");
  for (const std::string special : {"[", "]", ":"})
    text = ReplaceAll(std::move(text), special, "\\" + special);
  return text;
}

std::string ActionOf(const ProgramFlag& flag) {
  if (!flag.choices.empty()) return "(" + Joined(flag.choices, " ") + ")";
  if (flag.TakesFile()) return "_files";
  return flag.TakesFolder() ? "_files -/" : " ";
}

// "'*--host=[Send to this server]:URL: '"; a flag may be given again: the last one holds.
std::string Specification(const ProgramFlag& flag) {
  const std::string begin = "*--" + flag.name;
  const std::string help = "[" + Escaped(flag.help) + "]";
  if (flag.argument.empty()) return Quoted(begin + help);
  return Quoted(begin + "=" + help + ":" + Escaped(flag.argument) + ":" + ActionOf(flag));
}

std::string ArgumentsOf(const ProgramHelp& program) {
  std::string text = "    " + Quoted(program.words) + ")\n      _arguments -S";
  for (const ProgramFlag& flag : program.flags) text += " \\\n        " + Specification(flag);
  const std::string subcommands = SubcommandsOf(program.words);
  if (!subcommands.empty()) text += " \\\n        " + Quoted("1:subcommand:(" + subcommands + ")");
  if (program.takes_files) text += " \\\n        '*:file:_files'";
  return text + " ;;\n";
}

std::string CommandList() {
  std::string text = "  local -a commands=(\n";
  for (const Command& command : kCommands) {
    text += "    " + Quoted(std::string(command.name) + ":" + Escaped(std::string(command.summary))) + "\n";
  }
  for (const BuiltIn& each : kBuiltIns) {
    text += "    " + Quoted(std::string(each.name) + ":" + Escaped(std::string(each.summary))) + "\n";
  }
  return text + "    --help:'print the commands' --version:'print the version'\n  )\n";
}

// Which set of flags it is; `words` and CURRENT are moved on as if its program had been typed.
std::string FindFace(std::span<const ProgramHelp> programs) {
  std::string text =
      "  local face=$service\n"
      "  if [[ $face == llmdyno ]]; then\n"
      "    if (( CURRENT == 2 )); then\n"
      "      _describe command commands\n"
      "      return\n"
      "    fi\n"
      "    case $words[2] in\n"
      "      completions) _values shell bash zsh fish; return ;;\n"
      "      man-page) _values page " +
      Joined(ProgramNames(programs), " ") + "; return ;;\n";
  for (const Command& command : kCommands) {
    text += "      " + std::string(command.name) + ") face=" + Quoted(WordsOf(command)) + " ;;\n";
  }
  text +=
      "      *) return 1 ;;\n"
      "    esac\n"
      "    shift words\n"
      "    (( CURRENT-- ))\n"
      "  fi\n"
      "  if (( CURRENT > 2 )); then\n"
      "    case \"$face $words[2]\" in\n      ";
  for (const Subcommand& each : kSubcommands) {
    text += Quoted(std::string(each.program) + " " + std::string(each.name)) +
            (&each == &kSubcommands.back() ? "" : "|");
  }
  return text +
         ")\n"
         "        face+=\" $words[2]\"\n"
         "        shift words\n"
         "        (( CURRENT-- )) ;;\n"
         "    esac\n"
         "  fi\n";
}

}  // namespace

std::string ZshCompletions(std::span<const ProgramHelp> programs) {
  std::string text =
      "#compdef " + Joined(ProgramNames(programs), " ") +
      "\n# Completions of llmdyno for zsh, made by `llmdyno completions zsh`.\n\n_llmdyno() {\n" +
      CommandList() + FindFace(programs) + "  case $face in\n";
  for (const ProgramHelp& program : programs) text += ArgumentsOf(program);
  // Loaded from a folder of $fpath the file is the function's body; sourced, it has to be made known.
  return text +
         "  esac\n}\n\n"
         "if [[ $funcstack[1] == _llmdyno ]]; then\n  _llmdyno \"$@\"\nelse\n  compdef _llmdyno " +
         Joined(ProgramNames(programs), " ") + "\nfi\n";
}

}  // namespace llmdyno
