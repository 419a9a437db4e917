// Heads of HTTP/1.1 responses and the JSON errors that go with them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace llmdyno {

// A whole response but for what the connection adds.
struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::optional<std::chrono::seconds> retry_after = {};
  std::string body;
};

// How this request wants its response framed.
struct ReplyFraming {
  std::string_view request_id;  // sent back as x-request-id unless empty
  bool keep_alive = true;
  bool is_http_1_0 = false;  // no chunks: the end of the connection is the end of the body
  bool is_head = false;      // the head alone, with the Content-Length of the body it leaves out
};

std::string RenderReply(const HttpReply& reply, const ReplyFraming& framing);
// The head of an event stream.
std::string RenderStreamHead(const ReplyFraming& framing);

// {"error":{"message","type","param","code"}} as vLLM and OpenAI send it.
HttpReply ErrorReply(int status, std::string_view message);
HttpReply ErrorReply(int status, const absl::Status& error);
// The inner object alone, for an error inside a stream.
std::string ErrorJson(int status, std::string_view message);

}  // namespace llmdyno
