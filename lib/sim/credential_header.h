// Headers that no log may hold.
#pragma once

#include <string_view>

namespace llmdyno {

// `name` is in lower case.
inline bool HoldsCredentials(std::string_view name) {
  return name == "authorization" || name == "proxy-authorization" || name == "cookie" ||
         name.find("key") != std::string_view::npos || name.find("token") != std::string_view::npos ||
         name.find("secret") != std::string_view::npos;
}

}  // namespace llmdyno
