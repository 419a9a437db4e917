// Seeded chance that gives the same sequence on every platform.
//
// The standard library's distributions differ between implementations, so the transforms here are our own.
// Workloads, load models and bootstraps draw from it. Values; each used by one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace llmdyno {

// xoshiro256** (Blackman and Vigna, 2018), seeded through splitmix64. Copyable value; not thread-safe.
class Rng {
 public:
  // The same seed gives the same sequence everywhere; any seed will do, 0 included.
  explicit Rng(uint64_t seed);
  // 64 random bits.
  uint64_t Next();
  // Uniform in [0, 1) with 53 random bits.
  double UniformReal();
  // Uniform integer in [low, high], both ends included. Needs low <= high.
  int64_t UniformInt(int64_t low, int64_t high);
  // True with that probability: never for 0, always for 1.
  bool Chance(double probability) { return UniformReal() < probability; }
  // Exponential with the given mean (inverse transform).
  double Exponential(double mean);
  // Normal by the Box-Muller transform, one value per call.
  double Normal(double mean, double standard_deviation);

 private:
  std::array<uint64_t, 4> state_;
};

// One seed per run, one independent generator per concern, so that changing the load never changes the
// prompts. The name picks the stream: Stream("prompts") is always the same sequence for the same seed.
class RandomStreams {
 public:
  // Of the run's seed.
  explicit RandomStreams(uint64_t seed) : seed_(seed) {}
  // A generator of its own for `concern`, at its beginning.
  Rng Stream(std::string_view concern) const;
  uint64_t seed() const { return seed_; }

 private:
  uint64_t seed_;
};

// Fisher-Yates shuffle with our own generator; std::shuffle may differ between platforms.
template <typename Container>
void Shuffle(Container& items, Rng& rng) {
  for (int64_t i = static_cast<int64_t>(items.size()) - 1; i > 0; --i) {
    using std::swap;
    swap(items[static_cast<size_t>(i)], items[static_cast<size_t>(rng.UniformInt(0, i))]);
  }
}

}  // namespace llmdyno
