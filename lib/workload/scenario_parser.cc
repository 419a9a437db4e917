#include "workload/scenario_parser.h"

#include <optional>
#include <string>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

using Lengths = decltype(ScenarioPart::lengths);

// Beyond any context window and any image that an endpoint takes: larger numbers are slips of the finger, and
// with these nothing that is computed from them overflows.
constexpr int64_t kMaxTokens = 10'000'000;
constexpr int64_t kMaxSidePx = 16'384;
constexpr int64_t kMaxImages = 1'000;
constexpr double kMinWeight = 1e-6;
constexpr double kMaxWeight = 1e6;

struct Quantity {
  std::string_view name;
  int64_t min = 1;
  int64_t max = kMaxTokens;
};

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsOfWeight(char c) { return IsDigit(c) || c == '.'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Reads one text from left to right; `at_` is where it is.
class ScenarioParser {
 public:
  explicit ScenarioParser(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<ScenarioPart>> Parse() {
    if (text_.empty()) {
      return absl::InvalidArgumentError("the scenario is empty; write for example N(480,240)/(300,150)");
    }
    LLMDYNO_RETURN_IF_ERROR(RefuseSpace());
    std::vector<ScenarioPart> parts;
    const bool is_weighted = IsOfWeight(text_.front());
    do {
      LLMDYNO_ASSIGN_OR_RETURN(const double weight, is_weighted ? ReadWeight() : 1.0);
      const size_t start = at_;
      LLMDYNO_ASSIGN_OR_RETURN(const Lengths lengths, ReadLengths());
      parts.push_back({weight, lengths});
      form_ = {};
      if (parts.back().Kind() != parts.front().Kind()) {
        return Expected("a part that goes to the same API as the first (E and R each have their own)", start);
      }
    } while (is_weighted && Take('+'));
    if (at_ == text_.size()) return parts;
    if (is_weighted) return Expected("'+' or the end", at_);
    return Expected(text_[at_] == '+'
                        ? "the end (each part of a mixture needs a weight, 0.7*D(100,50)+0.3*D(4000,200))"
                        : "the end",
                    at_);
  }

 private:
  // No tool with these letters takes white space, and of a scenario that a shell split at a blank the first
  // half may be one itself: 0.7*D(1,2) +0.3*D(3,4).
  absl::Status RefuseSpace() const {
    for (size_t i = 0; i < text_.size(); ++i) {
      if (IsSpace(text_[i])) return Expected("no white space", i);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<double> ReadWeight() {
    const size_t start = at_;
    const std::optional<double> weight = ParseReal(TakeWhile(IsOfWeight));
    if (!weight || *weight < kMinWeight || *weight > kMaxWeight) {
      return Expected("a weight from 0.000001 to 1,000,000, such as 0.7*,", start);
    }
    LLMDYNO_RETURN_IF_ERROR(ReadSign('*'));
    return *weight;
  }

  absl::StatusOr<Lengths> ReadLengths() {
    const size_t start = at_;
    const std::string_view word = TakeWhile(IsLetter);
    const char letter = word.size() == 1 ? static_cast<char>(word.front() & ~('a' ^ 'A')) : '\0';
    switch (letter) {
      case 'D':
        return ReadFixed();
      case 'N':
        return ReadNormal();
      case 'U':
        return ReadUniform();
      case 'I':
        return ReadImages();
      case 'E':
        return ReadEmbedding();
      case 'R':
        return ReadRerank();
      default:
        return Expected("one of the letters D, N, U, I, E, R", start);
    }
  }

  absl::StatusOr<Lengths> ReadFixed() {
    form_ = "D(input,output)";
    RequestShape shape;
    LLMDYNO_ASSIGN_OR_RETURN(shape.input_tokens, ReadNumber('(', {"the input tokens"}));
    LLMDYNO_ASSIGN_OR_RETURN(shape.output_tokens, ReadNumber(',', {"the output tokens"}));
    LLMDYNO_RETURN_IF_ERROR(ReadSign(')'));
    return shape;
  }

  absl::StatusOr<Lengths> ReadNormal() {
    form_ = "N(mean,std)/(mean,std)";
    constexpr Quantity kDeviation{"the standard deviation", 0};
    NormalLengths lengths;
    LLMDYNO_ASSIGN_OR_RETURN(lengths.input_mean, ReadNumber('(', {"the mean of the input tokens"}));
    LLMDYNO_ASSIGN_OR_RETURN(lengths.input_standard_deviation, ReadNumber(',', kDeviation));
    LLMDYNO_RETURN_IF_ERROR(ReadSign(')'));
    LLMDYNO_RETURN_IF_ERROR(ReadSign('/'));
    LLMDYNO_ASSIGN_OR_RETURN(lengths.output_mean, ReadNumber('(', {"the mean of the output tokens"}));
    LLMDYNO_ASSIGN_OR_RETURN(lengths.output_standard_deviation, ReadNumber(',', kDeviation));
    LLMDYNO_RETURN_IF_ERROR(ReadSign(')'));
    return lengths;
  }

  // Only behind the first group is it known whether that was (min,max) or (max_in,max_out).
  absl::StatusOr<Lengths> ReadUniform() {
    form_ = "U(min,max)/(min,max) or U(max_in,max_out)";
    LLMDYNO_ASSIGN_OR_RETURN(const int64_t first, ReadNumber('(', {"a number of tokens"}));
    const size_t second_at = at_ + 1;
    LLMDYNO_ASSIGN_OR_RETURN(const int64_t second, ReadNumber(',', {"a number of tokens"}));
    LLMDYNO_RETURN_IF_ERROR(ReadSign(')'));
    if (!Take('/')) return UniformLengths{.input_max = first, .output_max = second};
    form_ = "U(min,max)/(min,max)";
    UniformLengths lengths{.input_min = first, .input_max = second};
    if (second < first) return ExpectedNumber({"the most input tokens", first}, second_at);
    LLMDYNO_ASSIGN_OR_RETURN(lengths.output_min, ReadNumber('(', {"the fewest output tokens"}));
    LLMDYNO_ASSIGN_OR_RETURN(lengths.output_max,
                             ReadNumber(',', {"the most output tokens", lengths.output_min}));
    LLMDYNO_RETURN_IF_ERROR(ReadSign(')'));
    return lengths;
  }

  absl::StatusOr<Lengths> ReadImages() {
    form_ = "I(width,height) or I(width,height,images)";
    ImageShape images;
    LLMDYNO_ASSIGN_OR_RETURN(images.width_px, ReadNumber('(', {"the width in pixels", 1, kMaxSidePx}));
    LLMDYNO_ASSIGN_OR_RETURN(images.height_px, ReadNumber(',', {"the height in pixels", 1, kMaxSidePx}));
    if (at_ < text_.size() && text_[at_] == ',') {
      LLMDYNO_ASSIGN_OR_RETURN(images.count, ReadNumber(',', {"the images per request", 1, kMaxImages}));
    }
    LLMDYNO_RETURN_IF_ERROR(ReadSign(')'));
    return RequestShape{.images = images};
  }

  absl::StatusOr<Lengths> ReadEmbedding() {
    form_ = "E(tokens)";
    RequestShape shape;
    LLMDYNO_ASSIGN_OR_RETURN(shape.embedding_tokens, ReadNumber('(', {"the tokens of a document"}));
    LLMDYNO_RETURN_IF_ERROR(ReadSign(')'));
    return shape;
  }

  absl::StatusOr<Lengths> ReadRerank() {
    form_ = "R(document,query)";
    RerankShape rerank;
    LLMDYNO_ASSIGN_OR_RETURN(rerank.document_tokens, ReadNumber('(', {"the tokens of a document"}));
    LLMDYNO_ASSIGN_OR_RETURN(rerank.query_tokens, ReadNumber(',', {"the tokens of the query"}));
    LLMDYNO_RETURN_IF_ERROR(ReadSign(')'));
    return RequestShape{.rerank = rerank};
  }

  // The sign in front of the number, then the number.
  absl::StatusOr<int64_t> ReadNumber(char sign, const Quantity& quantity) {
    LLMDYNO_RETURN_IF_ERROR(ReadSign(sign));
    const size_t start = at_;
    const std::optional<int64_t> number = ParseInteger(TakeWhile(IsDigit));
    if (!number || *number < quantity.min || *number > quantity.max) return ExpectedNumber(quantity, start);
    return *number;
  }

  absl::Status ReadSign(char sign) {
    if (!Take(sign)) return Expected(std::string("'") + sign + "'", at_);
    return absl::OkStatus();
  }

  absl::Status ExpectedNumber(const Quantity& quantity, size_t offset) const {
    return Expected(std::string(quantity.name) + " (a whole number from " + WithThousands(quantity.min) +
                        " to " + WithThousands(quantity.max) + ")",
                    offset);
  }

  absl::Status Expected(const std::string& what, size_t offset) const {
    const std::string end = offset >= text_.size() ? " (the end)" : "";
    const std::string form = form_.empty() ? "" : ", as in " + std::string(form_);
    return absl::InvalidArgumentError("expected " + what + " at character " + std::to_string(offset + 1) +
                                      end + form + ": " + std::string(text_));
  }

  template <typename Predicate>
  std::string_view TakeWhile(Predicate is_part) {
    const size_t start = at_;
    while (at_ < text_.size() && is_part(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  bool Take(char sign) {
    if (at_ >= text_.size() || text_[at_] != sign) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string_view form_;  // of the letter being read
};

}  // namespace

absl::StatusOr<std::vector<ScenarioPart>> ParseScenarioParts(std::string_view text) {
  return ScenarioParser(text).Parse();
}

}  // namespace llmdyno
