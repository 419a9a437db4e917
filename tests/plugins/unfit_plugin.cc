// A plugin that was built for another program: OTHER_ABI, OTHER_VERSION or OTHER_TAG says in what.
#include "llmdyno/plugin.h"

namespace {
absl::Status Register(llmdyno::Catalog&) { return absl::OkStatus(); }
}  // namespace

extern "C" {
__attribute__((used))
const LlmdynoPluginDescriptor llmdyno_plugin_descriptor = {sizeof(LlmdynoPluginDescriptor),
#if defined(OTHER_ABI)
                                                           LLMDYNO_PLUGIN_ABI + 41,
#else
                                                           LLMDYNO_PLUGIN_ABI,
#endif
#if defined(OTHER_VERSION)
                                                           "0.0.9",
#else
                                                           LLMDYNO_HEADER_VERSION,
#endif
#if defined(OTHER_TAG)
                                                           "libstdc++-cxx11-0 absl-20200225",
#else
                                                           LLMDYNO_BUILD_TAG,
#endif
                                                           "unfit",
                                                           "1",
                                                           "fits nowhere",
                                                           &Register};
}
