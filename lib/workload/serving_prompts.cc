#include "llmdyno/workload/serving_prompts.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/synthetic_text.h"
#include "workload/fit_text.h"
#include "workload/row_file.h"
#include "workload/verses.h"

namespace llmdyno {
namespace {

constexpr int64_t kMostTokens = 10'000'000;
constexpr int64_t kAtOnce = 256;  // prompts that are cut to their lengths together

absl::Status CheckRange(std::string_view field, int64_t value, int64_t lowest) {
  if (value >= lowest && value <= kMostTokens) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(field) + " is " + std::to_string(value) + ": expected " +
                                    std::to_string(lowest) + " to " + std::to_string(kMostTokens));
}

// What is written before it is cut: a quarter more than the average asks for.
int64_t WordsFor(int64_t tokens, double tokens_per_word) {
  return static_cast<int64_t>(static_cast<double>(tokens) / tokens_per_word * 1.25) + 16;
}

// Fills `prompts` batch by batch, so that no more than a batch of uncut texts is in memory.
template <typename MakeLongPrompt>
absl::Status MakeAll(int64_t count, TokenCounter& counter, std::vector<Prompt>& prompts,
                     MakeLongPrompt make) {
  std::vector<int64_t> lengths;
  prompts.reserve(static_cast<size_t>(count));
  while (std::ssize(prompts) < count) {
    const size_t first = prompts.size();
    const int64_t batch = std::min(kAtOnce, count - std::ssize(prompts));
    lengths.clear();
    for (int64_t i = 0; i < batch; ++i) prompts.push_back(make(lengths.emplace_back()));
    LLMDYNO_RETURN_IF_ERROR(FitToTokens(counter, std::span(prompts).subspan(first), lengths));
  }
  return absl::OkStatus();
}

int64_t DrawLength(int64_t length, double ratio, Rng& rng) {
  const auto middle = static_cast<double>(length);
  const int64_t lowest = std::max<int64_t>(1, static_cast<int64_t>(std::floor(middle * (1 - ratio))));
  return rng.UniformInt(lowest, std::max(lowest, static_cast<int64_t>(std::ceil(middle * (1 + ratio)))));
}

// Text without a beginning that other prompts of this length share.
Prompt WriteLong(SyntheticText& writer, int64_t tokens, double tokens_per_word) {
  Prompt prompt;
  writer.Write(WordsFor(tokens, tokens_per_word), prompt.text);
  return prompt;
}

absl::StatusOr<std::vector<std::string>> ReadLines(const std::string& path) {
  constexpr size_t kMostLines = 100'000;
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<RowFile> file, RowFile::Open(path, RowShape::kLines));
  std::vector<std::string> lines;
  while (lines.size() < kMostLines) {
    LLMDYNO_ASSIGN_OR_RETURN(const std::optional<std::string_view> line, file->Next());
    if (!line) break;
    lines.emplace_back(*line);
  }
  if (lines.empty()) return absl::InvalidArgumentError("the file '" + path + "' has no lines of verse");
  return lines;
}

absl::StatusOr<std::vector<std::string>> Verses(const std::string& path) {
  if (!path.empty()) return ReadLines(path);
  const std::span<const std::string_view> lines = BuiltInVerses();
  return std::vector<std::string>(lines.begin(), lines.end());
}

// Lines of verse and how many tokens each brings along, its line end included.
struct Poem {
  std::vector<std::string> lines;
  std::vector<int64_t> tokens;
};

absl::StatusOr<Poem> CountLines(std::vector<std::string> lines, TokenCounter& counter) {
  Poem poem;
  poem.lines = std::move(lines);
  for (std::string& line : poem.lines) line += '\n';
  const std::vector<std::string_view> views(poem.lines.begin(), poem.lines.end());
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter.CountAll(views));
  for (const TokenCount& count : counts) poem.tokens.push_back(std::max<int64_t>(1, count.tokens));
  return poem;
}

constexpr std::string_view kInstruction =
    "Here are lines of verse. Choose those that you like best and make a short poem of them.\n\n";

// The instruction and as many of the first lines as come nearest to the length, from the first again if need
// be.
absl::StatusOr<std::string> MakePrefix(const SonnetPromptConfig& config, const Poem& poem,
                                       TokenCounter& counter) {
  std::string prefix(kInstruction);
  const std::string_view instruction = kInstruction;
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter.CountAll({&instruction, 1}));
  int64_t tokens = counts.at(0).tokens;
  if (tokens > config.prefix_len) {
    return absl::InvalidArgumentError("prefix_len is " + std::to_string(config.prefix_len) + ": expected " +
                                      std::to_string(tokens) + " or more, the tokens of the instruction");
  }
  for (size_t i = 0;; i = (i + 1) % poem.lines.size()) {
    if (tokens + (poem.tokens[i] + 1) / 2 > config.prefix_len) return prefix;
    tokens += poem.tokens[i];
    prefix += poem.lines[i];
  }
}

}  // namespace

