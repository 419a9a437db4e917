#include "llmdyno/workload/trace_source.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "llmdyno/base/status_macros.h"
#include "workload/json_field.h"
#include "workload/request_wrapper.h"
#include "workload/row_file.h"
#include "workload/row_index.h"

namespace llmdyno {
namespace {

constexpr int64_t kMostPromptTokens = 10'000'000;

struct TraceRow {
  int64_t input_tokens = 1;
  int64_t output_tokens = 1;
  std::vector<int64_t> blocks;
};

absl::StatusOr<int64_t> ReadLength(const JsonObject& row, std::string_view key) {
  LLMDYNO_ASSIGN_OR_RETURN(const std::optional<int64_t> length, ReadCount(row, key, 0));
  if (!length) return absl::InvalidArgumentError("no field '" + std::string(key) + "'");
  return std::max<int64_t>(1, *length);
}

absl::Status ReadTraceRow(simdjson::dom::parser& parser, std::string_view text, TraceRow& trace_row) {
  LLMDYNO_ASSIGN_OR_RETURN(const JsonObject row, ParseJsonRow(parser, text));
  LLMDYNO_ASSIGN_OR_RETURN(trace_row.input_tokens, ReadLength(row, "input_length"));
  LLMDYNO_ASSIGN_OR_RETURN(trace_row.output_tokens, ReadLength(row, "output_length"));
  if (trace_row.input_tokens > kMostPromptTokens) {
    return absl::InvalidArgumentError("input_length: expected at most " + std::to_string(kMostPromptTokens) +
                                      ", got " + std::to_string(trace_row.input_tokens));
  }
  trace_row.blocks.clear();
  const std::optional<JsonValue> ids = FindField(row, "hash_ids");
  if (!ids) return absl::OkStatus();
  simdjson::dom::array list;
  if (ids->get(list) != simdjson::SUCCESS) return WrongType("hash_ids", "a list", *ids);
  for (const JsonValue entry : list) {
    int64_t id = 0;
    if (entry.get(id) != simdjson::SUCCESS) {
      return WrongType(EntryName({"hash_ids", std::ssize(trace_row.blocks)}), "a whole number", entry);
    }
    trace_row.blocks.push_back(id);
  }
  return absl::OkStatus();
}

// Writes prompts of so many words, of which those that begin with the same blocks begin alike.
//
// A trace's prompts are long, and writing ten thousand words one by one takes the time of many sends. So each
// block is a few words of its own, which tell it from any other, and then a stretch of a text that was
// written once.
class TraceText {
 public:
  TraceText(int64_t block_size, double tokens_per_word, Rng rng)
      : block_size_(block_size),
        tokens_per_word_(tokens_per_word),
        blocks_seed_(rng.Next()),
        unique_(rng.Next()) {
    SyntheticText(rng).Write(kPoolWords, pool_);
    pool_ += ' ';
    starts_.reserve(kPoolWords + 1);
    for (size_t start = 0; start < pool_.size(); start = pool_.find(' ', start) + 1) {
      starts_.push_back(static_cast<uint32_t>(start));
    }
    starts_.push_back(static_cast<uint32_t>(pool_.size()));
  }

  std::string Write(const TraceRow& row) {
    const int64_t words = WordsOf(row.input_tokens);
    std::string text;
    text.reserve(static_cast<size_t>(words) * 7);
    int64_t written = 0;
    for (size_t i = 0; i < row.blocks.size() && written < words; ++i) {
      // Differences of rounded sums, so that the rounding of the blocks does not add up. A block that is cut
      // is the beginning of the whole one.
      const int64_t end = std::min(words, WordsOf(static_cast<int64_t>(i + 1) * block_size_));
      Append(Rng(blocks_seed_ + static_cast<uint64_t>(row.blocks[i])), end - written, text);
      written = end;
    }
    Append(Rng(unique_.Next()), words - written, text);
    text.pop_back();
    return text;
  }

  int64_t WordsOf(int64_t tokens) const {
    return std::max<int64_t>(1, std::llround(static_cast<double>(tokens) / tokens_per_word_));
  }

 private:
  static constexpr int64_t kPoolWords = 1 << 16;
  static constexpr int64_t kOwnWords = 6;  // 376 words to choose from: 10^15 beginnings

