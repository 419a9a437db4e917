#include <cstdlib>
#include <string_view>

#include "llmdyno/hub/hub_dataset.h"

namespace llmdyno {
namespace {

// Without line ends, which a variable read from a file may have, and without a slash at the end.
std::string Trimmed(std::string_view text, bool is_url) {
  const std::string_view trimmed = is_url ? " \t\r\n/" : " \t\r\n";
  const size_t last = text.find_last_not_of(trimmed);
  if (last == std::string_view::npos) return "";
  text = text.substr(0, last + 1);
  return std::string(text.substr(text.find_first_not_of(" \t\r\n")));
}

}  // namespace

HubSettings HubSettings::FromEnvironment(const Lookup& lookup) {
  const auto get = [&](const char* variable) -> std::string {
    const char* const value = lookup(variable);
    return value == nullptr ? "" : value;
  };
  HubSettings settings;
  if (const std::string endpoint = Trimmed(get("HF_ENDPOINT"), true); !endpoint.empty()) {
    settings.server = settings.hub =
        endpoint.find("://") == std::string::npos ? "https://" + endpoint : endpoint;
  }
  settings.token = Secret(Trimmed(get("HF_TOKEN"), false));
  if (const std::string home = get("HF_HOME"); !home.empty()) {
    settings.cache_directory = home + "/llmdyno";
  } else if (const std::string cache = get("XDG_CACHE_HOME"); !cache.empty()) {
    settings.cache_directory = cache + "/llmdyno";
  } else if (const std::string user = get("HOME"); !user.empty()) {
    settings.cache_directory = user + "/.cache/llmdyno";
  }
  return settings;
}

HubSettings HubSettings::FromEnvironment() {
  return FromEnvironment([](const char* variable) { return std::getenv(variable); });
}

}  // namespace llmdyno
