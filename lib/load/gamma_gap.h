// Draws from a gamma distribution, the same on every platform.
#pragma once

#include <cmath>

#include "llmdyno/base/random.h"

namespace llmdyno {

// Gaps of a gamma distribution with a given shape and scale 1; only their proportions matter to who scales
// them. The method of Marsaglia and Tsang ("A simple method for generating gamma variables", 2000): about one
// attempt in twenty is rejected. Shapes below 1 are boosted: a draw of shape + 1 times U^(1/shape).
class GammaGap {
 public:
  // Needs shape > 0.
  explicit GammaGap(double shape)
      : shape_(shape), d_((shape < 1 ? shape + 1 : shape) - 1.0 / 3), c_(1 / std::sqrt(9 * d_)) {}

  double Draw(Rng& rng) const {
    if (shape_ == 1) return rng.Exponential(1);
    const double boost = shape_ < 1 ? std::pow(rng.UniformReal(), 1 / shape_) : 1;
    for (;;) {
      const double x = rng.Normal(0, 1);
      const double root = 1 + c_ * x;
      if (root <= 0) continue;
      const double v = root * root * root;
      if (std::log(rng.UniformReal()) < x * x / 2 + d_ - d_ * v + d_ * std::log(v)) return boost * d_ * v;
    }
  }

 private:
  double shape_;
  double d_;
  double c_;
};

}  // namespace llmdyno
