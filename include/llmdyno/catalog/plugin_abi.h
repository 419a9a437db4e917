// What a plugin's shared library shows of itself before anything of it is called: the entry point, and by
// what a program sees whether the two were built to fit.
//
// For authors of plugins, by way of llmdyno/plugin.h, and for the loader. Only values and virtual tables of
// the public headers cross between a program and a plugin; their layout is vouched for by three things that
// must be equal on both sides: LLMDYNO_PLUGIN_ABI, the version as far as its minor number, and the build tag.
#pragma once

#include <cstdint>

#include "absl/base/config.h"
#include "absl/status/status.h"
#include "llmdyno/base/version.h"
#include "llmdyno/catalog/catalog.h"

// Counts up whenever an interface of an extension point, or a value that it takes, changes its layout.
#define LLMDYNO_PLUGIN_ABI 1

// For LLMDYNO_TEXT.
#define LLMDYNO_TEXT_OF(x) #x
// The text of what a macro stands for.
#define LLMDYNO_TEXT(x) LLMDYNO_TEXT_OF(x)

#if defined(_LIBCPP_ABI_VERSION)
#define LLMDYNO_STANDARD_LIBRARY_TAG "libc++" LLMDYNO_TEXT(_LIBCPP_ABI_VERSION)
#elif defined(_GLIBCXX_DEBUG)
#define LLMDYNO_STANDARD_LIBRARY_TAG "libstdc++-debug-cxx11-" LLMDYNO_TEXT(_GLIBCXX_USE_CXX11_ABI)
#else
// Which standard library, and which layout of its strings: a part of the build tag.
#define LLMDYNO_STANDARD_LIBRARY_TAG "libstdc++-cxx11-" LLMDYNO_TEXT(_GLIBCXX_USE_CXX11_ABI)
#endif

#if defined(ABSL_LTS_RELEASE_VERSION)
#define LLMDYNO_ABSEIL_TAG "absl-" LLMDYNO_TEXT(ABSL_LTS_RELEASE_VERSION)
#else
// Abseil's release, or that it is none: a part of the build tag.
#define LLMDYNO_ABSEIL_TAG "absl-head"
#endif

// What decides about the layout of std::string, absl::Status and the like: standard library, Abseil's release
// and the options that it was built with, and the size of a pointer. Not the compiler and not its flags: GCC
// and Clang, with and without -g or -O, fit.
#define LLMDYNO_BUILD_TAG                                                                               \
  LLMDYNO_STANDARD_LIBRARY_TAG                                                                          \
  " " LLMDYNO_ABSEIL_TAG                                                                                \
  "-" LLMDYNO_TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME) "-std" LLMDYNO_TEXT(ABSL_OPTION_USE_STD_OPTIONAL) \
      LLMDYNO_TEXT(ABSL_OPTION_USE_STD_STRING_VIEW)                                                     \
          LLMDYNO_TEXT(ABSL_OPTION_USE_STD_VARIANT) " pointer" LLMDYNO_TEXT(__SIZEOF_POINTER__)

extern "C" {

// The members up to `build_tag` keep their place for ever, so that any program can read from any plugin why
// the two do not fit. Texts end in a zero and live as long as the library is loaded.
struct LlmdynoPluginDescriptor {
  uint32_t struct_size;         // of this struct where the plugin was compiled
  uint32_t abi;                 // LLMDYNO_PLUGIN_ABI
  const char* llmdyno_version;  // LLMDYNO_HEADER_VERSION
  const char* build_tag;        // LLMDYNO_BUILD_TAG
  const char* name;
  const char* version;  // the plugin's own
  const char* summary;  // one line
  // Adds the plugin's entries to a catalog that holds nothing else.
  absl::Status (*register_entries)(llmdyno::Catalog& catalog);
};

// The entry point: LLMDYNO_PLUGIN defines it.
extern __attribute__((visibility("default"))) const LlmdynoPluginDescriptor llmdyno_plugin_descriptor;
}

// Once in a plugin, outside of any namespace. `register_function` is an absl::Status(llmdyno::Catalog&).
//
//   LLMDYNO_PLUGIN("mine", "1.0", "requests as our users send them", RegisterMine)
#define LLMDYNO_PLUGIN(plugin_name, plugin_version, plugin_summary, register_function)        \
  extern "C" {                                                                                \
  __attribute__((used))                                                                       \
  const LlmdynoPluginDescriptor llmdyno_plugin_descriptor = {sizeof(LlmdynoPluginDescriptor), \
                                                             LLMDYNO_PLUGIN_ABI,              \
                                                             LLMDYNO_HEADER_VERSION,          \
                                                             LLMDYNO_BUILD_TAG,               \
                                                             plugin_name,                     \
                                                             plugin_version,                  \
                                                             plugin_summary,                  \
                                                             &register_function};             \
  }
