#include "image_kind.h"

#include "absl/strings/escaping.h"
#include "base/as_absl.h"

namespace llmdyno {
namespace {

// http://www.isthe.com/chongo/tech/comp/fnv
uint64_t Fnv1a(std::string_view bytes) {
  uint64_t hash = 0xCBF29CE484222325U;
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001B3U;
  }
  return hash;
}

uint32_t BigEndian(std::string_view bytes) {
  uint32_t number = 0;
  for (const char byte : bytes.substr(0, 4)) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

// Signature, length and name of the first chunk, then width and height (PNG specification, sections 5.2 and
// 11.2.2).
std::optional<std::string> PngSize(std::string_view bytes) {
  constexpr std::string_view kStart("\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16);
  constexpr size_t kHeaderBytes = 24;
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kStart)) return std::nullopt;
  return std::to_string(BigEndian(bytes.substr(16))) + "x" + std::to_string(BigEndian(bytes.substr(20)));
}

}  // namespace

ImageKind DescribeImage(std::string_view url) {
  ImageKind kind{.size = std::nullopt, .hash = Fnv1a(url)};
  constexpr std::string_view kBase64 = ";base64,";
  constexpr size_t kHeaderCharacters = 32;  // of base64, for the 24 bytes that are wanted
  const size_t mark = url.substr(0, 100).find(kBase64);
  if (!url.starts_with("data:") || mark == std::string_view::npos) return kind;
  const std::string_view base64 = url.substr(mark + kBase64.size(), kHeaderCharacters);
  std::string bytes;
  if (absl::Base64Unescape(AsAbsl(base64), &bytes)) kind.size = PngSize(bytes);
  return kind;
}

}  // namespace llmdyno
