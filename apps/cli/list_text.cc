#include "cli/list_text.h"

#include <algorithm>

#include "llmdyno/base/number_text.h"

namespace llmdyno {
namespace {

constexpr double kMostRequestsPerSecond = 1e6;

std::string Trimmed(std::string word) {
  word.erase(0, word.find_first_not_of(' '));
  word.erase(word.find_last_not_of(' ') + 1);
  return word;
}

absl::Status Bad(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

}  // namespace

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> words(1);
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == ',' && depth <= 0) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  std::transform(words.begin(), words.end(), words.begin(), Trimmed);
  return words;
}

absl::StatusOr<std::vector<int64_t>> ParseWholeNumbers(const std::string& flag, const std::string& text,
                                                       int64_t most) {
  std::vector<int64_t> numbers;
  for (const std::string& word : SplitList(text)) {
    const auto number = ParseInteger(word);
    if (!number || *number < 1 || *number > most) {
      return Bad("--" + flag + ": expected whole numbers from 1 to " + WithThousands(most) +
                 " with commas between them, such as 1,2,4,8, got '" + word + "' in '" + text + "'");
    }
    if (std::find(numbers.begin(), numbers.end(), *number) != numbers.end()) {
      return Bad("--" + flag + ": " + word + " is there twice in '" + text + "': each level has one result");
    }
    numbers.push_back(*number);
  }
  return numbers;
}

absl::StatusOr<std::vector<double>> ParseRates(const std::string& flag, const std::string& text) {
  if (text.empty()) return Bad("--" + flag + ": expected at least one rate, such as 1,5,10,20, got ''");
  std::vector<double> rates;
  for (const std::string& word : SplitList(text)) {
    const auto rate = ParseReal(word);
    if (!rate || *rate <= 0 || *rate > kMostRequestsPerSecond) {
      return Bad("--" + flag +
                 ": expected rates above 0 and up to 1,000,000 requests per second with commas between them, "
                 "such as 1,5,10, got '" +
                 word + "' in '" + text + "'");
    }
    rates.push_back(*rate);
  }
  return rates;
}

}  // namespace llmdyno
