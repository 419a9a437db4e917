// The object that a user wants merged over every body (--extra-body): what it says goes before what we say.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace llmdyno {

class ExtraBody {
 public:
  // InvalidArgument when the text is neither empty nor a JSON object.
  static absl::Status Check(const std::string& text);

  // Needs a text that Check accepts.
  explicit ExtraBody(const std::string& text);

  // Whether a member of a request is ours to write; otherwise it is the user's to set, or to leave out by
  // null.
  bool leaves(std::string_view member) const { return !members_.contains(member); }

  // `constants` are the members that all bodies of a dialect share. Returns them with the user's merged over
  // (RFC 7396: null removes one), as text without the braces: made once, for a tree of values costs more than
  // all the rest of a request's encoding.
  std::string MergedOver(nlohmann::ordered_json constants) const;

 private:
  nlohmann::ordered_json members_;
};

}  // namespace llmdyno
