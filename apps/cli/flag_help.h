// The page that --help prints.
#pragma once

#include <span>
#include <string>

#include "cli/flag_row.h"

namespace llmdyno {

// `program` as in usage lines, `summary` one sentence. A heading stands wherever a row's section differs from
// that of the row before.
std::string FormatFlagHelp(const std::string& program, const std::string& summary,
                           std::span<const FlagRow> rows);

// The same for programs, as --help=json prints it: completions and manual pages are made of it. An object
// with `program`, `summary` and `flags`, each with `name`, `argument` (empty: a switch), `choices`,
// `takes_several`, `section`, `help` and `default`.
std::string FlagHelpJson(const std::string& program, const std::string& summary,
                         std::span<const FlagRow> rows);

}  // namespace llmdyno
