// What can be typed behind `llmdyno`, and what can be typed behind the programs.
#pragma once

#include <array>
#include <string_view>

namespace llmdyno {

// `llmdyno NAME …` runs `PROGRAM FIRST_ARGUMENT …`.
struct Command {
  std::string_view name;
  std::string_view program;
  std::string_view first_argument;  // given to the program before the user's; may be empty
  std::string_view summary;
};

inline constexpr std::array<Command, 15> kCommands = {{
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
    {"plugins", "llmdyno-plugins", "", "list what can be named, built in and of plugins"},
}};

// What the dispatcher does itself.
struct BuiltIn {
  std::string_view name;
  std::string_view argument;
  std::string_view summary;
};

inline constexpr std::array<BuiltIn, 2> kBuiltIns = {{
    {"completions", "SHELL", "print the completions for bash, zsh or fish"},
    {"man-page", "PAGE", "print a manual page, such as llmdyno-race, as roff"},
}};

// A program with a subcommand of its own flags.
struct Subcommand {
  std::string_view program;
  std::string_view name;
  bool takes_files = false;
};

inline constexpr std::array<Subcommand, 8> kSubcommands = {{
    {"llmdyno-qps", "serve"},
    {"llmdyno-sweep", "simple"},
    {"llmdyno-report", "show", true},
    {"llmdyno-report", "compare", true},
    {"llmdyno-report", "cost"},
    {"llmdyno-report", "definitions", true},
    {"llmdyno-report", "plot", true},
    {"llmdyno-report", "write", true},
}};

}  // namespace llmdyno
