// The power of every frame of sounds, in frequency bins or in bands: window, real FFT, square and filters while a frame's numbers are
// in the processor's cache.

#include <algorithm>
#include <cmath>

#include "cApi.h"
#include "fft.h"
#include "parallel.h"
#include "registration.h"
#include "vector.h"

namespace clapper {
namespace {

/** What the attributes say, and what follows from them alone. */
struct Transform {
  Transform(int64_t hop, int64_t size) : hop(hop), size(size), half(size / 2), fft(half) {
    for (int64_t k = 0; k <= half; k++) {
      const double angle = -2 * M_PI * k / size;
      turns.push_back({static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))});
    }
  }

  struct Turn {
    float re, im;
  };

  int64_t hop, size, half;
  Fft fft;  // of half the size: a frame's even samples are its real parts, the odd ones its imaginary parts
  std::vector<Turn> turns;
};

/** Bins `first` to `last` with their weights; mel filters are zero nearly everywhere. */
struct Filter {
  int64_t first = 0;
  std::vector<float> weights;
};

std::vector<Filter> FiltersOf(const float *matrix, int64_t bins, int64_t bands) {
  std::vector<Filter> filters(bands);
  for (int64_t band = 0; band < bands; band++) {
    const auto weight = [&](int64_t bin) { return matrix[bin * bands + band]; };
    int64_t first = 0, last = bins;
    while (first < bins && weight(first) == 0) first++;
    while (last > first && weight(last - 1) == 0) last--;
    filters[band].first = first;
    for (int64_t bin = first; bin < last; bin++) filters[band].weights.push_back(weight(bin));
  }
  return filters;
}

/** A thread's memory for kLanes frames. */
struct Workspace {
  explicit Workspace(int64_t half) : first(half), second(half), power(half + 1) {}
  std::vector<Complex> first, second;
  std::vector<Vector> power;
};

/** @param samples of the first frame. @param frames of the lanes that are used; the others see the first one again. */
void CutFrames(const float *samples, int64_t frames, const Transform &transform, const std::vector<float> &window,
               Complex *out) {
  const float *lanes[kLanes];
  for (int64_t lane = 0; lane < kLanes; lane++) lanes[lane] = samples + (lane < frames ? lane * transform.hop : 0);
  auto *values = reinterpret_cast<Vector *>(out);
  const int64_t length = window.size();
  for (int64_t n = 0; n < length; n++) {
    Vector value;
    for (int64_t lane = 0; lane < kLanes; lane++) value[lane] = lanes[lane][n];
    values[n] = value * window[n];
  }
  std::fill(values + length, values + transform.size, Vector{});
}

/** From the transform of the even and the odd samples that of the whole frame, squared. */
void SquareBins(const Complex *spectrum, const Transform &transform, Vector *power) {
  const int64_t half = transform.half;
  for (int64_t k = 0; k <= half; k++) {
    const Complex &z = spectrum[k == half ? 0 : k], &mirrored = spectrum[k == 0 ? 0 : half - k];
    const auto [cosine, sine] = transform.turns[k];
    const Vector even_re = z.re + mirrored.re, even_im = z.im - mirrored.im;
    const Vector odd_re = z.im + mirrored.im, odd_im = mirrored.re - z.re;
    const Vector re = even_re + cosine * odd_re - sine * odd_im;
    const Vector im = even_im + cosine * odd_im + sine * odd_re;
    power[k] = 0.25f * (re * re + im * im);
  }
}

Vector Sum(const Filter &filter, const Vector *power) {
  Vector sum{};
  for (size_t i = 0; i < filter.weights.size(); i++) sum += filter.weights[i] * power[filter.first + i];
  return sum;
}

void StoreFrames(const Vector &values, int64_t frames, float *out) {
  if (frames == kLanes) return Store(out, values);
  for (int64_t lane = 0; lane < frames; lane++) out[lane] = values[lane];
}

void Compute(void *kernel, TF_OpKernelContext *context) {
  const Transform &transform = *static_cast<Transform *>(kernel);
  Arguments arguments(context);
  const std::vector<int64_t> sounds = arguments.Shape(0), matrix = arguments.Shape(2);
  const std::vector<float> window(arguments.Input(1), arguments.Input(1) + arguments.Shape(1)[0]);
  const int64_t frames = 1 + (sounds[1] - static_cast<int64_t>(window.size())) / transform.hop;
  const int64_t bins = transform.half + 1;
  const std::vector<Filter> filters = FiltersOf(arguments.Input(2), bins, matrix[1]);
  const int64_t bands = filters.empty() ? bins : static_cast<int64_t>(filters.size());
  float *out = arguments.Output(0, {sounds[0], bands, frames});
  if (!arguments.ok()) return;

  const int64_t groups = (frames + kLanes - 1) / kLanes;
  ParallelFor(sounds[0] * groups, [&](int64_t item) {
    thread_local Workspace workspace(0);
    if (static_cast<int64_t>(workspace.first.size()) != transform.half) workspace = Workspace(transform.half);
    const int64_t sound = item / groups, start = item % groups * kLanes;
    const int64_t count = std::min<int64_t>(kLanes, frames - start);
    const float *samples = arguments.Input(0) + sound * sounds[1] + start * transform.hop;
    CutFrames(samples, count, transform, window, workspace.first.data());
    Vector *power = workspace.power.data();
    SquareBins(transform.fft.Run(workspace.first.data(), workspace.second.data()), transform, power);
    float *target = out + sound * bands * frames + start;
    for (int64_t band = 0; band < bands; band++) {
      const Vector value = filters.empty() ? power[band] : Sum(filters[band], power);
      StoreFrames(value, count, target + band * frames);
    }
  });
}

void *Create(TF_OpKernelConstruction *construction) {
  int64_t hop = 1, size = 2;
  Status status;
  TF_OpKernelConstruction_GetAttrInt64(construction, "hop", &hop, status);
  TF_OpKernelConstruction_GetAttrInt64(construction, "size", &size, status);
  return new Transform(hop, size);
}

}  // namespace

/** `sounds` `[B, N]`, `window` `[W]`, `filters` `[size / 2 + 1, M]` → `[B, M, T]`; M = 0: no filters, all bins. */
std::vector<Operator> BandPowerOperators() {
  return {{"ClapperBandPower",
           {"sounds: float", "window: float", "filters: float"},
           {"powers: float"},
           {"hop: int", "size: int"},
           Create,
           Compute,
           [](void *kernel) { delete static_cast<Transform *>(kernel); }}};
}

}  // namespace clapper
