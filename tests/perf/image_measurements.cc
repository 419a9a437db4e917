// Pictures of a sweep's image scenarios, which are made before the clock starts.
#include "llmdyno/workload/noise_image.h"
#include "measurement_setup.h"
#include "measurements.h"

namespace llmdyno {
std::vector<Measurement> MeasureImages() {
  constexpr int kPictures = 200;
  std::vector<double> rates;
  for (int round = 0; round < 5; ++round) {
    size_t bytes = 0;
    const double begin = OwnCpuSeconds();
    for (int i = 0; i < kPictures; ++i) {
      bytes += DataUrl("image/png", NoisePng(512, 512, Rng(static_cast<uint64_t>(i)))).size();
    }
    const double seconds = OwnCpuSeconds() - begin;
    // What is never looked at need not be made.
    if (bytes > 0) rates.push_back(kPictures / seconds);
  }
  const double rate = Median(rates);
  return {{"512 x 512 noise PNGs as data URLs", ">= 100 per CPU-second",
           Text("%.0f", rate) + " (5 rounds: " + Range(rates, "%.0f") + ")", rate >= 100}};
}

}  // namespace llmdyno
