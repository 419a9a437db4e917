// What the log says of an image in a request, so that tests can tell images apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace llmdyno {

struct ImageKind {
  std::optional<std::string> size;  // "64x32"; absent where it is no PNG in a data URL
  uint64_t hash = 0;                // of the whole URL: FNV-1a, 64 bits
};

// `url` may be any text. Reads the size from a PNG's header, without decoding the rest.
ImageKind DescribeImage(std::string_view url);

}  // namespace llmdyno
