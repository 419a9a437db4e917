#include "dialect/extra_body.h"

#include <utility>

namespace llmdyno {

using Json = nlohmann::ordered_json;

absl::Status ExtraBody::Check(const std::string& text) {
  if (text.empty() || Json::parse(text, nullptr, false).is_object()) return absl::OkStatus();
  return absl::InvalidArgumentError("the extra body must be a JSON object such as {\"top_p\":0.9}, not " +
                                    text);
}

ExtraBody::ExtraBody(const std::string& text) : members_(text.empty() ? Json::object() : Json::parse(text)) {}

std::string ExtraBody::MergedOver(Json constants) const {
  constants.merge_patch(members_);
  const std::string text = constants.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.substr(1, text.size() - 2);
}

}  // namespace llmdyno
