#include "llmdyno/workload/noise_image.h"

#include <png.h>

#include <cassert>
#include <cstdlib>
#include <vector>

#include "absl/strings/escaping.h"
#include "base/as_absl.h"

namespace llmdyno {
namespace {

// The bytes of each number from the lowest on, on every machine.
void FillRow(Rng& rng, std::vector<unsigned char>& row) {
  size_t at = 0;
  for (; at + 8 <= row.size(); at += 8) {
    const uint64_t bits = rng.Next();
    for (size_t i = 0; i < 8; ++i) row[at + i] = static_cast<unsigned char>(bits >> (8 * i));
  }
  for (uint64_t bits = rng.Next(); at < row.size(); ++at, bits >>= 8U)
    row[at] = static_cast<unsigned char>(bits);
}

// libpng reports errors by a function that must not return. What it could meet here is a lack of memory.
[[noreturn]] void OnError(png_structp /*png*/, png_const_charp /*message*/) { std::abort(); }
void OnWarning(png_structp /*png*/, png_const_charp /*message*/) {}

void Append(png_structp png, png_bytep bytes, png_size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(bytes), size);
}

}  // namespace

std::string NoisePng(int64_t width_px, int64_t height_px, Rng rng) {
  assert(width_px >= 1 && width_px <= kMaxNoiseImagePixels);  // whoever read the flags has checked it
  assert(height_px >= 1 && height_px <= kMaxNoiseImagePixels);
  std::vector<unsigned char> row(static_cast<size_t>(width_px) * 3);
  // One byte per row for its filter; what PNG and zlib put around the bytes is 0.2 % of them. Growing would
  // throw through libpng when memory runs out.
  const size_t raw_bytes = (row.size() + 1) * static_cast<size_t>(height_px);
  std::string file;
  file.reserve(raw_bytes + raw_bytes / 256 + 1024);

  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, OnError, OnWarning);
  if (png == nullptr) std::abort();
  png_infop info = png_create_info_struct(png);
  if (info == nullptr) std::abort();
  png_set_write_fn(png, &file, Append, nullptr);
  // Noise cannot be compressed; trying takes twenty times as long and filtering ten times.
  png_set_compression_level(png, 0);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width_px), static_cast<png_uint_32>(height_px), 8,
               PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (int64_t y = 0; y < height_px; ++y) {
    FillRow(rng, row);
    png_write_row(png, row.data());
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

std::string DataUrl(std::string_view mime_type, std::string_view bytes) {
  std::string base64;
  absl::Base64Escape(AsAbsl(bytes), &base64);
  std::string url = "data:";
  url.reserve(url.size() + mime_type.size() + base64.size() + 8);
  return url.append(mime_type).append(";base64,").append(base64);
}

}  // namespace llmdyno
