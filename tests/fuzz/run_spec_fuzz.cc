// Whatever the bytes are, a run spec is read or refused with a sentence, and what was read is written so that
// it reads the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "llmdyno/catalog/run_spec_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto spec = llmdyno::ParseRunSpec(text);
  if (!spec.ok()) {
    if (spec.status().message().empty()) std::abort();
    return 0;
  }
  const std::string written = llmdyno::ToJson(*spec);
  const auto again = llmdyno::ParseRunSpec(written);
  if (!again.ok() || llmdyno::ToJson(*again) != written) std::abort();
  return 0;
}
