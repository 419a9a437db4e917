#include "llmdyno/base/random.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace llmdyno {
namespace {

__extension__ using Uint128 = unsigned __int128;

uint64_t SplitMix64(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(uint64_t seed) {
  for (uint64_t& word : state_) word = SplitMix64(seed);
}

uint64_t Rng::Next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::UniformReal() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

int64_t Rng::UniformInt(int64_t low, int64_t high) {
  // Lemire's multiply-and-shift with rejection: unbiased, and the same everywhere.
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  if (range == 0) return static_cast<int64_t>(Next());  // the full 64-bit range
  Uint128 product = static_cast<Uint128>(Next()) * range;
  if (auto fraction = static_cast<uint64_t>(product); fraction < range) {
    const uint64_t threshold = -range % range;
    while (fraction < threshold) {
      product = static_cast<Uint128>(Next()) * range;
      fraction = static_cast<uint64_t>(product);
    }
  }
  return static_cast<int64_t>(static_cast<uint64_t>(low) + static_cast<uint64_t>(product >> 64));
}

double Rng::Exponential(double mean) { return -mean * std::log1p(-UniformReal()); }

double Rng::Normal(double mean, double standard_deviation) {
  const double radius = std::sqrt(-2 * std::log1p(-UniformReal()));
  return mean + standard_deviation * radius * std::cos(2 * std::numbers::pi * UniformReal());
}

Rng RandomStreams::Stream(std::string_view concern) const {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, 64 bits
  for (const char c : concern) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  uint64_t state = seed_;
  return Rng(SplitMix64(state) ^ hash);
}

}  // namespace llmdyno
