// llmdyno: `llmdyno race …` runs the program llmdyno-race that lies beside this one.
//   source <(llmdyno completions bash)
//   llmdyno man-page llmdyno-race | man -l -
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "commands.h"
#include "completions.h"
#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/status_macros.h"
#include "man_page.h"

namespace {

using llmdyno::BuiltIn;
using llmdyno::Command;
using llmdyno::kBuiltIns;
using llmdyno::kCommands;

void PrintHelp(FILE* out) {
  std::fputs(
      "llmdyno: a dynamometer for language-model engines.\n\nUsage: llmdyno COMMAND [flags]\n\nCommands:\n",
      out);
  for (const Command& command : kCommands) {
    std::fprintf(out, "  %-18s %s\n", std::string(command.name).c_str(),
                 std::string(command.summary).c_str());
  }
  for (const BuiltIn& each : kBuiltIns) {
    const std::string usage = std::string(each.name) + " " + std::string(each.argument);
    std::fprintf(out, "  %-18s %s\n", usage.c_str(), std::string(each.summary).c_str());
  }
  std::fputs("\n`llmdyno COMMAND --help` lists a command's flags.\n", out);
}

int UnknownCommand(const std::string& typed) {
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  for (const BuiltIn& each : kBuiltIns) names.emplace_back(each.name);
  const auto nearest = llmdyno::FindNearestName(typed, names);
  std::fprintf(stderr, "llmdyno: unknown command '%s'%s; see llmdyno --help\n", typed.c_str(),
               nearest ? (" (did you mean '" + *nearest + "'?)").c_str() : "");
  return 2;
}

// The folder of this program; empty when the system does not tell.
std::string OwnFolder() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "" : self.parent_path().string();
}

int Run(const Command& command, int argc, char* argv[]) {
  const std::string program(command.program);
  const std::string folder = OwnFolder();
  const std::string path = folder.empty() ? program : folder + "/" + program;
  std::vector<std::string> arguments = {program};
  if (!command.first_argument.empty()) arguments.emplace_back(command.first_argument);
  arguments.insert(arguments.end(), argv + 2, argv + argc);
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  ::execv(path.c_str(), raw.data());
  ::execvp(program.c_str(), raw.data());
  std::fprintf(stderr, "llmdyno: cannot start %s: %s; it should lie beside llmdyno or on the PATH\n",
               program.c_str(), std::strerror(errno));
  return 1;
}

absl::StatusOr<std::string> RunBuiltIn(const std::string& name, const std::vector<std::string>& arguments) {
  if (arguments.size() != 1) {
    return absl::InvalidArgumentError(name + ": expected one word behind it, such as " +
                                      (name == "completions" ? "bash" : "llmdyno-race"));
  }
  LLMDYNO_ASSIGN_OR_RETURN(const auto programs, llmdyno::AskAllForHelp(OwnFolder()));
  return name == "completions" ? llmdyno::CompletionsFor(arguments.front(), programs)
                               : llmdyno::ManPage(arguments.front(), programs);
}

int PrintBuiltIn(const std::string& name, const std::vector<std::string>& arguments) {
  const auto text = RunBuiltIn(name, arguments);
  if (!text.ok()) {
    std::fprintf(stderr, "llmdyno: %s\n", std::string(text.status().message()).c_str());
    return absl::IsInvalidArgument(text.status()) ? 2 : 1;
  }
  return std::fputs(text->c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char* argv[]) {
  const std::string typed = argc > 1 ? argv[1] : "";
  if (typed.empty() || typed == "--help" || typed == "-h" || typed == "help") {
    PrintHelp(typed.empty() ? stderr : stdout);
    return typed.empty() ? 2 : 0;
  }
  if (typed == "--version") {
    std::puts("llmdyno " LLMDYNO_VERSION);
    return 0;
  }
  for (const Command& command : kCommands) {
    if (command.name == typed) return Run(command, argc, argv);
  }
  for (const BuiltIn& each : kBuiltIns) {
    if (each.name == typed) return PrintBuiltIn(typed, {argv + 2, argv + argc});
  }
  return UnknownCommand(typed);
}
