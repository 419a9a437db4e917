#include "dialect/openai_usage.h"

#include <cmath>
#include <cstdint>
#include <string_view>

#include "dialect/json_members.h"

namespace llmdyno {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

// A count of tokens. A negative or astronomic one is a mistake of the endpoint's and must not get into any
// sum.
std::optional<int64_t> NumberOf(ondemand::value value) {
  constexpr int64_t kLargestCount = 1'000'000'000;
  int64_t number = 0;
  if (value.get_int64().get(number) != SUCCESS || number < 0 || number > kLargestCount) return std::nullopt;
  return number;
}

// A sum in dollars; a negative or infinite one is none.
std::optional<double> CostOf(ondemand::value value) {
  double cost = 0;
  if (value.get_double().get(cost) != SUCCESS || !std::isfinite(cost) || cost < 0) return std::nullopt;
  return cost;
}

error_code ReadDetails(ondemand::value value, std::string_view key, std::optional<int64_t>& target) {
  ondemand::object details;
  if (value.get_object().get(details) != SUCCESS) return SUCCESS;  // null, as some endpoints send
  return ForEachMember(details, [&](std::string_view name, ondemand::value member) {
    if (name == key) target = NumberOf(member);
    return SUCCESS;
  });
}

}  // namespace

error_code ReadUsage(ondemand::value value, std::optional<UsageReport>& usage,
                     std::optional<int64_t>* total_tokens) {
  ondemand::object object;
  if (value.get_object().get(object) != SUCCESS) return SUCCESS;
  usage.emplace();
  // SGLang says these two beside the counts instead of in an object of details.
  std::optional<int64_t> cached_tokens;
  std::optional<int64_t> reasoning_tokens;
  const auto read_member = [&](std::string_view name, ondemand::value member) {
    if (name == "prompt_tokens") {
      usage->prompt_tokens = NumberOf(member);
    } else if (name == "completion_tokens") {
      usage->completion_tokens = NumberOf(member);
    } else if (name == "prompt_tokens_details") {
      return ReadDetails(member, "cached_tokens", usage->cached_tokens);
    } else if (name == "completion_tokens_details") {
      return ReadDetails(member, "reasoning_tokens", usage->reasoning_tokens);
    } else if (name == "cost") {
      usage->cost = CostOf(member);
    } else if (name == "total_tokens" && total_tokens != nullptr) {
      *total_tokens = NumberOf(member);
    } else if (name == "cached_tokens") {
      cached_tokens = NumberOf(member);
    } else if (name == "reasoning_tokens") {
      reasoning_tokens = NumberOf(member);
    }
    return SUCCESS;
  };
  if (auto error = ForEachMember(object, read_member)) return error;
  if (!usage->cached_tokens) usage->cached_tokens = cached_tokens;
  if (!usage->reasoning_tokens) usage->reasoning_tokens = reasoning_tokens;
  return SUCCESS;
}

}  // namespace llmdyno
