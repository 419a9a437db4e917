// What the scripts of all shells are made of.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands.h"
#include "program_help.h"

namespace llmdyno {

// The programs' names, `llmdyno` first.
std::vector<std::string> ProgramNames(std::span<const ProgramHelp> programs);

// The set of flags behind `llmdyno NAME`: "llmdyno-qps serve".
std::string WordsOf(const Command& command);

// The subcommands of a program, apart by spaces; empty when it has none.
std::string SubcommandsOf(std::string_view program);

// "'it'\''s'": one word for a POSIX shell, bash or zsh.
std::string Quoted(std::string_view text);

std::string Joined(const std::vector<std::string>& words, std::string_view between);
std::string ReplaceAll(std::string text, std::string_view from, std::string_view to);

}  // namespace llmdyno
