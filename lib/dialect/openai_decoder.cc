#include "dialect/openai_decoder.h"

#include "llmdyno/dialect/provider_error.h"

namespace llmdyno {
namespace {

// No event comes near this; a stream that holds back more is not SSE, or means harm.
constexpr size_t kLargestEvent = 64U << 20;
constexpr size_t kNeitherSample = 120;

bool IsEndMarker(std::string_view data) {
  while (data.ends_with(' ')) data.remove_suffix(1);
  return data == "[DONE]";
}

}  // namespace

void OpenAiDecoder::Begin(std::string_view content_type) {
  form_ = Form::kUnknown;
  content_type_.assign(content_type);
  body_.clear();
  framer_.Reset();
  event_seen_ = false;
}

// The first byte that is neither white space nor part of a byte-order mark tells an SSE body from a JSON one,
// more reliably than the content type does. What stands in front of it is taken off, except for the framer.
void OpenAiDecoder::Recognise(std::string_view& bytes) {
  const size_t at = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (at == std::string_view::npos) return;
  if (bytes[at] == '{' || bytes[at] == '[') {
    form_ = Form::kJson;
  } else if (bytes[at] == '<') {
    form_ = Form::kNeither;  // a web page: a proxy's or a wrong address's
  } else {
    form_ = Form::kEvents;
    return;
  }
  bytes.remove_prefix(at);
}

void OpenAiDecoder::Decode(std::string_view bytes, StreamEventSink& sink) {
  if (form_ == Form::kUnknown) {
    Recognise(bytes);
    if (form_ == Form::kUnknown) {
      DecodeEvents(bytes,
                   sink);  // blank so far: harmless to the framer, and it wants to see the byte-order mark
      return;
    }
  }
  if (form_ == Form::kEvents) {
    DecodeEvents(bytes, sink);
  } else if (form_ == Form::kJson) {
    TakeJson(bytes, sink);
  } else if (body_.size() < kNeitherSample) {
    body_.append(bytes.substr(0, kNeitherSample - body_.size()));
  }
}

void OpenAiDecoder::TakeJson(std::string_view bytes, StreamEventSink& sink) {
  body_.append(bytes);
  if (body_.size() <= kLargestEvent) return;
  sink.OnMalformed("a body of more than 64 MiB");
  body_.clear();
  form_ = Form::kGivenUp;
}

void OpenAiDecoder::DecodeEvents(std::string_view bytes, StreamEventSink& sink) {
  framer_.Feed(bytes);
  SseEvent event;
  while (framer_.Next(event)) TakeEvent(event, sink);
  if (framer_.held_bytes() > kLargestEvent) {
    sink.OnMalformed("an event of more than 64 MiB");
    framer_.Reset();
    form_ = Form::kGivenUp;
  }
}

void OpenAiDecoder::TakeEvent(const SseEvent& event, StreamEventSink& sink) {
  event_seen_ = true;
  if (IsEndMarker(event.data)) {
    sink.OnDone();
  } else if (event.type == "error") {
    const std::string message = ProviderErrorMessage(event.data);
    sink.OnProviderError(message.empty() ? "the endpoint reported an error without a message" : message);
  } else if (!event.data.empty()) {
    reader_->Read(event.data, sink);
  }
}

void OpenAiDecoder::End(StreamEventSink& sink) {
  switch (form_) {
    case Form::kEvents: {
      SseEvent event;
      if (framer_.Finish(event)) TakeEvent(event, sink);
      if (!event_seen_) sink.OnMalformed("a body of type '" + content_type_ + "' without a single event");
      break;
    }
    case Form::kJson:
      reader_->Read(body_, sink);
      sink.OnDone();
      break;
    case Form::kNeither:
      sink.OnMalformed("a body of type '" + content_type_ + "' that begins '" + ProviderErrorMessage(body_) +
                       "'");
      break;
    case Form::kGivenUp:  // and has said so
    case Form::kUnknown:  // an empty body; what that means is for the receiver of the events to say
      break;
  }
}

}  // namespace llmdyno
