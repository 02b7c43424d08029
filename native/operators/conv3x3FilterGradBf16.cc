// The gradient of a 3×3 convolution's kernel ('same' padding, stride 1) in bfloat16, by the matrix unit.
//
// A picture's rows lie one after the other with two columns of zeros between them, those of the gradient too. Then what a kernel's tap
// sees of every pixel lies as far from that pixel as of every other, and a tap's gradient is one matrix product over all pixels.
//
// Sums run over pixels in a fixed order, so the result does not depend on the number of threads.

#include "matrixUnit.h"
#include "registration.h"

#ifdef CLAPPER_HAS_MATRIX_UNIT

#include <algorithm>
#include <cstring>

#include "cApi.h"
#include "parallel.h"

namespace clapper {
namespace {

constexpr int64_t kGroupPixels = 1024;    // of a group of blocks; measured
constexpr int64_t kMostParts = 16;        // of the pixels, each with sums of its own …
constexpr int64_t kPartsBytes = 1 << 23;  // … as long as all of them take no more
constexpr int64_t kSumsOfTile = kTile * kTile;

/** `[B, H, W, C]` and `[B, H, W, D]`. Some rows of a picture are a block, some blocks a group that is multiplied at once. */
struct Geometry {
  Geometry(const std::vector<int64_t> &x, const std::vector<int64_t> &gradient)
      : batch(x[0]),
        rows(x[1]),
        columns(x[2]),
        inputs(x[3]),
        outputs(gradient[3]),
        spaced(columns + kTaps - 1),
        block_rows(std::clamp<int64_t>(kGroupPixels / spaced, 1, rows)),
        blocks_per_picture(DivideUp(rows, block_rows)),
        pixels(RoundUp(block_rows * spaced, kPair)),
        seen(RoundUp(pixels + (kTaps - 1) * (spaced + 1), kPair) + kPair),
        group(std::clamp<int64_t>(kGroupPixels / pixels, 1, batch * blocks_per_picture)),
        padded_inputs(RoundUp(inputs, kPair)),
        padded_outputs(RoundUp(outputs, kPair)) {}

  int64_t batch, rows, columns, inputs, outputs;
  int64_t spaced;  // columns and the zeros after them
  int64_t block_rows, blocks_per_picture;
  int64_t pixels;  // of a block, with zeros to a whole tile
  int64_t seen;    // pixels of the input that a block's taps see
  int64_t group;
  int64_t padded_inputs, padded_outputs;

  int64_t Blocks() const { return batch * blocks_per_picture; }
  int64_t Groups() const { return DivideUp(Blocks(), group); }
  /** Of one tap. */
  int64_t TapSums() const { return padded_inputs * padded_outputs; }
};

/** Of 16 rows of 16 numbers the columns. */
CLAPPER_MATRIX_UNIT inline void Transpose(__m512i *r) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
    r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
  }
}

/** What a thread multiplies: a group's input and gradient, and where their pixels lie in memory. */
struct Scratch {
  explicit Scratch(const Geometry &g)
      : zeros(std::max(g.inputs, g.outputs)),
        places(g.seen),
        x(g.group * g.padded_inputs * g.seen + kPair),
        gradient(g.group * g.pixels * g.padded_outputs + kPair) {}
  std::vector<float> zeros;
  std::vector<const float *> places;
  std::vector<Bf16> x;         // [group, C, seen]
  std::vector<Bf16> gradient;  // [group, pixels / 2, D, 2]
};

/** `[C, seen]`: of each channel the pixels side by side. */
CLAPPER_MATRIX_UNIT void PackInput(const Geometry &g, int64_t block, const float *x, Scratch &scratch, Bf16 *to) {
  const int64_t picture = block / g.blocks_per_picture, first_row = block % g.blocks_per_picture * g.block_rows;
  for (int64_t i = 0; i < g.seen; i++) {
    const int64_t row = first_row + i / g.spaced - 1, column = i % g.spaced - 1;
    const bool is_there = row >= 0 && row < g.rows && column >= 0 && column < g.columns;
    scratch.places[i] = is_there ? x + ((picture * g.rows + row) * g.columns + column) * g.inputs : nullptr;
  }
  for (int64_t c = 0; c < g.padded_inputs; c += kTile) {
    const __mmask16 mask = MaskOf(g.inputs - c);
    const auto at = [&](int64_t i) {
      const float *place = scratch.places[i];
      return mask == 0 || !place ? scratch.zeros.data() : place + c;
    };
    for (int64_t i = 0; i < g.seen; i += kPair) {
      __m512i pairs[kTile];
      for (int64_t j = 0; j < kTile; j++) {
        const float *lower = at(i + 2 * j), *upper = at(i + 2 * j + 1);
        pairs[j] = Interleaved(lower, upper, mask);
      }
      Transpose(pairs);
      for (int64_t j = 0; j < kTile; j++) _mm512_storeu_si512(to + (c + j) * g.seen + i, pairs[j]);
    }
  }
}

/** `[pixels / 2, D, 2]`: of each channel two pixels side by side. */
CLAPPER_MATRIX_UNIT void PackGradient(const Geometry &g, int64_t block, const float *gradient, Scratch &scratch, Bf16 *to) {
  const int64_t picture = block / g.blocks_per_picture, first_row = block % g.blocks_per_picture * g.block_rows;
  const int64_t end_row = std::min(g.rows, first_row + g.block_rows);
  const auto place = [&](int64_t i) {
    const int64_t row = first_row + i / g.spaced, column = i % g.spaced;
    const bool is_there = row < end_row && column < g.columns;
    return is_there ? gradient + ((picture * g.rows + row) * g.columns + column) * g.outputs : nullptr;
  };
  for (int64_t i = 0; i < g.pixels; i += 2, to += 2 * g.padded_outputs) {
    const float *lower = place(i), *upper = place(i + 1);
    for (int64_t c = 0; c < g.padded_outputs; c += kTile) {
      const __mmask16 mask = MaskOf(g.outputs - c);
      const auto at = [&](const float *pixel) { return mask == 0 || !pixel ? scratch.zeros.data() : pixel + c; };
      _mm512_storeu_si512(to + 2 * c, Interleaved(at(lower), at(upper), mask));
    }
  }
}

