#include "net/chunked_body.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace llmdyno {
namespace {

std::string Chunk(std::string_view data) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + std::string(data) + "\r\n";
}

const std::string kBody =
    Chunk("data: a\n\n") + Chunk(std::string(300, 'x')) + Chunk("\r\n0\r\n") + "0\r\n\r\n";
const std::string kData = "data: a\n\n" + std::string(300, 'x') + "\r\n0\r\n";

std::string Decode(std::string_view raw, size_t piece_bytes) {
  ChunkedBody body;
  std::string data;
  for (size_t at = 0; at < raw.size(); at += piece_bytes) {
    body.Feed(raw.substr(at, piece_bytes), [&](std::string_view piece) { data += piece; });
  }
  return data;
}

}  // namespace

TEST_CASE("A chunked body gives the same data in pieces of any size", "[net][chunked]") {
  for (size_t size = 1; size <= kBody.size(); ++size) CHECK(Decode(kBody, size) == kData);
}

TEST_CASE("Chunk sizes may be upper case and carry extensions", "[net][chunked]") {
  CHECK(Decode("A;name=value\r\n0123456789\r\n0\r\n\r\n", 3) == "0123456789");
}

TEST_CASE("What follows the last chunk is not data", "[net][chunked]") {
  CHECK(Decode("1\r\na\r\n0\r\nX-Trailer: b\r\n\r\n", 1) == "a");
}

TEST_CASE("A size that is no number ends the body", "[net][chunked]") {
  CHECK(Decode("zz\r\nabc\r\n", 1).empty());
  CHECK(Decode("fffffffffffffffff\r\nabc", 1).empty());
}

TEST_CASE("A body is at a boundary between two chunks and nowhere else", "[net][chunked]") {
  ChunkedBody body;
  CHECK(body.at_boundary());
  const std::string chunk = Chunk("abc");
  for (size_t i = 0; i < chunk.size(); ++i) {
    body.Feed(chunk.substr(i, 1), [](std::string_view) {});
    CHECK(body.at_boundary() == (i + 1 == chunk.size()));
  }
}

TEST_CASE("Whole chunks at the front are taken, and nothing of what follows them", "[net][chunked]") {
  const std::string whole = Chunk("first") + Chunk("second");
  const std::string third = Chunk("third");
  for (size_t cut = 0; cut < third.size(); ++cut) {
    std::vector<std::string> taken;
    const std::string raw = whole + third.substr(0, cut);
    CHECK(ChunkedBody::TakeWholeChunks(raw, [&](std::string_view data) { taken.emplace_back(data); }) ==
          whole.size());
    CHECK(taken == std::vector<std::string>{"first", "second"});
  }
}

TEST_CASE("The last chunk and anything unusual are left in place", "[net][chunked]") {
  const auto taken = [](std::string_view raw) {
    return ChunkedBody::TakeWholeChunks(raw, [](std::string_view) {});
  };
  CHECK(taken("0\r\n\r\n") == 0);
  CHECK(taken("3;ext=1\r\nabc\r\n") == 0);  // libcurl knows extensions
  CHECK(taken("3\nabc\n") == 0);
  CHECK(taken("3\r\nabcd\r\n") == 0);  // the data does not end where its size says
  CHECK(taken("\r\n") == 0);
  CHECK(taken("") == 0);
  CHECK(taken("ffffffffffffff\r\n") == 0);
}

}  // namespace llmdyno
