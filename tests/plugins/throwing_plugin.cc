// A plugin that throws while it registers.
#include <stdexcept>

#include "llmdyno/plugin.h"

namespace {
absl::Status Register(llmdyno::Catalog&) { throw std::runtime_error("not today"); }
}  // namespace

LLMDYNO_PLUGIN("throwing", "1", "never gets so far", Register)
