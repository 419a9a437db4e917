#include "run/in_flight_request.h"

#include <algorithm>
#include <utility>

#include "llmdyno/dialect/provider_error.h"

namespace llmdyno {
namespace {

// Enough of an error body to find its message in.
constexpr size_t kErrorBodyBytes = 4096;

bool IsSuccess(int status) { return status >= 200 && status < 300; }
bool IsOverload(int status) { return status == 429 || status == 503; }

}  // namespace

InFlightRequest::InFlightRequest(InFlightListener& listener, OutputCalibration& calibration,
                                 VectorDimension& dimension, const Redactor& redactor)
    : listener_(listener), calibration_(calibration), dimension_(dimension), redactor_(redactor) {}

RequestRecord& InFlightRequest::Begin(const Request& request, bool streamed, bool keep_texts) {
  record_.Reset();
  record_.request_id = request.id;
  record_.streamed = streamed;
  record_.model = request.model;
  record_.requested_output_tokens = request.max_output_tokens;
  record_.target_input_tokens = request.target_prompt_tokens;
  record_.images = ImageCount(request);
  expected_items_ = ExpectedItems(request);
  if (request.prompt_tokens) record_.input_tokens = {*request.prompt_tokens, request.prompt_tokens_source};
  keep_texts_ = keep_texts;
  if (keep_texts) record_.prompt_text = PromptText(request);
  ForgetResponse();
  return record_;
}

void InFlightRequest::BeginAgain() {
  record_.ForgetAnswer();
  ++record_.attempts;
  ForgetResponse();
}

void InFlightRequest::ForgetResponse() {
  head_ = {};
  pending_open_ = decoding_ = done_ = has_provider_error_ = is_malformed_ = false;
  received_bytes_ = text_bytes_ = announced_tokens_ = 0;
  reported_prompt_tokens_.reset();
  reported_completion_tokens_.reset();
  error_body_.clear();
}

void InFlightRequest::OnResponseHead(const ResponseHead& head, const ArrivalStamp& /*stamp*/) {
  head_ = head;
  decoding_ = IsSuccess(head.status);
  if (decoding_) decoder_->Begin(head.content_type);
}

void InFlightRequest::OnBytes(std::string_view bytes, const ArrivalStamp& stamp) {
  received_bytes_ += static_cast<int64_t>(bytes.size());
  if (!decoding_) {
    if (error_body_.size() < kErrorBodyBytes)
      error_body_.append(bytes.substr(0, kErrorBodyBytes - error_body_.size()));
    return;
  }
  if (pending_open_ && pending_.at != stamp.at) FlushArrival();
  stamp_ = stamp;
  decoder_->Decode(bytes, *this);
}

void InFlightRequest::OnEvent(const StreamEvent& event) {
  if (event.usage) TakeUsage(*event.usage);
  if (event.has_choice) {
    if (!record_.first_event_at) record_.first_event_at = stamp_.at;
    record_.last_event_at = stamp_.at;
    if (event.texts == 0) ++record_.textless_events;
  }
  if (!event.finish_reason.empty()) record_.finish_reason.assign(event.finish_reason);
  if (!event.provider.empty()) record_.provider.assign(event.provider);
  if (event.items) record_.items = event.items;
  if (event.dimension) record_.dimension = event.dimension;
  if (event.texts == 0) return;

  if (!record_.first_text_at) record_.first_text_at = stamp_.at;
  if (!event.content.empty()) {
    if (!record_.first_content_at) record_.first_content_at = stamp_.at;
    record_.last_content_at = stamp_.at;
  }
  record_.last_text_at = stamp_.at;
  text_bytes_ += static_cast<int64_t>(event.content.size() + event.reasoning.size() + event.tool_call.size());
  if (keep_texts_) record_.output_text.append(event.reasoning).append(event.content).append(event.tool_call);

  // A count beside a text says how many tokens there are so far: in every chunk with continuous usage, in the
  // last one from some services, in a response that is not streamed. Then the text weighs what is new.
  // Otherwise it is taken for one token until the final count is known. Some services say 0 until the last
  // chunk; that says nothing.
  int64_t tokens = event.texts;
  if (event.usage && event.usage->completion_tokens.value_or(0) > 0) {
    tokens = std::max<int64_t>(0, *event.usage->completion_tokens - announced_tokens_);
  }
  if (!pending_open_) {
    pending_ = {.at = stamp_.at, .events = 0, .tokens = 0, .upper_bound = false};
    pending_open_ = true;
    record_.arrival_clock = stamp_.clock;
  }
  ++pending_.events;
  pending_.tokens += static_cast<uint32_t>(tokens);
  pending_.upper_bound = pending_.upper_bound || stamp_.upper_bound;
  Announce(tokens, stamp_.at);
}

void InFlightRequest::OnDone() {
  done_ = true;
  record_.done_at = stamp_.at;
}

void InFlightRequest::TakeUsage(const UsageReport& usage) {
  record_.usage_at = stamp_.at;
  if (usage.prompt_tokens) reported_prompt_tokens_ = usage.prompt_tokens;
  if (usage.completion_tokens) reported_completion_tokens_ = usage.completion_tokens;
  if (usage.cached_tokens) record_.cached_input_tokens = usage.cached_tokens;
  if (usage.cost) record_.reported_cost = usage.cost;
  if (usage.reasoning_tokens) record_.reasoning_tokens = usage.reasoning_tokens;
}

void InFlightRequest::OnProviderError(std::string_view message) {
  if (!std::exchange(has_provider_error_, true)) provider_error_.assign(message);
}

void InFlightRequest::OnMalformed(std::string_view what) {
  if (!std::exchange(is_malformed_, true)) malformed_.assign(what);
}

void InFlightRequest::FlushArrival() {
  record_.arrivals.Append(pending_);
  pending_open_ = false;
}

void InFlightRequest::Announce(int64_t tokens, TimePoint at) {
  if (tokens == 0) return;
  announced_tokens_ += tokens;
  listener_.OnTokens(tokens, at);
}

void InFlightRequest::OnEnd(const TransferResult& result) {
  if (decoding_ && result.outcome.ok()) decoder_->End(*this);
  if (pending_open_) FlushArrival();
  record_.received_bytes = received_bytes_;
  record_.ended_at = result.ended_at;
  record_.connected_at = result.connected_at;
  record_.sent_at = result.sent_at;
  record_.first_byte_at = result.first_byte_at;
  record_.connection_reused = result.connection_reused;
  record_.dns_time = result.dns_time;
  record_.connect_time = result.connect_time;
  record_.tls_time = result.tls_time;
  record_.http_version = result.http_version;
  record_.outcome = JudgeOutcome(result);
  redactor_.Apply(record_.outcome.message);
  SettleTokenCounts();
  // The live count follows what the record says: more than was streamed when chunks held several tokens,
  // nothing when the request failed.
  Announce((record_.outcome.ok() ? record_.output_tokens.tokens : 0) - announced_tokens_, record_.ended_at);
  listener_.OnRequestEnded(*this);
}

Outcome InFlightRequest::JudgeOutcome(const TransferResult& result) const {
  Outcome outcome = result.outcome;
  if (head_.status != 0) outcome.http_status = head_.status;
  const bool is_whole = result.outcome.ok() || (result.outcome.cls == OutcomeClass::kCutStream && done_);
  if (head_.status != 0 && !IsSuccess(head_.status) && result.outcome.cls != OutcomeClass::kCancelled) {
    outcome.cls = IsOverload(head_.status) ? OutcomeClass::kOverload : OutcomeClass::kHttpStatus;
    outcome.retry_after = head_.retry_after;
    outcome.message = "HTTP " + std::to_string(head_.status);
    if (const std::string said = ProviderErrorMessage(error_body_); !said.empty())
      outcome.message += ": " + said;
    return outcome;
  }
  if (has_provider_error_) {
    outcome.cls = OutcomeClass::kProviderError;
    outcome.message = provider_error_;
    return outcome;
  }
  if (!is_whole) return outcome;
  const Outcome body = JudgeBody();
  outcome.cls = body.cls;
  outcome.message = body.message;
  return outcome;
}

// A 2xx that came whole is a success when it carries at least one token or a finish reason and ends as it
// should.
Outcome InFlightRequest::JudgeBody() const {
  Outcome outcome;
  const bool has_text = !record_.arrivals.empty();
  const bool has_finish = !record_.finish_reason.empty();
  if (is_malformed_) {
    outcome.cls = OutcomeClass::kMalformedStream;
    outcome.message = malformed_;
  } else if (expected_items_) {
    return JudgeItems();
  } else if (!has_text && !has_finish) {
    outcome.cls = OutcomeClass::kEmpty;
    outcome.message = "a response without a token and without a finish reason";
  } else if (!done_ && !has_finish) {
    outcome.cls = OutcomeClass::kCutStream;
    outcome.message = "the stream ended without [DONE] and without a finish reason";
  }
  return outcome;
}

// As many vectors or scores as texts were sent, and all vectors of the run equally long.
Outcome InFlightRequest::JudgeItems() const {
  Outcome outcome;
  const int64_t items = record_.items.value_or(0);
  if (items != *expected_items_) {
    outcome.cls = items == 0 ? OutcomeClass::kEmpty : OutcomeClass::kMalformedStream;
    outcome.message =
        "the answer has " + std::to_string(items) + " items, expected " + std::to_string(*expected_items_);
  } else if (record_.dimension) {
    outcome.message = dimension_.Check(*record_.dimension);
    if (!outcome.message.empty()) outcome.cls = OutcomeClass::kMalformedStream;
  }
  return outcome;
}

void InFlightRequest::SettleTokenCounts() {
  if (reported_prompt_tokens_) record_.input_tokens = {*reported_prompt_tokens_, TokenCountSource::kUsage};
  const int64_t events = record_.arrivals.total_events();
  if (reported_completion_tokens_) {
    record_.output_tokens = {*reported_completion_tokens_, TokenCountSource::kUsage};
    if (record_.outcome.ok() && !expected_items_)
      calibration_.Learn(events, text_bytes_, *reported_completion_tokens_);
  } else if (expected_items_) {
    record_.output_tokens = {0, TokenCountSource::kEvents};  // nothing is generated
  } else {
    record_.output_tokens = calibration_.Count(record_.streamed, events, text_bytes_);
  }
}

}  // namespace llmdyno
