#include "catalog/plugin_library.h"

#include <cxxabi.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

constexpr std::string_view kUndefined = "undefined symbol: ";

std::string Plugin(const std::string& path) { return "plugin '" + path + "' "; }

// Members that keep their place for ever end here.
constexpr uint32_t kSmallestDescriptor = offsetof(LlmdynoPluginDescriptor, name);

// "0.1" of "0.1.0".
std::string_view MinorVersion(std::string_view version) {
  const size_t first = version.find('.');
  return version.substr(0, first == std::string_view::npos ? first : version.find('.', first + 1));
}

std::string Demangled(const std::string& symbol) {
  int status = 0;
  char* name = abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status);
  std::string text = status == 0 && name != nullptr ? name : symbol;
  std::free(name);
  return text;
}

// What the dynamic linker says, without the path that the sentence has already.
absl::Status CannotBeOpened(const std::string& path, std::string said) {
  if (said.starts_with(path + ": ")) said.erase(0, path.size() + 2);
  if (const size_t at = said.find(kUndefined); at != std::string::npos) {
    std::string symbol = said.substr(at + kUndefined.size());
    symbol = symbol.substr(0, symbol.find_first_of(" ("));
    return absl::InvalidArgumentError(Plugin(path) + "uses " + Demangled(symbol) +
                                      ", which no library that it is linked with has: link it with what has "
                                      "it; what is llmdyno's comes with "
                                      "llmdyno::llmdyno (llmdyno_add_plugin does that)");
  }
  return absl::InvalidArgumentError(Plugin(path) + "cannot be loaded: " + said);
}

// Before the dynamic linker is asked, whose sentences are for those who know it.
absl::Status CheckFile(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return absl::NotFoundError(Plugin(path) + "does not exist: expected the file of a shared library");
  }
  if (std::filesystem::is_directory(status)) {
    return absl::InvalidArgumentError(
        Plugin(path) + "is a folder: expected the file of a shared library, such as libmine.so");
  }
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4> magic{};
  if (!file) return absl::InvalidArgumentError(Plugin(path) + "cannot be read: " + std::strerror(errno));
  file.read(magic.data(), magic.size());
  if (std::string_view(magic.data(), magic.size()) == "\177ELF") return absl::OkStatus();
  return absl::InvalidArgumentError(
      Plugin(path) +
      "is no shared library: expected what the linker makes with -shared (llmdyno_add_plugin)");
}

}  // namespace

absl::Status CheckDescriptor(const LlmdynoPluginDescriptor& descriptor, const std::string& path) {
  if (descriptor.struct_size < kSmallestDescriptor) {
    return absl::InvalidArgumentError(
        Plugin(path) + "has an entry point of " + std::to_string(descriptor.struct_size) +
        " bytes, which is none that LLMDYNO_PLUGIN makes: expected " + std::to_string(sizeof descriptor));
  }
  const std::string built = std::string("was built against llmdyno ") +
                            (descriptor.llmdyno_version != nullptr ? descriptor.llmdyno_version : "?");
  const std::string again = ": build it again against llmdyno " LLMDYNO_HEADER_VERSION
                            ", or use the programs that it was built for";
  if (descriptor.abi != LLMDYNO_PLUGIN_ABI) {
    return absl::InvalidArgumentError(Plugin(path) + "has plugin ABI " + std::to_string(descriptor.abi) +
                                      " and " + built + "; this program has plugin ABI " +
                                      std::to_string(LLMDYNO_PLUGIN_ABI) + again);
  }
  if (descriptor.llmdyno_version == nullptr ||
      MinorVersion(descriptor.llmdyno_version) != MinorVersion(LLMDYNO_HEADER_VERSION)) {
    return absl::InvalidArgumentError(Plugin(path) + built + "; this program is llmdyno " +
                                      LLMDYNO_HEADER_VERSION + again);
  }
  if (descriptor.build_tag == nullptr || std::string_view(descriptor.build_tag) != LLMDYNO_BUILD_TAG) {
    return absl::InvalidArgumentError(
        Plugin(path) + "was built with '" + (descriptor.build_tag != nullptr ? descriptor.build_tag : "?") +
        "'; this program with '" + LLMDYNO_BUILD_TAG +
        "': build it again with the standard library and the Abseil of this llmdyno");
  }
  if (descriptor.struct_size < sizeof descriptor || descriptor.register_entries == nullptr ||
      descriptor.name == nullptr || descriptor.version == nullptr || descriptor.summary == nullptr) {
    return absl::InvalidArgumentError(Plugin(path) +
                                      "has an entry point that lacks something: expected what "
                                      "LLMDYNO_PLUGIN(name, version, summary, function) makes");
  }
  return absl::OkStatus();
}

absl::StatusOr<PluginLibrary> OpenPluginLibrary(const std::string& path) {
  LLMDYNO_RETURN_IF_ERROR(CheckFile(path));
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* said = ::dlerror();
    return CannotBeOpened(path, said != nullptr ? said : "the dynamic linker does not say why");
  }
  PluginLibrary library;
  library.handle = std::shared_ptr<void>(handle, [](void* open) { ::dlclose(open); });
  const void* entry = ::dlsym(handle, "llmdyno_plugin_descriptor");
  if (entry == nullptr) {
    return absl::InvalidArgumentError(
        Plugin(path) +
        "is a shared library, but no plugin of llmdyno: it has no llmdyno_plugin_descriptor. Write "
        "LLMDYNO_PLUGIN(name, version, summary, function) in one of its files");
  }
  library.descriptor = static_cast<const LlmdynoPluginDescriptor*>(entry);
  LLMDYNO_RETURN_IF_ERROR(CheckDescriptor(*library.descriptor, path));
  return library;
}

}  // namespace llmdyno
