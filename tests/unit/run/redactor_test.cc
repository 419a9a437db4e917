#include "run/redactor.h"

#include "support/catch.h"

using namespace llmdyno;

namespace {

std::string Redacted(std::string text, const std::string& key, const std::vector<HttpHeader>& headers = {}) {
  Endpoint endpoint;
  endpoint.api_key = Secret(key);
  endpoint.headers = headers;
  Redactor(endpoint).Apply(text);
  return text;
}

}  // namespace

TEST_CASE("Every occurrence of the key is replaced and nothing else", "[redactor]") {
  CHECK(Redacted("a sk-12345678 b sk-12345678.", "sk-12345678") == "a [redacted] b [redacted].");
  CHECK(Redacted("nothing here", "sk-12345678") == "nothing here");
  CHECK(Redacted("", "sk-12345678").empty());
  CHECK(Redacted("anything", "") == "anything");
}

TEST_CASE("The beginning of a long key is the key: messages are cut to length", "[redactor]") {
  CHECK(Redacted("bad key sk-1234567890ab", "sk-1234567890abcdef") == "bad key [redacted]");
  CHECK(Redacted("bad key sk-1234567890ab…", "sk-1234567890abcdef") == "bad key [redacted]…");
  CHECK(Redacted("keys begin with sk-12", "sk-1234567890abcdef") == "keys begin with sk-12");
}

TEST_CASE("A key that is part of what replaces it is replaced once", "[redactor]") {
  CHECK(Redacted("red", "red") == "[redacted]");
  CHECK(Redacted("a", "a") == "[redacted]");
  CHECK(Redacted("[redacted]", "[redacted]") == "[redacted]");
  CHECK(Redacted("xx]x", "]") == "xx[redacted]x");
}

TEST_CASE("Values of the user's headers are secret too, and what follows their scheme", "[redactor]") {
  CHECK(Redacted("got secret-value", "", {{"X-Key", "secret-value"}}) == "got [redacted]");
  CHECK(Redacted("got abcdef-123", "", {{"Authorization", "Bearer abcdef-123"}}) == "got [redacted]");
  CHECK(Redacted("1 is true", "", {{"X-Flag", "1"}, {"X-On", "true"}}) == "1 is true");
}
