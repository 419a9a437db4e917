// llmdyno: `llmdyno race …` runs the program llmdyno-race that lies beside this one.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/base/nearest_name.h"

namespace {

struct Command {
  std::string_view name;
  std::string_view program;
  std::string_view first_argument;  // given to the program before the user's; may be empty
  std::string_view summary;
};

constexpr std::array<Command, 14> kCommands = {{
    {"race", "llmdyno-race", "", "race an endpoint to a number of output tokens"},
    {"offline", "llmdyno-race", "--num-requests=1000",
     "race a batch of requests to the end (race --num-requests)"},
    {"qps", "llmdyno-qps", "", "offer fixed request rates and find where an endpoint breaks"},
    {"serve", "llmdyno-qps", "serve", "do what vLLM's serving benchmark does (qps serve)"},
    {"sweep", "llmdyno-sweep", "", "sweep batch sizes or concurrencies with requests of any shape"},
    {"simple", "llmdyno-sweep", "simple", "send batches of questions (sweep simple)"},
    {"shapes", "llmdyno-sweep", "", "measure a grid of exact lengths (sweep --input-lengths)"},
    {"embed", "llmdyno-embed", "", "measure embeddings and rankings under concurrent load"},
    {"selftest", "llmdyno-selftest", "", "find out how exact the client is on this machine"},
    {"sim", "llmdyno-sim", "", "serve a simulated endpoint"},
    {"report", "llmdyno-report", "", "show, compare, price and plot results"},
    {"plot", "llmdyno-report", "plot", "draw the results of sweeps and embedding benchmarks"},
    {"compare", "llmdyno-report", "compare", "compare several results"},
    {"cost", "llmdyno-report", "cost", "price a result"},
}};

void PrintHelp(FILE* out) {
  std::fputs(
      "llmdyno: a dynamometer for language-model engines.\n\nUsage: llmdyno COMMAND [flags]\n\nCommands:\n",
      out);
  for (const Command& command : kCommands) {
    std::fprintf(out, "  %-9s %s\n", std::string(command.name).c_str(), std::string(command.summary).c_str());
  }
  std::fputs("\n`llmdyno COMMAND --help` lists a command's flags.\n", out);
}

int UnknownCommand(const std::string& typed) {
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  const auto nearest = llmdyno::FindNearestName(typed, names);
  std::fprintf(stderr, "llmdyno: unknown command '%s'%s; see llmdyno --help\n", typed.c_str(),
               nearest ? (" (did you mean '" + *nearest + "'?)").c_str() : "");
  return 2;
}

int Run(const Command& command, int argc, char* argv[]) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string program(command.program);
  const std::string path = error ? program : (self.parent_path() / program).string();
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
  return UnknownCommand(typed);
}
