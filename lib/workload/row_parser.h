// Turns the text of one row of a dataset into a conversation. A format is one of these.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/workload/conversation.h"
#include "llmdyno/workload/conversation_dataset.h"
#include "workload/row_file.h"

namespace llmdyno {

class RowParser {
 public:
  virtual ~RowParser() = default;
  // Replaces the conversation. NotFound: there is nothing to send in the row ("no messages").
  // InvalidArgument: the row has the wrong shape ("messages[2].role: expected a string, got a number"). The
  // bytes behind the row must be readable as far as simdjson wants them to be.
  virtual absl::Status Parse(std::string_view row, Conversation& conversation) = 0;
};

// `format` is one of DatasetFormatNames() except "trace".
std::unique_ptr<RowParser> MakeJsonRowParser(const ConversationDatasetConfig& config,
                                             std::string_view format);
std::unique_ptr<RowParser> MakeTextRowParser();
// `header` is the file's first record. InvalidArgument when it has no column with prompts.
absl::StatusOr<std::unique_ptr<RowParser>> MakeCsvRowParser(const ConversationDatasetConfig& config,
                                                            std::string_view header);

// What separates the rows of a format.
RowShape ShapeOf(std::string_view format);

// The fields in which a prompt is looked for, best first: the one that the user names, or else the usual
// ones.
std::vector<std::string> PromptFields(std::string_view column);
// Likewise of how many tokens an answer has.
std::vector<std::string> OutputTokensFields();
// "'prompt', 'text' or 'question'".
std::string AnyOf(const std::vector<std::string>& names);

}  // namespace llmdyno
