#include "dialect/answer_decoder.h"

#include <algorithm>
#include <cmath>

#include "dialect/error_member.h"
#include "dialect/json_members.h"
#include "dialect/openai_usage.h"
#include "llmdyno/dialect/provider_error.h"

namespace llmdyno {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

// 2048 vectors of 8192 numbers are 350 MB; a body beyond this is none, or means harm.
constexpr size_t kLargestBody = 512U << 20;
constexpr size_t kBodySample = 120;

// Counts of Cohere's: {"billed_units":{"search_units":1},"tokens":{"input_tokens":28}}. What is billed may be
// rounded, so the tokens go before it.
error_code ReadCohereMeta(ondemand::value value, std::optional<int64_t>& input_tokens) {
  ondemand::object meta;
  if (value.get_object().get(meta) != SUCCESS) return SUCCESS;
  std::optional<int64_t> billed;
  const auto read_member = [&](std::string_view name, ondemand::value member) -> error_code {
    std::optional<int64_t>* const target = name == "tokens"         ? &input_tokens
                                           : name == "billed_units" ? &billed
                                                                    : nullptr;
    ondemand::object counts;
    if (target == nullptr || member.get_object().get(counts) != SUCCESS) return SUCCESS;
    return ForEachMember(counts, [&](std::string_view unit, ondemand::value count) {
      int64_t number = 0;
      const bool is_input = unit == "input_tokens" || (unit == "total_tokens" && !*target);
      if (is_input && count.get_int64().get(number) == SUCCESS && number >= 0) *target = number;
      return SUCCESS;
    });
  };
  if (auto error = ForEachMember(meta, read_member)) return error;
  if (!input_tokens) input_tokens = billed;
  return SUCCESS;
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace

std::string ToString(const ItemPlace& place) {
  return std::string(place.list) + "[" + std::to_string(place.position) + "]";
}

error_code ReadFinite(ondemand::value value, double& number) {
  if (auto error = value.get_double().get(number)) return error;
  return std::isfinite(number) ? SUCCESS : simdjson::NUMBER_ERROR;
}

std::string NotFinite(const std::string& what, std::string_view token) {
  constexpr size_t kLongestShown = 24;
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= 0x20) token.remove_suffix(1);
  std::string sentence = what + " is not a finite number";
  if (!token.empty() && token.size() <= kLongestShown && IsPrintable(token))
    sentence.append(": ").append(token);
  return sentence;
}

struct AnswerReader::Parsed {
  StreamEvent event;
  bool has_list = false;
  bool has_error = false;
  std::string error;    // a provider's, when there is one
  std::string message;  // beside a list it says nothing; alone it is an error of Cohere's or Jina's
  std::string problem;  // why the answer is not what the API promises
};

void AnswerReader::Read(std::string& body, StreamEventSink& sink) {
  const size_t size = body.size();
  body.resize(size + simdjson::SIMDJSON_PADDING);
  Parsed parsed;
  const error_code error = Parse(body, size, parsed);
  if (!parsed.problem.empty()) {
    sink.OnMalformed(parsed.problem);
  } else if (error) {
    sink.OnMalformed(std::string("not valid JSON: ") + simdjson::error_message(error));
  } else if (parsed.has_error || (!parsed.has_list && !parsed.message.empty())) {
    const std::string& message = parsed.error.empty() ? parsed.message : parsed.error;
    sink.OnProviderError(message.empty() ? "the endpoint reported an error without a message" : message);
  } else if (!parsed.has_list) {
    sink.OnMalformed(list_.empty() ? "the answer is not a list" : list_ + " is missing");
  } else {
    parsed.event.items = items_->items();
    parsed.event.dimension = items_->dimension();
    sink.OnEvent(parsed.event);
  }
}

error_code AnswerReader::Parse(const std::string& padded, size_t size, Parsed& parsed) {
  ondemand::document document;
  if (auto error = parser_.iterate(padded.data(), size, padded.size()).get(document)) return error;
  ondemand::json_type type;
  if (auto error = document.type().get(type)) return error;
  if (type == ondemand::json_type::array) {
    ondemand::array list;
    if (auto error = document.get_array().get(list)) return error;
    if (auto error = ParseList(list, "", parsed)) return error;
  } else {
    ondemand::object object;
    if (auto error = document.get_object().get(object)) return error;
    if (auto error = ParseObject(object, parsed)) return error;
  }
  // On-Demand stops at the end of the document; what follows it would be ignored without this.
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS ? SUCCESS
                                                                        : simdjson::TRAILING_CONTENT;
}

error_code AnswerReader::ParseObject(ondemand::object object, Parsed& parsed) {
  bool is_error_object = false;
  std::optional<int64_t> total_tokens;
  std::optional<int64_t> cohere_tokens;
  const auto read_member = [&](std::string_view name, ondemand::value member) -> error_code {
    if (!list_.empty() && name == list_) {
      ondemand::array list;
      return member.get_array().get(list) == SUCCESS ? ParseList(list, list_, parsed) : SUCCESS;
    }
    if (name == "usage") return ReadUsage(member, parsed.event.usage, &total_tokens);
    if (name == "meta") return ReadCohereMeta(member, cohere_tokens);
    if (name == "error") return ReadErrorMember(member, parsed.has_error, parsed.error);
    if (name == "object") {
      is_error_object = TextOf(member) == "error";  // older vLLM: {"object":"error","message":…}
    } else if (name == "message" || name == "detail") {
      parsed.message = TextOf(member);
    }
    return SUCCESS;
  };
  if (auto error = ForEachMember(object, read_member)) return error;
  parsed.has_error = parsed.has_error || is_error_object;
  // Nothing is generated, so the total is the prompt's; some gateways give it beside a prompt of 0.
  std::optional<UsageReport>& usage = parsed.event.usage;
  if (usage && usage->prompt_tokens.value_or(0) == 0 && total_tokens) usage->prompt_tokens = total_tokens;
  if (!usage && cohere_tokens) usage = UsageReport{.prompt_tokens = cohere_tokens};
  return SUCCESS;
}

error_code AnswerReader::ParseList(ondemand::array list, std::string_view name, Parsed& parsed) {
  parsed.has_list = true;
  items_->Begin();
  ItemPlace place{.list = name};
  for (auto item : list) {
    ondemand::value value;
    if (auto error = item.get(value)) return error;
    if (auto error = items_->Read(value, place, parsed.problem)) return error;
    ++place.position;
  }
  items_->End(name, parsed.problem);
  return SUCCESS;
}

void AnswerDecoder::Begin(std::string_view content_type) {
  content_type_.assign(content_type);
  body_.clear();
  has_given_up_ = false;
}

void AnswerDecoder::Decode(std::string_view bytes, StreamEventSink& sink) {
  if (has_given_up_) return;
  if (body_.empty()) {
    const size_t start = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (start == std::string_view::npos) return;
    bytes.remove_prefix(start);
  }
  if (body_.size() + bytes.size() > kLargestBody) {
    sink.OnMalformed("a body of more than 512 MiB");
    body_.clear();
    has_given_up_ = true;
    return;
  }
  body_.append(bytes);
}

void AnswerDecoder::End(StreamEventSink& sink) {
  // An empty body is for the receiver of the events to judge.
  if (has_given_up_ || body_.empty()) return;
  if (body_.front() == '{' || body_.front() == '[') {
    reader_->Read(body_, sink);
    sink.OnDone();
    return;
  }
  if (body_.size() > kBodySample) body_.resize(kBodySample);
  sink.OnMalformed("a body of type '" + content_type_ + "' that begins '" + ProviderErrorMessage(body_) +
                   "'");
}

}  // namespace llmdyno