absl::Status RandomPromptConfig::Validate() const {
  LLMDYNO_RETURN_IF_ERROR(CheckRange("the number of prompts", prompts, 1));
  LLMDYNO_RETURN_IF_ERROR(CheckRange("input_len", input_len, 1));
  LLMDYNO_RETURN_IF_ERROR(CheckRange("output_len", output_len, 1));
  LLMDYNO_RETURN_IF_ERROR(CheckRange("prefix_len", prefix_len, 0));
  if (range_ratio >= 0 && range_ratio < 1) return absl::OkStatus();
  return absl::InvalidArgumentError("range_ratio is " + std::to_string(range_ratio) +
                                    ": expected 0 to below 1");
}

absl::StatusOr<std::vector<Prompt>> MakeRandomPrompts(const RandomPromptConfig& config, TokenCounter& counter,
                                                      Rng rng) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  LLMDYNO_ASSIGN_OR_RETURN(const TokensPerWord scale, MeasureTokensPerWord(counter));
  Rng lengths(rng.Next());
  SyntheticText writer(rng);
  std::vector<Prompt> prefix;
  if (config.prefix_len > 0) {
    prefix.push_back(WriteLong(writer, config.prefix_len, scale.value));
    LLMDYNO_RETURN_IF_ERROR(FitToTokens(counter, prefix, std::span(&config.prefix_len, 1)));
    prefix[0].text += ' ';
  }
  std::vector<Prompt> prompts;
  const auto make = [&](int64_t& length) {
    const int64_t own = DrawLength(config.input_len, config.range_ratio, lengths);
    length = config.prefix_len + own;
    Prompt prompt = WriteLong(writer, own, scale.value);
    if (!prefix.empty()) prompt.text.insert(0, prefix[0].text);
    prompt.max_output_tokens = DrawLength(config.output_len, config.range_ratio, lengths);
    return prompt;
  };
  LLMDYNO_RETURN_IF_ERROR(MakeAll(config.prompts, counter, prompts, make));
  return prompts;
}

absl::Status SonnetPromptConfig::Validate() const {
  LLMDYNO_RETURN_IF_ERROR(CheckRange("the number of prompts", prompts, 1));
  LLMDYNO_RETURN_IF_ERROR(CheckRange("output_len", output_len, 1));
  LLMDYNO_RETURN_IF_ERROR(CheckRange("prefix_len", prefix_len, 1));
  LLMDYNO_RETURN_IF_ERROR(CheckRange("input_len", input_len, 1));
  if (input_len > prefix_len) return absl::OkStatus();
  return absl::InvalidArgumentError("input_len is " + std::to_string(input_len) +
                                    ": expected more than prefix_len, which is " +
                                    std::to_string(prefix_len));
}

absl::StatusOr<std::vector<Prompt>> MakeSonnetPrompts(const SonnetPromptConfig& config, TokenCounter& counter,
                                                      Rng rng) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  LLMDYNO_ASSIGN_OR_RETURN(std::vector<std::string> lines, Verses(config.path));
  LLMDYNO_ASSIGN_OR_RETURN(const Poem poem, CountLines(std::move(lines), counter));
  LLMDYNO_ASSIGN_OR_RETURN(const std::string prefix, MakePrefix(config, poem, counter));
  std::vector<Prompt> prompts;
  const auto make = [&](int64_t& length) {
    length = config.input_len;
    Prompt prompt;
    prompt.text = prefix;
    // A quarter and a line more than needed; what is too much is cut.
    const int64_t enough = (config.input_len - config.prefix_len) * 5 / 4 + 64;
    for (int64_t tokens = 0; tokens < enough;) {
      const auto line = static_cast<size_t>(rng.UniformInt(0, std::ssize(poem.lines) - 1));
      prompt.text += poem.lines[line];
      tokens += poem.tokens[line];
    }
    prompt.max_output_tokens = config.output_len;
    return prompt;
  };
  LLMDYNO_RETURN_IF_ERROR(MakeAll(config.prompts, counter, prompts, make));
  return prompts;
}

}  // namespace llmdyno
