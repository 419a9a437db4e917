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

}  // namespace llmdyno
