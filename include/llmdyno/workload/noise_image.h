// Pictures made up for a load: they cost the endpoint what a photograph of the size does, and no two are
// alike. Preparers call it before the clock starts. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "llmdyno/base/random.h"

namespace llmdyno {

inline constexpr int64_t kMaxNoiseImagePixels = 16'384;  // of either side

// A PNG of random colours, 8 bits each of red, green and blue. Noise does not compress, so it has three bytes
// per pixel and cannot be told apart from others by less than all of them. The same generator gives the same
// bytes with the same libpng and zlib, the same pixels with any. Needs sides of 1 to kMaxNoiseImagePixels.
std::string NoisePng(int64_t width_px, int64_t height_px, Rng rng);

// "data:image/png;base64,…" for DataUrl("image/png", bytes).
std::string DataUrl(std::string_view mime_type, std::string_view bytes);

}  // namespace llmdyno
