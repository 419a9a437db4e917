#include "completion_parts.h"
#include "completions.h"

namespace llmdyno {
namespace {

// One word for fish, which knows two escapes between single quotes.
std::string FishQuoted(std::string_view text) {
  return "'" + ReplaceAll(ReplaceAll(std::string(text), "\\", "\\\\"), "'", "\\'") + "'";
}

std::string FindFace() {
  std::string text =
      "# Whose flags are wanted: \"llmdyno-qps serve\".\n"
      "function __llmdyno_face\n"
      "    set -l words (commandline -opc)\n"
      "    set -l face (string replace -r '^.*/' '' -- $words[1])\n"
      "    set -l next 2\n"
      "    if test \"$face\" = llmdyno; and set -q words[2]\n"
      "        set next 3\n"
      "        switch $words[2]\n";
  for (const Command& command : kCommands) {
    text += "            case " + std::string(command.name) + "\n                set face " +
            FishQuoted(WordsOf(command)) + "\n";
  }
  text +=
      "            case '*'\n                set face \"llmdyno $words[2]\"\n"
      "        end\n    end\n"
      "    if set -q words[$next]\n"
      "        switch \"$face $words[$next]\"\n            case";
  for (const Subcommand& each : kSubcommands) {
    text += " " + FishQuoted(std::string(each.program) + " " + std::string(each.name));
  }
  return text +
         "\n                set face \"$face $words[$next]\"\n"
         "        end\n    end\n"
         "    echo $face\n"
         "end\n\n"
         "function __llmdyno_is\n    test (__llmdyno_face) = \"$argv\"\nend\n\n";
}

// The commands that may be typed to come to a set of flags, and the condition that they have.
std::string Begin(const std::string& words) {
  const std::string program = words.substr(0, words.find(' '));
  return "complete -c llmdyno" + (program == "llmdyno" ? "" : " -c " + program) + " -n " +
         FishQuoted("__llmdyno_is " + words);
}

std::string ValueOf(const ProgramFlag& flag) {
  if (flag.argument.empty()) return "";
  if (!flag.choices.empty()) return " -x -a " + FishQuoted(Joined(flag.choices, " "));
  if (flag.TakesFile()) return " -r -F";
  return flag.TakesFolder() ? " -x -a '(__fish_complete_directories)'" : " -x";
}

std::string Commands(std::span<const ProgramHelp> programs) {
  std::string text;
  const std::string begin = Begin("llmdyno");
  for (const Command& command : kCommands) {
    text += begin + " -a " + std::string(command.name) + " -d " + FishQuoted(command.summary) + "\n";
  }
  for (const BuiltIn& each : kBuiltIns) {
    text += begin + " -a " + std::string(each.name) + " -d " + FishQuoted(each.summary) + "\n";
  }
  text += begin + " -l help -d 'Print the commands'\n" + begin + " -l version -d 'Print the version'\n";
  text += Begin("llmdyno completions") + " -a 'bash zsh fish'\n";
  return text + Begin("llmdyno man-page") + " -a " + FishQuoted(Joined(ProgramNames(programs), " ")) + "\n";
}

}  // namespace

std::string FishCompletions(std::span<const ProgramHelp> programs) {
  std::string text =
      "# Completions of llmdyno for fish, made by `llmdyno completions fish`.\n\n" + FindFace();
  for (const std::string& name : ProgramNames(programs)) text += "complete -c " + name + " -f\n";
  text += Commands(programs);
  for (const ProgramHelp& program : programs) {
    const std::string begin = Begin(program.words);
    const std::string subcommands = SubcommandsOf(program.words);
    if (!subcommands.empty()) text += begin + " -a " + FishQuoted(subcommands) + "\n";
    if (program.takes_files) text += begin + " -F\n";
    for (const ProgramFlag& flag : program.flags) {
      text += begin + " -l " + flag.name + ValueOf(flag) + " -d " + FishQuoted(flag.help) + "\n";
    }
  }
  return text;
}

}  // namespace llmdyno
