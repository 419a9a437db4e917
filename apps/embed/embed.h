// One embedding benchmark from set-up to summary.
#pragma once

#include "absl/status/statusor.h"
#include "cli/exit_status.h"
#include "cli/flag_table.h"
#include "embed/embed_options.h"

namespace llmdyno {

absl::StatusOr<ExitStatus> RunEmbed(EmbedOptions& options, const FlagTable& flags);

}  // namespace llmdyno
