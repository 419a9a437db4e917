#include "llmdyno/workload/conversation_dataset.h"

#include <cassert>
#include <optional>
#include <utility>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/dataset_format.h"
#include "llmdyno/workload/token_counter.h"
#include "workload/row_file.h"
#include "workload/row_index.h"
#include "workload/row_parser.h"

namespace llmdyno {
namespace {

int64_t HeapBytes(const std::string& text) {
  constexpr size_t kInPlace = 15;      // libstdc++ keeps so many characters within the object
  constexpr int64_t kAllocation = 16;  // what the allocator adds and rounds up
  return text.capacity() <= kInPlace ? 0 : static_cast<int64_t>(text.capacity()) + kAllocation;
}

int64_t MemoryOf(const Conversation& conversation) {
  int64_t bytes = sizeof(Conversation);
  for (const Message& message : conversation.messages) {
    bytes += static_cast<int64_t>(sizeof(Message)) + HeapBytes(message.role) + HeapBytes(message.content);
  }
  return bytes;
}

void EstimateLength(Conversation& conversation) {
  for (const Message& message : conversation.messages) {
    conversation.estimated_tokens += EstimateTokens(message.content);
  }
}

class FileDataset final : public ConversationDataset {
 public:
  FileDataset(std::unique_ptr<RowParser> parser, const ConversationDatasetConfig& config, std::string format)
      : config_(config), parser_(std::move(parser)) {
    summary_.format = std::move(format);
  }

  int64_t size() const override { return index_.size(); }
  const DatasetSummary& summary() const override { return summary_; }
  bool is_in_memory() const override { return keeps_parsed_; }

  absl::StatusOr<const Conversation*> Read(int64_t index) override {
    assert(index >= 0 && index < size() && "the caller knows the size");
    if (keeps_parsed_) return &parsed_[static_cast<size_t>(index)];
    LLMDYNO_ASSIGN_OR_RETURN(const std::string_view row, index_.Read(index));
    if (!parser_->Parse(row, current_).ok()) return index_.Changed();
    EstimateLength(current_);
    return &current_;
  }

  void WillRead(int64_t index, bool sequential) override {
    if (!keeps_parsed_) index_.WillRead(index, sequential);
  }

  absl::Status Load(RowFile& file) {
    LLMDYNO_RETURN_IF_ERROR(index_.Open(config_.path, file));
    while (true) {
      LLMDYNO_ASSIGN_OR_RETURN(const std::optional<std::string_view> row, file.Next());
      if (!row) break;
      LLMDYNO_RETURN_IF_ERROR(Add(file, *row));
    }
    if (size() == 0) return NothingUsable();
    if (!keeps_parsed_) std::vector<Conversation>().swap(parsed_);
    if (file.has_text_behind_array())
      summary_.remark = "the array is followed by more text, which is not used";
    if (file.is_array() && !file.array_is_closed()) {
      summary_.remark = "the array is not closed: the file may be cut";
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Add(const RowFile& file, std::string_view row) {
    ++summary_.rows;
    const absl::Status status = parser_->Parse(row, current_);
    if (absl::IsNotFound(status)) {
      if (++summary_.skipped == 1) summary_.first_skipped = InRow(file, status);
      return absl::OkStatus();
    }
    if (!status.ok()) {
      return absl::InvalidArgumentError("the dataset '" + config_.path + "' (format '" + summary_.format +
                                        "'), " + InRow(file, status));
    }
    index_.Add(file, row);
    if (keeps_parsed_) Keep();
    return absl::OkStatus();
  }

  void Keep() {
    EstimateLength(current_);
    parsed_bytes_ += MemoryOf(current_);
    keeps_parsed_ = parsed_bytes_ <= config_.keep_parsed_bytes;
    if (keeps_parsed_) {
      parsed_.push_back(std::move(current_));
    } else {
      std::vector<Conversation>().swap(parsed_);
    }
  }

  static std::string InRow(const RowFile& file, const absl::Status& status) {
    return "row " + std::to_string(file.row_number()) + ": " + std::string(status.message());
  }

  absl::Status NothingUsable() const {
    const std::string what = "the dataset '" + config_.path + "' ";
    if (summary_.rows == 0) return absl::InvalidArgumentError(what + "has no rows");
    const std::string rows =
        summary_.rows == 1 ? "its only row" : "all " + WithThousands(summary_.rows) + " rows";
    return absl::InvalidArgumentError(what + "has no usable row for the format '" + summary_.format +
                                      "': " + rows + " had to be skipped; " + summary_.first_skipped);
  }

  const ConversationDatasetConfig config_;
  const std::unique_ptr<RowParser> parser_;
  RowIndex index_;
  bool keeps_parsed_ = true;
  int64_t parsed_bytes_ = 0;
  std::vector<Conversation> parsed_;
  Conversation current_;
  DatasetSummary summary_;
};

absl::StatusOr<std::unique_ptr<RowParser>> MakeParser(const ConversationDatasetConfig& config,
                                                      const std::string& format, RowFile& file) {
  if (format == "text") return MakeTextRowParser();
  if (format != "csv") return MakeJsonRowParser(config, format);
  LLMDYNO_ASSIGN_OR_RETURN(const std::optional<std::string_view> header, file.Next());
  if (!header) return absl::InvalidArgumentError("the dataset '" + config.path + "' has no rows");
  auto parser = MakeCsvRowParser(config, *header);
  if (parser.ok()) return parser;
  return absl::InvalidArgumentError("the dataset '" + config.path +
                                    "': " + std::string(parser.status().message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ConversationDataset>> LoadConversationDataset(
    const ConversationDatasetConfig& config) {
  if (config.path.empty()) return absl::InvalidArgumentError("no dataset file is named: expected path=FILE");
  LLMDYNO_ASSIGN_OR_RETURN(const std::string format,
                           ResolveDatasetFormat(config.path, config.format, config.column));
  if (format == "trace") {
    return absl::InvalidArgumentError("the dataset '" + config.path +
                                      "' is a trace: it has lengths and no texts; use the workload 'trace'");
  }
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<RowFile> file, RowFile::Open(config.path, ShapeOf(format)));
  LLMDYNO_ASSIGN_OR_RETURN(std::unique_ptr<RowParser> parser, MakeParser(config, format, *file));
  auto dataset = std::make_unique<FileDataset>(std::move(parser), config, format);
  LLMDYNO_RETURN_IF_ERROR(dataset->Load(*file));
  return dataset;
}

}  // namespace llmdyno
