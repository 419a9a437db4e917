#include "completion_parts.h"
#include "completions.h"

namespace llmdyno {
namespace {

// Finds out whose flags they are, and which flag waits for its value; the tables stand before it.
constexpr const char* kFunction = R"bash(
_llmdyno() {
  local cur=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]} first=1 face REPLY
  COMPREPLY=()
  # "--flag=value" comes as three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $flag == = ]] && (( COMP_CWORD > 1 )); then
    flag=${COMP_WORDS[COMP_CWORD-2]}
  fi
  face=${COMP_WORDS[0]##*/}
  if [[ $face == llmdyno ]] && (( COMP_CWORD > 1 )); then
    _llmdyno_face "${COMP_WORDS[1]}"
    face=$REPLY first=2
  fi
  if (( COMP_CWORD > first )) && _llmdyno_is_face "$face ${COMP_WORDS[first]}"; then
    face="$face ${COMP_WORDS[first]}"
    first=$(( first + 1 ))
  fi
  _llmdyno_value "$face" "${flag//_/-}"
  case $REPLY in
    @files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    @folders)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    @text) ;;
    ?*) mapfile -t COMPREPLY < <(compgen -W "$REPLY" -- "$cur") ;;
    *)
      if [[ $cur != -* ]] && _llmdyno_takes_files "$face"; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      else
        _llmdyno_words "$face" "$(( COMP_CWORD == first ))"
        mapfile -t COMPREPLY < <(compgen -W "$REPLY" -- "$cur")
      fi ;;
  esac
}
)bash";

std::string Case(const std::string& pattern, const std::string& reply) {
  return "    " + pattern + ") REPLY=" + reply + " ;;\n";
}

std::string Faces() {
  std::string text = "# What `llmdyno WORD` runs.\n_llmdyno_face() {\n  case $1 in\n";
  for (const Command& command : kCommands) text += Case(std::string(command.name), Quoted(WordsOf(command)));
  for (const BuiltIn& each : kBuiltIns) {
    text += Case(std::string(each.name), "'llmdyno " + std::string(each.name) + "'");
  }
  text += Case("*", "") + "  esac\n}\n\n_llmdyno_is_face() {\n  case $1 in\n    ";
  for (const Subcommand& each : kSubcommands) {
    text += Quoted(std::string(each.program) + " " + std::string(each.name)) +
            (&each == &kSubcommands.back() ? "" : "|");
  }
  return text + ") return 0 ;;\n  esac\n  return 1\n}\n\n";
}

std::string FilesOf(std::span<const ProgramHelp> programs) {
  std::vector<std::string> patterns;
  for (const ProgramHelp& program : programs) {
    if (program.takes_files) patterns.push_back(Quoted(program.words));
  }
  return "_llmdyno_takes_files() {\n  case $1 in\n    " + Joined(patterns, "|") +
         ") return 0 ;;\n  esac\n  return 1\n}\n\n";
}

std::string Words(std::span<const ProgramHelp> programs) {
  std::string text =
      "# The words that may stand where no value is expected; $2 is 1 where a subcommand may stand.\n"
      "_llmdyno_words() {\n  case $1 in\n";
  std::vector<std::string> commands;
  for (const Command& command : kCommands) commands.emplace_back(command.name);
  for (const BuiltIn& each : kBuiltIns) commands.emplace_back(each.name);
  text += Case("llmdyno", Quoted(Joined(commands, " ") + " --help --version"));
  text += Case("'llmdyno completions'", "'bash zsh fish'");
  text += Case("'llmdyno man-page'", Quoted(Joined(ProgramNames(programs), " ")));
  for (const ProgramHelp& program : programs) {
    std::vector<std::string> flags;
    for (const ProgramFlag& flag : program.flags) flags.push_back("--" + flag.name);
    text += Case(Quoted(program.words), Quoted(Joined(flags, " ")));
  }
  text += Case("*", "") + "  esac\n  (( $2 )) || return 0\n  case $1 in\n";
  for (const std::string& name : ProgramNames(programs)) {
    const std::string subcommands = SubcommandsOf(name);
    if (!subcommands.empty()) text += "    " + name + ") REPLY=" + Quoted(subcommands + " ") + "$REPLY ;;\n";
  }
  return text + "  esac\n}\n\n";
}

std::string ReplyFor(const ProgramFlag& flag) {
  if (!flag.choices.empty()) return Quoted(Joined(flag.choices, " "));
  if (flag.TakesFile()) return "@files";
  return flag.TakesFolder() ? "@folders" : "@text";
}

std::string Values(std::span<const ProgramHelp> programs) {
  std::string text =
      "# What a flag takes: words, @files, @folders, @text; nothing when it is a switch, or no flag.\n"
      "_llmdyno_value() {\n  case \"$1 $2\" in\n";
  for (const ProgramHelp& program : programs) {
    for (const ProgramFlag& flag : program.flags) {
      if (flag.argument.empty()) continue;
      text += Case(Quoted(program.words + " --" + flag.name), ReplyFor(flag));
    }
  }
  return text + Case("*", "") + "  esac\n}\n";
}

}  // namespace

std::string BashCompletions(std::span<const ProgramHelp> programs) {
  return "# Completions of llmdyno for bash, made by `llmdyno completions bash`.\n\n" + Faces() +
         FilesOf(programs) + Words(programs) + Values(programs) + kFunction + "\ncomplete -F _llmdyno " +
         Joined(ProgramNames(programs), " ") + "\n";
}

}  // namespace llmdyno
