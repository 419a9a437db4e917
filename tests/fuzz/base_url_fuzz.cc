// Endpoint URLs: what is accepted is an http or https URL, and reads the same when it is written out and read
// again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "llmdyno/core/endpoint.h"

using llmdyno::BaseUrl;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto url = BaseUrl::Parse({reinterpret_cast<const char*>(data), size});
  if (!url.ok()) {
    if (url.status().message().empty()) std::abort();
    return 0;
  }
  if (!url->origin.starts_with("http://") && !url->origin.starts_with("https://")) std::abort();
  if (url->origin.ends_with('/') || url->prefix.ends_with('/')) std::abort();
  const auto again = BaseUrl::Parse(ToString(*url));
  if (!again.ok() || again->origin != url->origin || again->prefix != url->prefix) std::abort();
  const auto route = BaseUrl::Parse(url->Route("chat/completions"));
  if (!route.ok() || route->origin != url->origin || route->prefix != url->prefix) std::abort();
  return 0;
}
