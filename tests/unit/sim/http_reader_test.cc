#include "sim/http_reader.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

const std::string kPlain =
    "POST /v1/chat/completions?x=1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer open sesame\r\nX-Request-Id: "
    "r1\r\n"
    "X-Api-Key: hush\r\nContent-Length: 5\r\n\r\nhello";
const std::string kChunked =
    "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";

// Feeds `bytes` in pieces of `size`, as a connection would: what was not taken is offered again.
ReceivedRequest ReadInPieces(const std::string& bytes, size_t size) {
  HttpReader reader;
  std::string unread;
  for (size_t at = 0; at < bytes.size(); at += size) {
    unread += bytes.substr(at, size);
    while (const size_t used = reader.Feed(unread)) unread.erase(0, used);
  }
  REQUIRE(reader.is_complete());
  CHECK(unread.empty());
  return reader.Take();
}

TEST_CASE("A request is the same however its bytes are cut", "[sim][http]") {
  for (size_t size = 1; size <= kPlain.size(); ++size) {
    const ReceivedRequest request = ReadInPieces(kPlain, size);
    CHECK(request.method == "POST");
    CHECK(request.path == "/v1/chat/completions");
    CHECK(request.body == "hello");
    CHECK(request.x_request_id == "r1");
    CHECK(request.keep_alive);
  }
  for (size_t size = 1; size <= kChunked.size(); ++size) CHECK(ReadInPieces(kChunked, size).body == "hello");
}

TEST_CASE("Headers that hold credentials are not among the headers to log", "[sim][http]") {
  const ReceivedRequest request = ReadInPieces(kPlain, 1000);
  CHECK(request.bearer_token.Reveal() == "open sesame");
  for (const auto& [name, value] : request.headers) {
    CHECK(value.find("sesame") == std::string::npos);
    CHECK(value.find("hush") == std::string::npos);
  }
}

TEST_CASE("A client that expects 100 Continue is told so once, when the header is complete", "[sim][http]") {
  HttpReader reader;
  reader.Feed("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(reader.TakeContinueRequest());
  CHECK_FALSE(reader.TakeContinueRequest());
  reader.Feed("ok");
  CHECK(reader.is_complete());
}

TEST_CASE("What is not HTTP is refused with 400 and a huge header with 431", "[sim][http]") {
  HttpReader nonsense;
  nonsense.Feed("\x16\x03\x01 this is no request\r\n\r\n");
  CHECK(nonsense.FindError() == 400);
  HttpReader huge;
  huge.Feed("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
  CHECK(huge.FindError() == 431);
}

TEST_CASE("HTTP/1.0 and Connection: close end the connection", "[sim][http]") {
  CHECK_FALSE(ReadInPieces("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 1000).keep_alive);
  const ReceivedRequest old = ReadInPieces("GET / HTTP/1.0\r\n\r\n", 1000);
  CHECK(old.is_http_1_0);
  CHECK_FALSE(old.keep_alive);
}

}  // namespace
}  // namespace llmdyno
