#include "dialect/vector_list.h"

#include <cstring>

#include "absl/strings/escaping.h"
#include "base/as_absl.h"
#include "dialect/json_members.h"

namespace llmdyno {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

// What is returned beside a problem that has its own sentence.
constexpr error_code kProblem = simdjson::INCORRECT_TYPE;

// All bits of the exponent: infinities and what is not a number (IEEE 754, binary32).
constexpr uint32_t kExponent = 0x7F800000U;

uint32_t LittleEndian(const char* bytes) {
  unsigned char byte[4];
  std::memcpy(byte, bytes, sizeof byte);
  return uint32_t{byte[0]} | uint32_t{byte[1]} << 8U | uint32_t{byte[2]} << 16U | uint32_t{byte[3]} << 24U;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The digits at `at`, eight at a time where there are as many (after Lemire, "Quickly checking that a string
// is made of digits").
size_t SkipDigits(std::string_view text, size_t at) {
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    constexpr uint64_t kHighNibbles = 0xF0F0F0F0F0F0F0F0U;
    constexpr uint64_t kSixes = 0x0606060606060606U;
    constexpr uint64_t kThrees = 0x3030303030303030U;
    if ((word & kHighNibbles) != kThrees || ((word + kSixes) & kHighNibbles) != kThrees) break;
  }
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// Whether the token is a JSON number that is surely finite: of a usual length, with an exponent of two digits
// at most. That is true of what models answer with, and found out without turning it into a number, which
// takes longer than all the rest of reading a vector. False says nothing.
bool IsSurelyFinite(std::string_view token) {
  constexpr size_t kUsualLength = 64;
  size_t at = token.starts_with('-') ? 1 : 0;
  const size_t whole = SkipDigits(token, at);
  if (whole == at || token.size() > kUsualLength || (token[at] == '0' && whole > at + 1)) return false;
  at = whole;
  if (at < token.size() && token[at] == '.') {
    const size_t end = SkipDigits(token, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '-' || token[at] == '+')) ++at;
    const size_t end = SkipDigits(token, at);
    if (end == at || end - at > 2) return false;
    at = end;
  }
  while (at < token.size() && static_cast<unsigned char>(token[at]) <= 0x20) ++at;
  return at == token.size();
}

class VectorReader final : public ItemReader {
 public:
  explicit VectorReader(std::string_view member) : member_(member) {}

  void Begin() override {
    vectors_ = 0;
    dimension_ = 0;
  }
  void End(std::string_view /*list*/, std::string& /*problem*/) override {}
  int64_t items() const override { return vectors_; }
  std::optional<int64_t> dimension() const override {
    return vectors_ > 0 ? std::optional(dimension_) : std::nullopt;
  }

  error_code Read(ondemand::value item, const ItemPlace& place, std::string& problem) override {
    if (member_.empty()) return ReadVector(item, place, problem);
    ondemand::object object;
    if (item.get_object().get(object) != SUCCESS) {
      problem = ToString(place) + " is not an object";
      return kProblem;
    }
    bool found = false;
    const auto read_member = [&](std::string_view name, ondemand::value value) {
      if (name != member_) return SUCCESS;
      found = true;
      return ReadVector(value, place, problem);
    };
    if (auto error = ForEachMember(object, read_member)) return error;
    if (found) return SUCCESS;
    problem = Name(place) + " is missing";
    return kProblem;
  }

 private:
  std::string Name(const ItemPlace& place) const {
    return member_.empty() ? ToString(place) : ToString(place) + "." + member_;
  }

  error_code ReadVector(ondemand::value value, const ItemPlace& place, std::string& problem) {
    ondemand::json_type type;
    if (auto error = value.type().get(type)) return error;
    int64_t numbers = 0;
    if (type == ondemand::json_type::array) {
      if (auto error = ReadNumbers(value, place, numbers, problem)) return error;
    } else if (type == ondemand::json_type::string) {
      if (auto error = ReadBase64(value, place, numbers, problem)) return error;
    } else {
      problem = Name(place) + " is neither a list of numbers nor base64";
      return kProblem;
    }
    return Judge(place, numbers, problem);
  }

  error_code ReadNumbers(ondemand::value value, const ItemPlace& place, int64_t& numbers,
                         std::string& problem) const {
    ondemand::array list;
    if (auto error = value.get_array().get(list)) return error;
    for (auto item : list) {
      ondemand::value element;
      if (auto error = item.get(element)) return error;
      const std::string_view token = element.raw_json_token();
      double number = 0;
      if (IsSurelyFinite(token)) {
        ++numbers;
        continue;
      }
      if (ReadFinite(element, number) != SUCCESS) {
        problem = NotFinite(Name(place) + "[" + std::to_string(numbers) + "]", token);
        return kProblem;
      }
      ++numbers;
    }
    return SUCCESS;
  }

  error_code ReadBase64(ondemand::value value, const ItemPlace& place, int64_t& numbers,
                        std::string& problem) {
    std::string_view text;
    if (auto error = value.get_string().get(text)) return error;
    if (!absl::Base64Unescape(AsAbsl(text), &bytes_)) {
      problem = Name(place) + " is not base64";
      return kProblem;
    }
    if (bytes_.size() % 4 != 0) {
      problem = Name(place) + " has " + std::to_string(bytes_.size()) + " bytes, which is no multiple of 4";
      return kProblem;
    }
    for (size_t at = 0; at < bytes_.size(); at += 4, ++numbers) {
      if ((LittleEndian(bytes_.data() + at) & kExponent) == kExponent) {
        problem = NotFinite(Name(place) + "[" + std::to_string(numbers) + "]", "");
        return kProblem;
      }
    }
    return SUCCESS;
  }

  error_code Judge(const ItemPlace& place, int64_t numbers, std::string& problem) {
    if (numbers == 0) {
      problem = Name(place) + " is empty";
    } else if (vectors_++ == 0) {
      dimension_ = numbers;
    } else if (numbers != dimension_) {
      problem = Name(place) + " has " + std::to_string(numbers) + " numbers, " +
                Name({.list = place.list, .position = 0}) + " has " + std::to_string(dimension_);
    }
    return problem.empty() ? SUCCESS : kProblem;
  }

  const std::string member_;
  int64_t vectors_ = 0;
  int64_t dimension_ = 0;  // of the first
  std::string bytes_;      // of a vector in base64
};

}  // namespace

std::unique_ptr<ItemReader> MakeVectorReader(std::string_view member) {
  return std::make_unique<VectorReader>(member);
}

}  // namespace llmdyno
