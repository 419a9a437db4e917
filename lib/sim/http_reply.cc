#include "http_reply.h"

#include <nlohmann/json.hpp>

namespace llmdyno {
namespace {

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Payload Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
  }
  return "Unknown";
}

std::string_view ErrorType(int status) {
  switch (status) {
    case 400:
      return "BadRequestError";
    case 401:
      return "AuthenticationError";
    case 404:
      return "NotFoundError";
    case 405:
      return "MethodNotAllowedError";
    case 413:
      return "PayloadTooLargeError";
    case 429:
      return "RateLimitError";
    case 503:
      return "ServiceUnavailableError";
  }
  return status < 500 ? "BadRequestError" : "InternalServerError";
}

void AppendCommonHeaders(std::string_view content_type, const ReplyFraming& framing, std::string& head) {
  head.append("server: llmdyno-sim\r\ncontent-type: ").append(content_type).append("\r\n");
  if (!framing.request_id.empty()) head.append("x-request-id: ").append(framing.request_id).append("\r\n");
  if (!framing.keep_alive) head.append("connection: close\r\n");
}

}  // namespace

std::string RenderReply(const HttpReply& reply, const ReplyFraming& framing) {
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " ";
  text.append(ReasonPhrase(reply.status)).append("\r\n");
  AppendCommonHeaders(reply.content_type, framing, text);
  if (reply.retry_after) {
    text.append("retry-after: ").append(std::to_string(reply.retry_after->count())).append("\r\n");
  }
  text.append("content-length: ").append(std::to_string(reply.body.size())).append("\r\n\r\n");
  if (!framing.is_head) text.append(reply.body);
  return text;
}

std::string RenderStreamHead(const ReplyFraming& framing) {
  std::string text = "HTTP/1.1 200 OK\r\n";
  AppendCommonHeaders("text/event-stream; charset=utf-8", framing, text);
  text.append("cache-control: no-cache\r\n");
  text.append(framing.is_http_1_0 ? "\r\n" : "transfer-encoding: chunked\r\n\r\n");
  return text;
}

std::string ErrorJson(int status, std::string_view message) {
  nlohmann::ordered_json error = {
      {"message", message}, {"type", ErrorType(status)}, {"param", nullptr}, {"code", status}};
  // Messages may quote what a client sent, which need not be UTF-8.
  return error.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

HttpReply ErrorReply(int status, std::string_view message) {
  return {.status = status, .body = "{\"error\":" + ErrorJson(status, message) + "}"};
}

HttpReply ErrorReply(int status, const absl::Status& error) {
  return ErrorReply(status, std::string_view(error.message().data(), error.message().size()));
}

}  // namespace llmdyno
