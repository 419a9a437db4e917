// Reads OpenAI responses, streamed and whole.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "dialect/openai_message.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/dialect/sse_framer.h"

namespace llmdyno {

class OpenAiDecoder final : public ResponseDecoder {
 public:
  // `reader` is shared by the decoders of a thread.
  explicit OpenAiDecoder(std::shared_ptr<OpenAiMessageReader> reader) : reader_(std::move(reader)) {}

  void Begin(std::string_view content_type) override;
  void Decode(std::string_view bytes, StreamEventSink& sink) override;
  void End(StreamEventSink& sink) override;
  std::unique_ptr<ResponseDecoder> NewSibling() override { return std::make_unique<OpenAiDecoder>(reader_); }

 private:
  enum class Form { kUnknown, kEvents, kJson, kNeither, kGivenUp };

  void Recognise(std::string_view& bytes);
  void TakeJson(std::string_view bytes, StreamEventSink& sink);
  void DecodeEvents(std::string_view bytes, StreamEventSink& sink);
  void TakeEvent(const SseEvent& event, StreamEventSink& sink);

  const std::shared_ptr<OpenAiMessageReader> reader_;
  Form form_ = Form::kUnknown;
  bool event_seen_ = false;
  SseFramer framer_;
  std::string content_type_;
  std::string body_;  // a JSON body, or the beginning of something that is neither
};

}  // namespace llmdyno
