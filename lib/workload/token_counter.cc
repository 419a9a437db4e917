#include "llmdyno/workload/token_counter.h"

#include <algorithm>
#include <cmath>

namespace llmdyno {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Every byte of UTF-8 but the continuation bytes begins a character. Broken UTF-8 gives some count, too.
bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

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

std::unique_ptr<TokenCounter> MakeEstimatingTokenCounter() {
  return std::make_unique<EstimatingTokenCounter>();
}

std::unique_ptr<TokenCounter> MakeCalibratedTokenCounter(const TokenCalibration& calibration) {
  return std::make_unique<CalibratedTokenCounter>(calibration);
}

int64_t EstimateTokens(std::string_view text) {
  if (text.empty()) return 0;
  int64_t characters = 0;
  int64_t words = 0;
  bool in_word = false;
  for (const char c : text) {
    characters += BeginsCharacter(c) ? 1 : 0;
    words += !in_word && !IsSpace(c) ? 1 : 0;
    in_word = !IsSpace(c);
  }
  const double tokens = std::max(static_cast<double>(words) * 1.3, static_cast<double>(characters) / 4);
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
