// Keeps what lets us in out of what we write: an endpoint may echo a key in an error message.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/core/endpoint.h"

namespace llmdyno {

class Redactor {
 public:
  // The key, and the values of the user's own headers; a bare "1" or "true" is no secret.
  explicit Redactor(const Endpoint& endpoint) {
    if (!endpoint.api_key.empty()) secrets_.push_back(endpoint.api_key.Reveal());
    for (const HttpHeader& header : endpoint.headers) {
      Add(header.value);
      // Of "Bearer KEY" an endpoint echoes the key alone.
      if (const size_t space = header.value.rfind(' '); space != std::string::npos)
        Add(header.value.substr(space + 1));
    }
  }

  // Messages are cut to length before they get here, so the beginning of a secret counts as the secret.
  void Apply(std::string& text) const {
    constexpr std::string_view kInstead = "[redacted]";
    constexpr size_t kTelling = 8;
    for (const std::string& secret : secrets_) {
      const std::string_view beginning = std::string_view(secret).substr(0, kTelling);
      for (size_t at = text.find(beginning); at != std::string::npos; at = text.find(beginning, at)) {
        const auto [end, unused] = std::mismatch(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                                                 secret.begin(), secret.end());
        text.replace(at, static_cast<size_t>(end - text.begin()) - at, kInstead);
        at += kInstead.size();
      }
    }
  }

 private:
  void Add(const std::string& value) {
    constexpr size_t kShortestSecret = 6;
    if (value.size() >= kShortestSecret) secrets_.push_back(value);
  }

  std::vector<std::string> secrets_;
};

}  // namespace llmdyno
