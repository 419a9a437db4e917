// Opens the file of a plugin and finds its descriptor, or says in a sentence why there is none.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/catalog/plugin_abi.h"

namespace llmdyno {

struct PluginLibrary {
  std::shared_ptr<void> handle;  // closes the library
  const LlmdynoPluginDescriptor* descriptor = nullptr;
};

// `path` is absolute. NotFound without such a file, InvalidArgument when it is no plugin that fits.
absl::StatusOr<PluginLibrary> OpenPluginLibrary(const std::string& path);

// Whether a plugin of this description fits into this program; the file is for the sentence.
absl::Status CheckDescriptor(const LlmdynoPluginDescriptor& descriptor, const std::string& path);

}  // namespace llmdyno
