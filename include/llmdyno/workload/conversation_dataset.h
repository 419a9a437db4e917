// Conversations of a local file, each at hand by its number, in bounded memory however large the file is.
// Workloads of conversations read one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/workload/conversation.h"

namespace llmdyno {

// Which file, how it is read, and how much memory it may take.
struct ConversationDatasetConfig {
  std::string path = "";
  std::string format = "auto";  // or one of DatasetFormatNames() except "trace"
  std::string column = "";  // "prompts" and "csv": the prompt's field; empty: the first usual one of a row
  // Conversations are kept parsed while they take no more memory than this. Beyond it only the places of the
  // rows are kept, 16 bytes each, and a row is read again when it is needed.
  int64_t keep_parsed_bytes = 64 << 20;
  // Of ShareGPT rows: the first two turns instead of all up to the last one of a user, as a user's prompt and
  // the assistant's answer, whoever they are said to be from; rows with fewer turns are skipped.
  bool first_exchange_only = false;
  // Read how many tokens an answer has from `output_tokens`, `expected_output_tokens` or `max_tokens`.
  bool read_output_tokens = false;

  friend bool operator==(const ConversationDatasetConfig&, const ConversationDatasetConfig&) = default;
};

// What was found while the file was read through.
struct DatasetSummary {
  std::string format;         // never "auto"
  int64_t rows = 0;           // looked at; blank lines are none
  int64_t skipped = 0;        // of these: nothing to send in them
  std::string first_skipped;  // "row 17: no messages"; empty when none was skipped
  // What is odd about the file as a whole: "the array is followed by more text, which is not used"; mostly
  // empty.
  std::string remark;
};

// Not thread-safe; sources of runs that follow one another may share one.
class ConversationDataset {
 public:
  virtual ~ConversationDataset() = default;
  virtual int64_t size() const = 0;  // conversations, at least one
  // What was found when it was loaded; never changes.
  virtual const DatasetSummary& summary() const = 0;
  // Whether all conversations are kept parsed, so that Read touches no file.
  virtual bool is_in_memory() const = 0;

  // Needs 0 <= index < size(). The conversation is valid until the next call. Fails only when the file was
  // changed, or cannot be read any more, since it was loaded.
  virtual absl::StatusOr<const Conversation*> Read(int64_t index) = 0;

  // Says that this conversation will be read soon, and with `sequential` those behind it, too: the kernel is
  // asked to fetch them. Never blocks for long; does nothing when all is in memory.
  virtual void WillRead(int64_t index, bool sequential) = 0;
};

// Reads the file through once. A row of the wrong shape is an error that names row and field ("row 3:
// cut_chat_history[1].content: expected a string, got a number"), for it would mean to measure with other
// requests than the user believes; a row with nothing to send is skipped and counted. InvalidArgument, too,
// when no row can be used, with what was found instead.
absl::StatusOr<std::unique_ptr<ConversationDataset>> LoadConversationDataset(
    const ConversationDatasetConfig& config);

}  // namespace llmdyno