  // So many words that depend on the generator alone, each with a space behind it.
  void Append(Rng rng, int64_t words, std::string& text) const {
    const std::span<const std::string_view> vocabulary = SyntheticVocabulary();
    for (int64_t own = std::min(words, kOwnWords); own > 0; --own, --words) {
      text += vocabulary[static_cast<size_t>(rng.UniformInt(0, std::ssize(vocabulary) - 1))];
      text += ' ';
    }
    for (int64_t start = rng.UniformInt(0, kPoolWords - 1); words > 0; start = 0) {
      const int64_t end = std::min(start + words, kPoolWords);
      const uint32_t offset = starts_[static_cast<size_t>(start)];
      text.append(pool_, offset, starts_[static_cast<size_t>(end)] - offset);
      words -= end - start;
    }
  }

  const int64_t block_size_;
  const double tokens_per_word_;
  const uint64_t blocks_seed_;
  Rng unique_;  // seeds of texts that no block stands for
  std::string pool_;
  std::vector<uint32_t> starts_;  // of the pool's words, and its end
};

class LengthsSource final : public RequestSource {
 public:
  LengthsSource(const TraceSourceConfig& config, Rng rng, Diagnostics diagnostics)
      : config_(config),
        wrapper_(config.request),
        text_(config.block_size, config.tokens_per_word.value, rng),
        diagnostics_(std::move(diagnostics)) {}

  absl::StatusOr<TraceSummary> Load() {
    LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<RowFile> file, RowFile::Open(config_.path));
    LLMDYNO_RETURN_IF_ERROR(rows_.Open(config_.path, *file));
    TraceSummary summary;
    while (true) {
      LLMDYNO_ASSIGN_OR_RETURN(const std::optional<std::string_view> text, file->Next());
      if (!text) break;
      if (absl::Status status = ReadTraceRow(parser_, *text, row_); !status.ok()) {
        return absl::InvalidArgumentError("the trace '" + config_.path + "', row " +
                                          std::to_string(file->row_number()) + ": " +
                                          std::string(status.message()));
      }
      rows_.Add(*file, *text);
      ++summary.requests;
      summary.input_tokens += row_.input_tokens;
      summary.output_tokens += row_.output_tokens;
    }
    if (summary.requests > 0) return summary;
    return absl::InvalidArgumentError("the trace '" + config_.path + "' has no requests");
  }

  NextRequest Next(TimePoint /*now*/) override {
    if (next_row_ == rows_.size() || wrapper_.exhausted()) return Exhausted{};
    rows_.WillRead(next_row_, true);
    const absl::StatusOr<std::string_view> text = rows_.Read(next_row_++);
    absl::Status status = text.status();
    if (status.ok() && !ReadTraceRow(parser_, *text, row_).ok()) status = rows_.Changed();
    if (!status.ok()) {
      diagnostics_.Warn(std::string(status.message()) + "; no more requests are sent");
      next_row_ = rows_.size();
      return Exhausted{};
    }
    const TokensPerWord& scale = config_.tokens_per_word;
    const double tokens_written = static_cast<double>(text_.WordsOf(row_.input_tokens)) * scale.value;
    const int64_t tokens = std::max<int64_t>(1, std::llround(tokens_written));
    Request request = wrapper_.Wrap(text_.Write(row_), {tokens, scale.source});
    request.max_output_tokens = row_.output_tokens;
    return request;
  }

 private:
  const TraceSourceConfig config_;
  RequestWrapper wrapper_;
  TraceText text_;
  const Diagnostics diagnostics_;
  RowIndex rows_;
  simdjson::dom::parser parser_;
  TraceRow row_;
  int64_t next_row_ = 0;
};

}  // namespace

absl::StatusOr<TraceSource> MakeTraceSource(const TraceSourceConfig& config, Rng rng,
                                            const Diagnostics& diagnostics) {
  LLMDYNO_RETURN_IF_ERROR(config.request.Validate());
  if (config.path.empty()) return absl::InvalidArgumentError("no trace file is named: expected path=FILE");
  if (config.block_size < 1 || config.block_size > kMostPromptTokens) {
    return absl::InvalidArgumentError("block_size is " + std::to_string(config.block_size) +
                                      ": expected 1 to " + std::to_string(kMostPromptTokens) + " tokens");
  }
  const double scale = config.tokens_per_word.value;
  if (!std::isfinite(scale) || scale < 0.01 || scale > 100) {
    return absl::InvalidArgumentError("tokens_per_word is " + std::to_string(scale) +
                                      ": expected 0.01 to 100");
  }
  TraceSourceConfig without_system_prompt = config;
  without_system_prompt.request.system_prompt.clear();
  auto source = std::make_unique<LengthsSource>(without_system_prompt, rng, diagnostics);
  LLMDYNO_ASSIGN_OR_RETURN(const TraceSummary summary, source->Load());
  return TraceSource{std::move(source), summary};
}

}  // namespace llmdyno
