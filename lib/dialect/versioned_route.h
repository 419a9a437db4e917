// Routes of another version than the one that the base URL names, and of none.
#pragma once

#include <string>
#include <string_view>

#include "llmdyno/core/endpoint.h"

namespace llmdyno {

// What stands before the version: "/openai" of "/openai/v1", nothing of "/v1", all of "/api".
inline std::string_view UnversionedPrefix(const BaseUrl& url) {
  std::string_view prefix = url.prefix;
  for (const std::string_view version : {"/v1", "/v2"}) {
    if (prefix.ends_with(version)) return prefix.substr(0, prefix.size() - version.size());
  }
  return prefix;
}

// "http://host/score" for UnversionedRoute(url, "score"), "http://host/v2/rerank" for "v2/rerank".
inline std::string UnversionedRoute(const BaseUrl& url, std::string_view route) {
  return url.origin + std::string(UnversionedPrefix(url)) + "/" + std::string(route);
}

}  // namespace llmdyno
