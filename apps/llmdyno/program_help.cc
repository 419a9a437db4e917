#include "program_help.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "commands.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

absl::Status Failed(const std::string& command, const std::string& why) {
  return absl::UnavailableError("cannot ask " + command + " for its flags: " + why);
}

// What a program prints on standard output.
absl::StatusOr<std::string> OutputOf(std::vector<std::string> arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Failed(arguments.front(), std::strerror(errno));
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  const int error = posix_spawn(&child, raw[0], &actions, nullptr, raw.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string output;
  char buffer[16384];
  for (ssize_t count; error == 0 && (count = read(ends[0], buffer, sizeof buffer)) > 0;) {
    output.append(buffer, static_cast<size_t>(count));
  }
  close(ends[0]);
  if (error != 0) return Failed(arguments.front(), std::strerror(error));
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) return Failed(arguments.front(), "it failed; is it of the same version as llmdyno?");
  return output;
}

absl::StatusOr<ProgramHelp> ParseHelp(const std::string& program, const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    ProgramHelp help;
    help.words = json.at("program");
    help.summary = json.at("summary");
    for (const auto& flag : json.at("flags")) {
      help.flags.push_back({flag.at("name"), flag.at("argument"), flag.at("choices"), flag.at("section"),
                            flag.at("help"), flag.at("default")});
    }
    return help;
  } catch (const nlohmann::json::exception&) {
    return Failed(program, "its answer to --help=json is not what was expected");
  }
}

// The report has no flags but these before its subcommand.
ProgramHelp ReportItself() {
  return {"llmdyno-report",
          "explains, compares and plots the files of finished runs.",
          {{"help", "", {}, "", "Print this text.", ""}, {"version", "", {}, "", "Print the version.", ""}}};
}

}  // namespace

absl::StatusOr<std::vector<ProgramHelp>> AskAllForHelp(const std::string& folder) {
  std::vector<ProgramHelp> all;
  std::set<std::string_view> seen;
  for (const Command& command : kCommands) {
    if (!seen.insert(command.program).second) continue;
    const std::string program(command.program);
    std::vector<std::vector<std::string>> faces = {{}};
    for (const Subcommand& subcommand : kSubcommands) {
      if (subcommand.program == command.program) faces.push_back({std::string(subcommand.name)});
    }
    for (const std::vector<std::string>& face : faces) {
      if (program == "llmdyno-report" && face.empty()) {
        all.push_back(ReportItself());
        continue;
      }
      std::vector<std::string> arguments = {folder + "/" + program};
      arguments.insert(arguments.end(), face.begin(), face.end());
      arguments.emplace_back("--help=json");
      LLMDYNO_ASSIGN_OR_RETURN(const std::string text, OutputOf(std::move(arguments)));
      LLMDYNO_ASSIGN_OR_RETURN(ProgramHelp help, ParseHelp(program, text));
      help.takes_files = std::any_of(kSubcommands.begin(), kSubcommands.end(), [&](const Subcommand& each) {
        return each.takes_files && help.words == std::string(each.program) + " " + std::string(each.name);
      });
      all.push_back(std::move(help));
    }
  }
  return all;
}

}  // namespace llmdyno
