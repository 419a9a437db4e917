#include "dialect/error_member.h"

#include <string_view>

#include "dialect/json_members.h"

namespace llmdyno {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

simdjson::error_code ReadErrorMember(ondemand::value value, bool& has_error, std::string& message) {
  ondemand::json_type type;
  if (auto error = value.type().get(type)) return error;
  if (type == ondemand::json_type::null) return SUCCESS;
  has_error = true;
  if (type == ondemand::json_type::string) {
    message = TextOf(value);
    return SUCCESS;
  }
  if (type != ondemand::json_type::object) return SUCCESS;
  ondemand::object object;
  if (auto error = value.get_object().get(object)) return error;
  return ForEachMember(object, [&](std::string_view name, ondemand::value member) {
    if (name == "message") message = TextOf(member);
    return SUCCESS;
  });
}

}  // namespace llmdyno
