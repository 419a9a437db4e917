#include "llmdyno/core/endpoint.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

using Catch::Matchers::Contains;

std::string Parsed(std::string_view text) {
  const auto url = BaseUrl::Parse(text);
  return url.ok() ? url->origin + " " + url->prefix : "error: " + std::string(url.status().message());
}

TEST_CASE("The host root, the /v1 root and the full path mean the same endpoint", "[core][endpoint]") {
  for (const std::string_view text :
       {"host:8000", "host:8000/", "http://host:8000", "http://host:8000/", "http://host:8000//",
        "http://host:8000/v1", "http://host:8000/v1/", "http://host:8000/v1/chat/completions",
        "http://host:8000/v1/chat/completions/", "http://host:8000/v1//chat/completions",
        "http://host:8000/v1/completions", "http://host:8000/v1/models", "http://host:8000/v1/embeddings",
        "http://host:8000/models", "http://host:8000/tokenize", "HTTP://host:8000/v1"}) {
    CAPTURE(text);
    CHECK(Parsed(text) == "http://host:8000 /v1");
  }
}

TEST_CASE("A path of another kind is kept as prefix", "[core][endpoint]") {
  CHECK(Parsed("https://api.example.com/openai/v1") == "https://api.example.com /openai/v1");
  CHECK(Parsed("https://api.example.com/openai/v1/chat/completions") == "https://api.example.com /openai/v1");
  CHECK(Parsed("http://host/api/") == "http://host /api");
}

TEST_CASE("A full path without a prefix is used as it is", "[core][endpoint]") {
  const BaseUrl url = BaseUrl::Parse("https://api.example.com/chat/completions").value();
  CHECK(url.prefix.empty());
  CHECK(url.Route("chat/completions") == "https://api.example.com/chat/completions");
  CHECK(Parsed("https://api.example.com/completions") == "https://api.example.com ");
}

TEST_CASE("Hosts may be names, IPv4 and IPv6 addresses, with and without a port", "[core][endpoint]") {
  CHECK(Parsed("localhost") == "http://localhost /v1");
  CHECK(Parsed("10.0.0.7:80") == "http://10.0.0.7:80 /v1");
  CHECK(Parsed("http://[::1]:8000/v1") == "http://[::1]:8000 /v1");
  CHECK(Parsed("https://[2001:db8::7]") == "https://[2001:db8::7] /v1");
  CHECK(Parsed("host:65535") == "http://host:65535 /v1");
}

TEST_CASE("Routes are built from the origin and the prefix", "[core][endpoint]") {
  const BaseUrl url = BaseUrl::Parse("http://host:8000/openai/v1").value();
  CHECK(url.Route("chat/completions") == "http://host:8000/openai/v1/chat/completions");
  CHECK(url.RootRoute("tokenize") == "http://host:8000/tokenize");
}

TEST_CASE("A base URL survives being written and read", "[core][endpoint]") {
  for (const std::string_view text : {"http://host:8000", "https://host/v1", "https://host/openai/v1",
                                      "http://[::1]:1/api", "host/chat/completions"}) {
    const BaseUrl url = BaseUrl::Parse(text).value();
    const BaseUrl again = BaseUrl::Parse(ToString(url)).value();
    CHECK(again.origin == url.origin);
    CHECK(again.prefix == url.prefix);
  }
}

TEST_CASE("What is not a usable URL is quoted in a sentence that says why", "[core][endpoint]") {
  CHECK(Parsed("ftp://host/") ==
        "error: 'ftp://host/' is not a usable endpoint URL: the scheme must be http or https; write for "
        "example "
        "http://localhost:8000 or https://host/v1");
  CHECK_THAT(Parsed(""), Contains("it names no host"));
  CHECK_THAT(Parsed("http://"), Contains("it names no host"));
  CHECK_THAT(Parsed("http://:8000"), Contains("it names no host"));
  CHECK_THAT(Parsed("/v1"), Contains("it names no host"));
  CHECK_THAT(Parsed("http://ho st"), Contains("a character that cannot stand there"));
  CHECK_THAT(Parsed("http://host<>"), Contains("a character that cannot stand there"));
  CHECK_THAT(Parsed("http://host/a b"), Contains("the path has a space in it"));
  CHECK_THAT(Parsed("http://[::1"), Contains("the IPv6 address has no ']'"));
  for (const std::string_view text : {"host:", "host:0", "host:65536", "host:80a", "host:-1", "host:+80",
                                      "host:1k", "[::1]x", "[::1]:", "::1"}) {
    CAPTURE(text);
    CHECK_THAT(Parsed(text), Contains("error: ") && (Contains("port must be a number from 1 to 65535") ||
                                                     Contains("it names no host")));
  }
}

TEST_CASE("Credentials in a URL are refused and never echoed", "[core][endpoint]") {
  CHECK(Parsed("http://me:hunter2@host/v1") ==
        "error: 'http://[redacted]@host/v1' is not a usable endpoint URL: credentials belong in --api-key or "
        "--header, not in the URL; write for example http://localhost:8000 or https://host/v1");
  for (const std::string_view text :
       {"me:hunter2@host", "http://hunter2@host", "ftp://me:hunter2@host", "http://me:hunter2@host/?q=1",
        "http://me:hun?ter2@host/", "http://me:hunter2#x@host/", "http://me:hunter2/x@host/",
        "https://host/v1?api_key=hunter2", "https://host/v1#hunter2", "me:hunter2@http://host"}) {
    CAPTURE(text);
    CHECK_THAT(Parsed(text), Contains("error: ") && !Contains("hunter2") && !Contains("hun"));
  }
}

}  // namespace
}  // namespace llmdyno
