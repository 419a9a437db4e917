#include "report/definitions_command.h"

#include "cli/flag_table.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/tool_definitions_report.h"
#include "report/find_record_log.h"
#include "report/split_arguments.h"

namespace llmdyno {

absl::StatusOr<std::string> RunDefinitionsCommand(const std::vector<std::string>& arguments) {
  FlagTable table("llmdyno-report definitions",
                  "prints what other benchmarks would have printed, from a records.jsonl.");
  const SplitArguments split = SplitOffFiles(arguments);
  LLMDYNO_ASSIGN_OR_RETURN(const FlagTable::Action action, table.Parse(split.flags));
  if (action == FlagTable::Action::kHelp) return table.Help();
  if (action == FlagTable::Action::kVersion) return std::string("llmdyno-report " LLMDYNO_VERSION "\n");
  if (split.files.size() != 1) {
    return absl::InvalidArgumentError("definitions needs one records.jsonl, or a folder with one; got " +
                                      std::to_string(split.files.size()) + " names");
  }
  LLMDYNO_ASSIGN_OR_RETURN(const std::string log, FindRecordLog(split.files.front()));
  LLMDYNO_ASSIGN_OR_RETURN(const ToolDefinitionsReport report, ReadToolDefinitions(log));
  return FormatToolDefinitions(report);
}

}  // namespace llmdyno
