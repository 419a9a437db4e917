#include "stream_renderer.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "http_reply.h"
#include "vocabulary.h"

namespace llmdyno {
namespace {

constexpr const char* kIndexKey = "{\"index\":";

std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The size of a chunk, as HTTP wants it before the chunk.
void AppendChunkSize(size_t size, std::string& out) {
  char digits[20];
  char* end = std::to_chars(digits, digits + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(digits, end);
}

}  // namespace

StreamWording MakeStreamWording(const SimConfig& config, ApiRoute route) {
  StreamWording wording;
  wording.line_end = config.crlf ? "\r\n" : "\n";
  wording.close = "}" + wording.line_end + wording.line_end;
  std::string end_of_text = "\",\"logprobs\":null,\"finish_reason\":";
  if (route == ApiRoute::kChat) {
    end_of_text = "\"},\"logprobs\":null,\"finish_reason\":";
    const std::string reasoning_key = "\"" + config.reasoning_field + "\":\"";
    const std::string first_key = config.reasoning_tokens > 0 ? reasoning_key : "\"content\":\"";
    wording.role = ",\"delta\":{\"role\":\"assistant\",\"content\":\"" + end_of_text + "null}]";
    wording.first = (config.role_chunk ? ",\"delta\":{" : ",\"delta\":{\"role\":\"assistant\",") + first_key;
    wording.content = ",\"delta\":{\"content\":\"";
    wording.reasoning = ",\"delta\":{" + reasoning_key;
  } else {
    wording.first = wording.content = ",\"text\":\"";
  }
  wording.suffix = end_of_text + "null}]";
  wording.length_suffix = end_of_text + "\"length\",\"stop_reason\":null}]";
  wording.stop_suffix = end_of_text + "\"stop\",\"stop_reason\":null}]";
  wording.usual_start = kIndexKey + ("0" + wording.content);
  wording.usual_end = wording.suffix + wording.close;
  return wording;
}

StreamRenderer::StreamRenderer(const StreamWording& wording, const SimConfig& config,
                               const ApiRequest& request, const GenerationPlan& plan, const std::string& id,
                               int64_t created_s, bool is_chunked)
    : wording_(wording),
      first_word_(plan.first_word),
      output_tokens_(plan.output_tokens),
      reasoning_tokens_(request.route == ApiRoute::kChat ? config.reasoning_tokens : 0),
      tokens_per_chunk_(config.tokens_per_chunk),
      choices_(request.choices),
      prompt_tokens_(request.prompt_tokens),
      is_chunked_(is_chunked),
      has_continuous_usage_(request.include_usage && request.continuous_usage && !plan.omits_usage),
      has_usage_extras_(config.usage_extras),
      reaches_limit_(plan.reaches_limit) {
  const char* object = request.route == ApiRoute::kChat ? "chat.completion.chunk" : "text_completion";
  head_ = "data: {\"id\":" + Quoted(id) + ",\"object\":\"" + object +
          "\",\"created\":" + std::to_string(created_s) + ",\"model\":" + Quoted(request.model) +
          (config.usage_extras ? ",\"provider\":" + Quoted(kExtrasProvider) : "") + ",\"choices\":[";
}

const std::string& StreamRenderer::BeforeText(int64_t first) const {
  if (first == 0) return wording_.first;
  return first < reasoning_tokens_ ? wording_.reasoning : wording_.content;
}

int64_t StreamRenderer::EventEnd(int64_t first) const {
  const int64_t end = std::min(first + tokens_per_chunk_, output_tokens_);
  return first < reasoning_tokens_ ? std::min(end, reasoning_tokens_) : end;
}

void StreamRenderer::AppendFrame(std::string_view payload, std::string& out) const {
  if (is_chunked_) AppendChunkSize(payload.size(), out);
  out.append(payload);
  if (is_chunked_) out.append("\r\n", 2);
}

void StreamRenderer::AppendUsageField(int64_t completion_tokens, int64_t reasoning_tokens,
                                      std::string& out) const {
  out.append(",\"usage\":");
  AppendUsage({.prompt_tokens = prompt_tokens_,
               .completion_tokens = completion_tokens,
               .reasoning_tokens = reasoning_tokens,
               .has_extras = has_usage_extras_},
              out);
}

void StreamRenderer::AppendRole(std::string& out) const {
  for (int64_t choice = 0; choice < choices_; ++choice) {
    AppendFrame(head_ + kIndexKey + std::to_string(choice) + wording_.role + wording_.close, out);
  }
}

void StreamRenderer::AppendTokens(int64_t choice, int64_t first, int64_t last, bool breaks_off,
                                  std::string& out) const {
  if (!is_chunked_) {
    out.append(head_);
    return AppendBehindHead(choice, first, last, breaks_off, out);
  }
  // Rendered after the head, so that the size is known before the frame is: everything between them is short.
  thread_local std::string rest;
  rest.clear();
  AppendBehindHead(choice, first, last, breaks_off, rest);
  AppendChunkSize(head_.size() + rest.size(), out);
  out.append(head_).append(rest).append("\r\n", 2);
}

void StreamRenderer::AppendBehindHead(int64_t choice, int64_t first, int64_t last, bool breaks_off,
                                      std::string& out) const {
  const bool is_usual = choice == 0 && first > 0 && first >= reasoning_tokens_ && last < output_tokens_ &&
                        !breaks_off && !has_continuous_usage_;
  if (is_usual) {
    out.append(wording_.usual_start);
    AppendOutputText(first_word_, first, last, out);
    out.append(wording_.usual_end);
    return;
  }
  out.append(kIndexKey);
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, choice).ptr);
  out.append(BeforeText(first));
  AppendOutputText(first_word_, first, last, out);
  if (breaks_off) {
    out.append(wording_.line_end).append(wording_.line_end);
    return;
  }
  out.append(last < output_tokens_ ? wording_.suffix
             : reaches_limit_      ? wording_.length_suffix
                                   : wording_.stop_suffix);
  if (has_continuous_usage_) {
    // Of all choices so far: those up to this one have come to `last`, the others to `first`.
    const auto sum = [&](int64_t done, int64_t behind) {
      return done * (choice + 1) + behind * (choices_ - choice - 1);
    };
    AppendUsageField(sum(last, first),
                     sum(std::min(last, reasoning_tokens_), std::min(first, reasoning_tokens_)), out);
  }
  out.append(wording_.close);
}

void StreamRenderer::AppendUsageEvent(std::string& out) const {
  std::string event = head_ + "]";
  AppendUsageField(output_tokens_ * choices_, std::min(reasoning_tokens_, output_tokens_) * choices_, event);
  AppendFrame(event + wording_.close, out);
}

void StreamRenderer::AppendError(bool is_named_event, std::string& out) const {
  const std::string& line_end = wording_.line_end;
  const std::string error =
      "data: {\"error\":" + ErrorJson(500, "the simulated engine failed while generating") + "}";
  AppendFrame((is_named_event ? "event: error" + line_end : "") + error + line_end + line_end, out);
}

void StreamRenderer::AppendComment(std::string& out) const {
  AppendFrame(": keep-alive" + wording_.line_end + wording_.line_end, out);
}

void StreamRenderer::AppendDone(std::string& out) const {
  AppendFrame("data: [DONE]" + wording_.line_end + wording_.line_end, out);
}

void StreamRenderer::AppendEnd(std::string& out) const {
  if (is_chunked_) out.append("0\r\n\r\n");
}

}  // namespace llmdyno
