#include "http_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "credential_header.h"

namespace llmdyno {
namespace {

namespace http = boost::beast::http;

constexpr uint64_t kMaxBodyBytes = uint64_t{1} << 28;
constexpr uint32_t kMaxHeaderBytes = 1 << 16;

std::string AsString(boost::beast::string_view text) { return std::string(text.data(), text.size()); }

std::string LowerCase(boost::beast::string_view text) {
  std::string lower = AsString(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

Secret BearerToken(boost::beast::string_view value) {
  const std::string text = AsString(value);
  const std::string scheme = LowerCase(boost::beast::string_view(text).substr(0, 7));
  return scheme == "bearer " ? Secret(text.substr(7)) : Secret();
}

}  // namespace

class HttpReader::Parser : public http::request_parser<http::string_body> {};

HttpReader::HttpReader() { (void)Take(); }
HttpReader::~HttpReader() = default;

size_t HttpReader::Feed(std::string_view data) {
  if (error_ || parser_->is_done()) return 0;
  boost::beast::error_code error;
  const size_t used = parser_->put(boost::asio::buffer(data.data(), data.size()), error);
  if (error == http::error::need_more) error = {};
  if (error == http::error::body_limit)
    error_ = 413;
  else if (error == http::error::header_limit)
    error_ = 431;
  else if (error)
    error_ = 400;
  return used;
}

bool HttpReader::is_complete() const { return parser_->is_done(); }

bool HttpReader::TakeContinueRequest() {
  if (has_continued_ || !parser_->is_header_done() || parser_->is_done()) return false;
  has_continued_ = LowerCase(parser_->get()[http::field::expect]) == "100-continue";
  return has_continued_;
}

ReceivedRequest HttpReader::Take() {
  ReceivedRequest request;
  if (parser_) {
    auto message = parser_->release();
    request.method = AsString(message.method_string());
    request.path = AsString(message.target());
    request.path = request.path.substr(0, request.path.find('?'));
    request.keep_alive = message.keep_alive();
    request.is_http_1_0 = message.version() < 11;
    request.bearer_token = BearerToken(message[http::field::authorization]);
    for (const auto& field : message) {
      std::string name = LowerCase(field.name_string());
      if (name == "x-request-id") request.x_request_id = AsString(field.value());
      if (!HoldsCredentials(name)) request.headers.emplace_back(std::move(name), AsString(field.value()));
    }
    request.body = std::move(message.body());
  }
  parser_ = std::make_unique<Parser>();
  parser_->eager(true);
  parser_->body_limit(kMaxBodyBytes);
  parser_->header_limit(kMaxHeaderBytes);
  has_continued_ = false;
  return request;
}

}  // namespace llmdyno
