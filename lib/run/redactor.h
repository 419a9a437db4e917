// Keeps what lets us in out of what we write: an endpoint may echo a key in an error message.
#pragma once

#include <string>
#include <vector>

#include "llmdyno/core/endpoint.h"

namespace llmdyno {

class Redactor {
 public:
  // The key, and the values of the user's own headers; a bare "1" or "true" is no secret.
  explicit Redactor(const Endpoint& endpoint) {
    constexpr size_t kShortestSecret = 6;
    if (!endpoint.api_key.empty()) secrets_.push_back(endpoint.api_key.Reveal());
    for (const HttpHeader& header : endpoint.headers) {
      if (header.value.size() >= kShortestSecret) secrets_.push_back(header.value);
    }
  }

  void Apply(std::string& text) const {
    for (const std::string& secret : secrets_) {
      for (size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
        text.replace(at, secret.size(), "[redacted]");
      }
    }
  }

 private:
  std::vector<std::string> secrets_;
};

}  // namespace llmdyno
