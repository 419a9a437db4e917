// A string that must not be shown: prints as [redacted], is not comparable by accident, and has to be asked
// for by a name that stands out in review. Endpoints and fetchers hold their keys in it. A plain value.
#pragma once

#include <iosfwd>
#include <string>
#include <utility>

namespace llmdyno {

class Secret {
 public:
  Secret() = default;
  // Takes over the text; an empty one is the same as none.
  explicit Secret(std::string value) : value_(std::move(value)) {}
  bool empty() const { return value_.empty(); }
  // The only way to the text. For the line that puts it on the wire, and no other.
  const std::string& Reveal() const { return value_; }

 private:
  std::string value_;
};

// "[redacted]", or "" for an empty secret.
std::ostream& operator<<(std::ostream& out, const Secret& secret);
// As operator<< prints it.
std::string ToString(const Secret& secret);

}  // namespace llmdyno
