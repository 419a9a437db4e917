#include "llmdyno/core/endpoint.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "llmdyno/base/number_text.h"

namespace llmdyno {
namespace {

// Routes that people paste as part of the URL; what stands before them is the prefix.
struct KnownRoute {
  std::string_view path;
  bool says_prefix;  // also when nothing stands before it. Engines serve the others at the root beside a /v1.
};
constexpr std::array<KnownRoute, 8> kKnownRoutes = {{{"/chat/completions", true},
                                                     {"/completions", true},
                                                     {"/models", false},
                                                     {"/embeddings", false},
                                                     {"/embed", false},
                                                     {"/rerank", false},
                                                     {"/score", false},
                                                     {"/tokenize", false}}};

// The URL without what may be secret in it: user name and password, query, fragment.
std::string Showable(std::string_view text) {
  std::string shown(text.substr(0, text.find_first_of("?#")));
  if (const size_t at = shown.rfind('@'); at != std::string::npos) {
    const size_t scheme = shown.find("://");
    const size_t first = scheme == std::string::npos ? 0 : scheme + 3;
    // A password with "?", "#" or "/" in it makes the parts ambiguous; then show none of them.
    shown = first <= at ? shown.replace(first, at - first, "[redacted]") : "[redacted]";
  } else if (text.find('@') != std::string_view::npos) {
    shown = "[redacted]";
  } else if (shown.size() < text.size()) {
    shown += "…";
  }
  return shown;
}

absl::Status Malformed(std::string_view text, std::string_view problem) {
  return absl::InvalidArgumentError("'" + Showable(text) +
                                    "' is not a usable endpoint URL: " + std::string(problem) +
                                    "; write for example http://localhost:8000 or https://host/v1");
}

absl::Status CheckAuthority(std::string_view text, std::string_view authority) {
  if (authority.find('@') != std::string_view::npos) {
    return Malformed(text, "credentials belong in --api-key or --header, not in the URL");
  }
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos) return Malformed(text, "the IPv6 address has no ']'");
    host = authority.substr(0, close + 1);
    port = authority.substr(close + 1);
  } else if (const size_t colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (host.empty()) return Malformed(text, "it names no host");
  const bool odd_character = std::any_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isspace(c) != 0 || std::iscntrl(c) != 0 || c == '<' || c == '>' || c == '"' || c == '\\';
  });
  if (odd_character) return Malformed(text, "the host name has a character that cannot stand there");
  if (port.empty()) return absl::OkStatus();
  const auto number = ParseInteger(port.substr(1));
  const bool digits = port.size() > 1 &&
                      std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (port[0] != ':' || !digits || !number || *number < 1 || *number > 65535) {
    return Malformed(text, "the port must be a number from 1 to 65535");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BaseUrl> BaseUrl::Parse(std::string_view text) {
  std::string_view rest = text;
  std::string scheme = "http";
  if (const size_t mark = rest.find("://"); mark != std::string_view::npos) {
    scheme.assign(rest.substr(0, mark));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    rest.remove_prefix(mark + 3);
  }
  if (scheme != "http" && scheme != "https") return Malformed(text, "the scheme must be http or https");
  if (rest.find_first_of("?#") != std::string_view::npos)
    return Malformed(text, "it has a query or fragment");
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (absl::Status status = CheckAuthority(text, authority); !status.ok()) return status;

  std::string_view path = rest.substr(authority.size());
  if (path.find_first_of(" \t\r\n") != std::string_view::npos)
    return Malformed(text, "the path has a space in it");
  if (std::any_of(path.begin(), path.end(), [](unsigned char c) { return std::iscntrl(c) != 0; })) {
    return Malformed(text, "the path has a control character in it");
  }
  while (path.ends_with('/')) path.remove_suffix(1);
  bool prefix_is_said = false;
  for (const KnownRoute& route : kKnownRoutes) {
    if (path.ends_with(route.path)) {
      path.remove_suffix(route.path.size());
      prefix_is_said = route.says_prefix;
      break;
    }
  }
  while (path.ends_with('/')) path.remove_suffix(1);
  BaseUrl url;
  url.origin = scheme + "://" + std::string(authority);
  url.prefix = path.empty() && !prefix_is_said ? "/v1" : std::string(path);
  return url;
}

std::string ToString(const BaseUrl& url) {
  // Without a prefix, or with one that looks like a route itself, it takes a route to say so.
  const bool is_ambiguous = url.prefix.empty() || std::any_of(kKnownRoutes.begin(), kKnownRoutes.end(),
                                                              [&](const KnownRoute& route) {
                                                                return url.prefix.ends_with(route.path);
                                                              });
  return is_ambiguous ? url.Route("chat/completions") : url.origin + url.prefix;
}

}  // namespace llmdyno
