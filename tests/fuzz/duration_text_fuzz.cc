// Durations: what is accepted is not negative and reads the same when it is written out and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "llmdyno/base/duration_text.h"

using namespace llmdyno;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto duration = ParseDuration({reinterpret_cast<const char*>(data), size});
  if (!duration.ok()) {
    if (duration.status().message().empty()) std::abort();
    return 0;
  }
  if (*duration < Duration::zero()) std::abort();
  const auto again = ParseDuration(ToString(*duration));
  if (!again.ok() || *again != *duration) std::abort();
  return 0;
}
