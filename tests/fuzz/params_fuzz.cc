// Settings in one word: what is accepted reads the same when it is written out and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "llmdyno/base/params.h"

using llmdyno::Params;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto params = Params::Parse({reinterpret_cast<const char*>(data), size});
  if (!params.ok()) {
    if (params.status().message().empty()) std::abort();
    return 0;
  }
  if (params->name.empty()) std::abort();
  const auto again = Params::Parse(ToString(*params));
  if (!again.ok() || again->name != params->name || again->settings != params->settings) std::abort();
  return 0;
}