/** Adds to 2 × 2 tiles of sums, one after the other, what 32 channels of either side give over some blocks. */
CLAPPER_MATRIX_UNIT void AddPair(const Geometry &g, int64_t blocks, const Bf16 *x, const Bf16 *gradient, float *sums) {
  _tile_loadd(4, sums, 64);
  _tile_loadd(5, sums + kSumsOfTile, 64);
  _tile_loadd(6, sums + 2 * kSumsOfTile, 64);
  _tile_loadd(7, sums + 3 * kSumsOfTile, 64);
  const int64_t x_stride = g.seen * sizeof(Bf16), gradient_stride = 2 * g.padded_outputs * sizeof(Bf16);
  for (int64_t block = 0; block < blocks; block++) {
    const Bf16 *a = x + block * g.padded_inputs * g.seen, *b = gradient + block * g.pixels * g.padded_outputs;
    for (int64_t i = 0; i < g.pixels; i += kPair, a += kPair, b += kPair * g.padded_outputs) {
      _tile_loadd(0, a, x_stride);
      _tile_loadd(1, a + kTile * g.seen, x_stride);
      _tile_loadd(2, b, gradient_stride);
      _tile_loadd(3, b + kPair, gradient_stride);
      _tile_dpbf16ps(4, 0, 2);
      _tile_dpbf16ps(5, 0, 3);
      _tile_dpbf16ps(6, 1, 2);
      _tile_dpbf16ps(7, 1, 3);
    }
  }
  _tile_stored(4, sums, 64);
  _tile_stored(5, sums + kSumsOfTile, 64);
  _tile_stored(6, sums + 2 * kSumsOfTile, 64);
  _tile_stored(7, sums + 3 * kSumsOfTile, 64);
}

/** Adds what some groups give to sums `[C / 32, D / 32, taps, 2, 2, 16, 16]`. */
CLAPPER_MATRIX_UNIT void AddGroups(const Geometry &g, int64_t first, int64_t last, const float *x, const float *gradient,
                           float *sums) {
  Scratch scratch(g);
  const TileConfig config;
  _tile_loadconfig(&config);
  for (int64_t group = first; group < last; group++) {
    const int64_t begin = group * g.group, blocks = std::min(g.group, g.Blocks() - begin);
    for (int64_t i = 0; i < blocks; i++) {
      PackInput(g, begin + i, x, scratch, scratch.x.data() + i * g.padded_inputs * g.seen);
      PackGradient(g, begin + i, gradient, scratch, scratch.gradient.data() + i * g.pixels * g.padded_outputs);
    }
    float *sum = sums;
    for (int64_t c = 0; c < g.padded_inputs; c += kPair) {
      for (int64_t d = 0; d < g.padded_outputs; d += kPair) {
        for (int64_t tap = 0; tap < kTaps * kTaps; tap++, sum += kPair * kPair) {
          const int64_t offset = tap / kTaps * g.spaced + tap % kTaps;
          AddPair(g, blocks, scratch.x.data() + c * g.seen + offset, scratch.gradient.data() + 2 * d, sum);
        }
      }
    }
  }
  _tile_release();
}

void Compute(void *, TF_OpKernelContext *context) {
  Arguments arguments(context);
  const Geometry g(arguments.Shape(0), arguments.Shape(1));
  float *out = arguments.Output(0, {kTaps, kTaps, g.inputs, g.outputs});
  if (!arguments.ok()) return;
  const float *x = arguments.Input(0), *gradient = arguments.Input(1);

  const int64_t size = kTaps * kTaps * g.TapSums();
  const int64_t most_parts = std::min(kMostParts, kPartsBytes / (size * int64_t{sizeof(float)}));
  const int64_t parts = std::clamp<int64_t>(most_parts, 1, g.Groups());
  std::vector<float> sums(parts * size);
  ParallelFor(parts, [&](int64_t part) {
    AddGroups(g, g.Groups() * part / parts, g.Groups() * (part + 1) / parts, x, gradient, sums.data() + part * size);
  });
  const int64_t column_pairs = g.padded_outputs / kPair;
  ParallelFor(g.inputs, [&](int64_t c) {
    for (int64_t tap = 0; tap < kTaps * kTaps; tap++) {
      for (int64_t d = 0; d < g.outputs; d++) {
        const int64_t pair = c / kPair * column_pairs + d / kPair;
        const int64_t tile = c % kPair / kTile * 2 + d % kPair / kTile;
        const float *from = sums.data() + (pair * kTaps * kTaps + tap) * kPair * kPair + tile * kSumsOfTile +
                            c % kTile * kTile + d % kTile;
        float sum = 0;
        for (int64_t part = 0; part < parts; part++) sum += from[part * size];
        out[(tap * g.inputs + c) * g.outputs + d] = sum;
      }
    }
  });
}

}  // namespace

std::vector<Operator> Conv3x3FilterGradBf16Operators() {
  if (!HasMatrixUnit()) return {};
  return {{"ClapperConv3x3FilterGradBf16",
           {"x: float", "gradient: float"},
           {"filter_gradient: float"},
           {},
           nullptr,
           Compute,
           nullptr}};
}

}  // namespace clapper

#else

namespace clapper {
std::vector<Operator> Conv3x3FilterGradBf16Operators() { return {}; }
}  // namespace clapper

#endif
