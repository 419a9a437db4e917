#include "llmdyno/workload/token_counter.h"

#include <algorithm>
#include <cmath>

#include "workload/word_end.h"

namespace llmdyno {
namespace {

struct TextSize {
  int64_t characters = 0;
  int64_t words = 0;
};

// Without branches and in blocks, so that the compiler makes vector instructions of it: prompts are estimated
// by the hundred thousand.
TextSize Measure(std::string_view text) {
  constexpr size_t kBlock = 128;  // what a block counts fits into a byte
  TextSize size;
  size.words = IsSpace(text.front()) ? 0 : 1;
  // Every byte of UTF-8 but the continuation bytes begins a character. Broken UTF-8 gives some count, too.
  const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  size.characters = begins_character(text.front()) ? 1 : 0;
  size_t at = 1;
  for (; at + kBlock <= text.size(); at += kBlock) {
    const char* const block = text.data() + at;
    uint8_t characters = 0;
    uint8_t words = 0;
    for (size_t i = 0; i < kBlock; ++i) {
      characters = static_cast<uint8_t>(characters + (begins_character(block[i]) ? 1 : 0));
      words = static_cast<uint8_t>(words + ((IsSpace(block[i - 1]) & !IsSpace(block[i])) ? 1 : 0));
    }
    size.characters += characters;
    size.words += words;
  }
  for (; at < text.size(); ++at) {
    size.characters += begins_character(text[at]) ? 1 : 0;
    size.words += IsSpace(text[at - 1]) && !IsSpace(text[at]) ? 1 : 0;
  }
  return size;
}

class EstimatingTokenCounter final : public TokenCounter {
 public:
  absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view> texts) override {
    std::vector<TokenCount> counts;
    counts.reserve(texts.size());
    for (const std::string_view text : texts)
      counts.push_back({EstimateTokens(text), TokenCountSource::kEstimated});
    return counts;
  }
};

class CalibratedTokenCounter final : public TokenCounter {
 public:
  explicit CalibratedTokenCounter(const TokenCalibration& calibration) : calibration_(calibration) {}

  absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view> texts) override {
    if (!calibration_.has_data()) return EstimatingTokenCounter().CountAll(texts);
    std::vector<TokenCount> counts;
    counts.reserve(texts.size());
    for (const std::string_view text : texts) {
      counts.push_back(
          {calibration_.TokensFor(static_cast<int64_t>(text.size())), TokenCountSource::kCalibrated});
    }
    return counts;
  }

 private:
  const TokenCalibration calibration_;
};

}  // namespace

absl::StatusOr<std::vector<std::vector<int32_t>>> TokenCounter::TokenIds(
    std::span<const std::string_view> /*texts*/) {
  return absl::UnimplementedError(
      "prompts as token ids were asked for, but nothing here knows the model's vocabulary: expected an "
      "endpoint "
      "with a /tokenize route that lists the tokens");
}

std::unique_ptr<TokenCounter> MakeEstimatingTokenCounter() {
  return std::make_unique<EstimatingTokenCounter>();
}

std::unique_ptr<TokenCounter> MakeCalibratedTokenCounter(const TokenCalibration& calibration) {
  return std::make_unique<CalibratedTokenCounter>(calibration);
}

int64_t EstimateTokens(std::string_view text) {
  if (text.empty()) return 0;
  const TextSize size = Measure(text);
  const double tokens =
      std::max(static_cast<double>(size.words) * 1.3, static_cast<double>(size.characters) / 4);
  return std::max<int64_t>(1, std::llround(tokens));
}

void TokenCalibration::Learn(int64_t text_bytes, int64_t tokens) {
  if (text_bytes <= 0 || tokens <= 0) return;
  bytes_ += text_bytes;
  tokens_ += tokens;
}

int64_t TokenCalibration::TokensFor(int64_t text_bytes) const {
  if (text_bytes <= 0) return 0;
  const double tokens_per_byte = static_cast<double>(tokens_) / static_cast<double>(bytes_);
  return std::max<int64_t>(1, std::llround(static_cast<double>(text_bytes) * tokens_per_byte));
}

}  // namespace llmdyno
