#pragma once

#include <cstdint>
#include <vector>

#include "vector.h"

namespace clapper {

/** kLanes complex numbers. */
struct Complex {
  Vector re, im;
};

/** Discrete Fourier transforms of one size, kLanes of them at once: Stockham's method, with radix 4, 2 and any odd prime. */
class Fft {
 public:
  explicit Fft(int64_t size);

  /** @param x, y `[size]` each, both written over. @returns the one of them where the result stands. */
  Complex *Run(Complex *x, Complex *y) const;

 private:
  /** Of `count · stride` butterflies that take `radix` numbers each. */
  struct Stage {
    int64_t radix, count, stride;
    std::vector<float> twiddles;  // [count, radix - 1, 2]
    std::vector<float> roots;     // [(radix - 1) / 2, (radix - 1) / 2, 2], where the radix is odd
  };

  std::vector<Stage> stages_;
};

}  // namespace clapper
