// A plugin that was not linked with what it calls.
#include "llmdyno/plugin.h"

namespace forgotten {
absl::Status RegisterElsewhere(llmdyno::Catalog& catalog);
}

namespace {
absl::Status Register(llmdyno::Catalog& catalog) { return forgotten::RegisterElsewhere(catalog); }
}  // namespace

LLMDYNO_PLUGIN("undefined", "1", "lacks a symbol", Register)
