#include "man_page.h"

#include <algorithm>

#include "completion_parts.h"

namespace llmdyno {
namespace {

// Text that roff does not take for a command; hyphens stay what they are, so that flags can be copied.
std::string Roff(std::string_view text) {
  std::string escaped = ReplaceAll(std::string(text), "\\", "\\e");
  escaped = ReplaceAll(std::move(escaped), "-", "\\-");
  if (escaped.starts_with('.') || escaped.starts_with('\'')) escaped.insert(0, "\\&");
  return ReplaceAll(std::move(escaped), "\n", " ");
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

std::string Title(const std::string& name, const std::string& summary) {
  return ".\\\" Made by `llmdyno man-page " + name + "`.\n.TH " + Roff(Upper(name)) +
         " 1 \"\" \"llmdyno " LLMDYNO_VERSION "\" \"User Commands\"\n.SH NAME\n" + Roff(name) + " \\- " +
         Roff(summary) + "\n";
}

// Without the full stop that is at home in --help.
std::string NameLine(std::string summary) {
  if (summary.ends_with('.')) summary.pop_back();
  return summary;
}

std::string FlagEntry(const ProgramFlag& flag) {
  std::string text = ".TP\n\\fB\\-\\-" + Roff(flag.name) + "\\fR";
  if (!flag.argument.empty()) text += " \\fI" + Roff(flag.argument) + "\\fR";
  text += "\n" + Roff(flag.help);
  if (!flag.choices.empty() && flag.help.find(flag.choices.back()) == std::string::npos) {
    text += ": " + Roff(Joined(flag.choices, ", "));
  }
  if (!flag.default_text.empty()) text += " [default: " + Roff(flag.default_text) + "]";
  return text + "\n";
}

std::string Flags(const ProgramHelp& program) {
  std::string text;
  std::string section;
  for (const ProgramFlag& flag : program.flags) {
    if (flag.section != section && !flag.section.empty()) text += ".SS " + Roff(flag.section) + "\n";
    section = flag.section;
    text += FlagEntry(flag);
  }
  return text;
}

std::string ProgramPage(const std::string& name, std::span<const ProgramHelp> programs) {
  std::string synopsis;
  std::string body;
  std::string summary;
  for (const ProgramHelp& program : programs) {
    const bool is_subcommand = program.words.starts_with(name + " ");
    if (program.words != name && !is_subcommand) continue;
    const bool only_subcommands = !is_subcommand && name == "llmdyno-report";
    if (!is_subcommand) summary = NameLine(program.summary);
    synopsis += (synopsis.empty() ? "" : ".br\n") + ("\\fB" + Roff(program.words) + "\\fR ") +
                (only_subcommands ? "\\fISUBCOMMAND\\fR ..." : "[flags]") +
                (program.takes_files ? " \\fIFILE\\fR|\\fIFOLDER\\fR..." : "") + "\n";
    body += is_subcommand ? ".SH " + Roff(Upper(program.words.substr(name.size() + 1))) + "\n" +
                                Roff(program.words + " " + program.summary) + "\n"
                          : ".SH FLAGS\nHyphens and underscores are alike in names of flags.\n";
    body += Flags(program);
  }
  return Title(name, summary) + ".SH SYNOPSIS\n" + synopsis + body;
}

std::string DispatcherPage() {
  std::string text = Title("llmdyno", "a dynamometer for language-model engines") +
                     ".SH SYNOPSIS\n\\fBllmdyno\\fR \\fICOMMAND\\fR [flags]\n.SH COMMANDS\n";
  for (const Command& command : kCommands) {
    text += ".TP\n\\fB" + Roff(command.name) + "\\fR\n" + Roff(command.summary) + "; see \\fB" +
            Roff(command.program) + "\\fR(1)\n";
  }
  for (const BuiltIn& each : kBuiltIns) {
    text += ".TP\n\\fB" + Roff(each.name) + "\\fR \\fI" + Roff(each.argument) + "\\fR\n" +
            Roff(each.summary) + "\n";
  }
  return text;
}

std::string SeeAlso(const std::string& page, const std::vector<std::string>& names) {
  std::vector<std::string> others;
  for (const std::string& name : names) {
    if (name != page) others.push_back("\\fB" + Roff(name) + "\\fR(1)");
  }
  return ".SH SEE ALSO\n" + Joined(others, ",\n") + "\n";
}

}  // namespace

absl::StatusOr<std::string> ManPage(std::string_view page, std::span<const ProgramHelp> programs) {
  const std::string name(page);
  const std::vector<std::string> names = ProgramNames(programs);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    return absl::InvalidArgumentError("man-page: expected one of " + Joined(names, ", ") + ", got '" + name +
                                      "'");
  }
  return (name == "llmdyno" ? DispatcherPage() : ProgramPage(name, programs)) + SeeAlso(name, names);
}

}  // namespace llmdyno
