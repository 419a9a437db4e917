// The thing under test: where it is, what it is called there, and how to be let in. Apps fill it in;
// dialects, tokenizers and transports read it. Plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/secret.h"
#include "llmdyno/core/http.h"

namespace llmdyno {

// A base URL in its parts. People give the host root, the /v1 root or the full path of a route; all three
// mean the same endpoint.
struct BaseUrl {
  std::string origin;  // "http://host:port", without a slash at the end
  std::string prefix;  // "/v1", or whatever stood before the route: "/openai/v1", "/api"

  // Accepts "host:8000", "http://host", "http://host/v1/", "https://host/v1/chat/completions".
  // A missing scheme means http. A path that ends in no known route is kept as prefix; an empty path means
  // /v1. InvalidArgument with a sentence for anything that is not an http or https URL with a host, and for a
  // URL with a user name, a query or a fragment.
  static absl::StatusOr<BaseUrl> Parse(std::string_view text);
  // "http://host:port/v1/chat/completions" for Route("chat/completions").
  std::string Route(std::string_view route) const { return origin + prefix + "/" + std::string(route); }
  // "http://host:port/tokenize": routes that engines serve outside the versioned prefix.
  std::string RootRoute(std::string_view route) const { return origin + "/" + std::string(route); }
};
// "http://host:port/v1": without a slash at the end.
std::string ToString(const BaseUrl& url);

// What every request of a run has in common.
struct Endpoint {
  BaseUrl url;
  std::string model;
  Secret api_key;
  std::vector<HttpHeader> headers;  // sent with every request; values count as secret and are never recorded
};

}  // namespace llmdyno
