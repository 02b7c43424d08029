#include "fft.h"

#include <cmath>
#include <utility>

namespace clapper {
namespace {

/** exp(-2πi · turns), appended as two floats. */
void AppendRoot(std::vector<float> &to, double turns) {
  const double angle = -2 * M_PI * turns;
  to.push_back(static_cast<float>(std::cos(angle)));
  to.push_back(static_cast<float>(std::sin(angle)));
}

Complex operator+(const Complex &a, const Complex &b) { return {a.re + b.re, a.im + b.im}; }
Complex operator-(const Complex &a, const Complex &b) { return {a.re - b.re, a.im - b.im}; }
Complex TimesMinusI(const Complex &a) { return {a.im, -a.re}; }
Complex Times(const Complex &a, const float *root) {
  return {a.re * root[0] - a.im * root[1], a.re * root[1] + a.im * root[0]};
}

// Each takes its numbers `step` apart, and gives them `stride` apart, but for the first turned by the twiddles.

void Butterfly2(const Complex *x, int64_t step, Complex *y, int64_t stride, const float *twiddles) {
  const Complex a = x[0], b = x[step];
  y[0] = a + b;
  y[stride] = Times(a - b, twiddles);
}

void Butterfly4(const Complex *x, int64_t step, Complex *y, int64_t stride, const float *twiddles) {
  const Complex sum02 = x[0] + x[2 * step], difference02 = x[0] - x[2 * step];
  const Complex sum13 = x[step] + x[3 * step], turned13 = TimesMinusI(x[step] - x[3 * step]);
  y[0] = sum02 + sum13;
  y[stride] = Times(difference02 + turned13, twiddles);
  y[2 * stride] = Times(sum02 - sum13, twiddles + 2);
  y[3 * stride] = Times(difference02 - turned13, twiddles + 4);
}

/** Numbers that stand mirrored, j and radix - j, are added and subtracted first: their roots differ in a sign alone. */
void ButterflyOdd(const Complex *x, int64_t step, Complex *y, int64_t stride, const float *twiddles, int64_t radix,
                  const float *roots) {
  const int64_t half = (radix - 1) / 2;
  Complex total = x[0];
  for (int64_t j = 1; j < radix; j++) total = total + x[j * step];
  y[0] = total;
  for (int64_t k = 1; k <= half; k++) {
    Complex even = x[0], odd{};
    for (int64_t j = 1; j <= half; j++, roots += 2) {
      const Complex sum = x[j * step] + x[(radix - j) * step], difference = x[j * step] - x[(radix - j) * step];
      even = even + Complex{sum.re * roots[0], sum.im * roots[0]};
      odd = odd + Complex{-difference.im * roots[1], difference.re * roots[1]};
    }
    y[k * stride] = Times(even + odd, twiddles + 2 * (k - 1));
    y[(radix - k) * stride] = Times(even - odd, twiddles + 2 * (radix - k - 1));
  }
}

}  // namespace

Fft::Fft(int64_t size) {
  int64_t stride = 1;
  for (int64_t radix = 4, left = size; left > 1;) {
    if (left % radix != 0) {
      radix = radix == 4 ? 2 : radix == 2 ? 3 : radix + 2;
      continue;
    }
    Stage stage{radix, left / radix, stride, {}, {}};
    for (int64_t p = 0; p < stage.count; p++) {
      for (int64_t k = 1; k < radix; k++) AppendRoot(stage.twiddles, static_cast<double>(p * k) / left);
    }
    for (int64_t k = 1; radix % 2 == 1 && k <= radix / 2; k++) {
      for (int64_t j = 1; j <= radix / 2; j++) AppendRoot(stage.roots, static_cast<double>(j * k % radix) / radix);
    }
    left = stage.count;
    stride *= radix;
    stages_.push_back(std::move(stage));
  }
}

Complex *Fft::Run(Complex *x, Complex *y) const {
  for (const auto &[radix, count, stride, twiddles, roots] : stages_) {
    const int64_t step = count * stride;
    for (int64_t p = 0; p < count; p++) {
      const float *turns = &twiddles[2 * (radix - 1) * p];
      const Complex *from = x + p * stride;
      Complex *to = y + p * radix * stride;
      for (int64_t q = 0; q < stride; q++) {
        if (radix == 4) {
          Butterfly4(from + q, step, to + q, stride, turns);
        } else if (radix == 2) {
          Butterfly2(from + q, step, to + q, stride, turns);
        } else {
          ButterflyOdd(from + q, step, to + q, stride, turns, radix, roots.data());
        }
      }
    }
    std::swap(x, y);
  }
  return x;
}

}  // namespace clapper
