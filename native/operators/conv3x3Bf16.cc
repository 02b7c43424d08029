// A 3×3 convolution ('same' padding, stride 1) in bfloat16 by the matrix unit, and the gradient of its input, which is a convolution
// with the kernel turned round and its sides exchanged. oneDNN does the same where ONEDNN_DEFAULT_FPMATH_MODE=BF16 is set, but then for
// all that the process computes, also for what a checkpoint says that the network gives.
//
// A picture's rows lie one after the other with two columns of zeros between them, as in conv3x3FilterGradBf16.cc.

#include "matrixUnit.h"
#include "registration.h"

#ifdef CLAPPER_HAS_MATRIX_UNIT

#include <algorithm>

#include "cApi.h"
#include "parallel.h"

namespace clapper {
namespace {

constexpr int64_t kBlockPixels = 512;  // of some rows of a picture, which are computed at once; measured
constexpr int64_t kBlocksAtOnce = 8;   // of a thread, before it asks for more

struct Geometry {
  Geometry(const std::vector<int64_t> &x, int64_t outputs)
      : batch(x[0]),
        rows(x[1]),
        columns(x[2]),
        inputs(x[3]),
        outputs(outputs),
        spaced(columns + kTaps - 1),
        block_rows(std::clamp<int64_t>(kBlockPixels / spaced, 1, rows)),
        blocks_per_picture(DivideUp(rows, block_rows)),
        seen(RoundUp(block_rows * spaced, kPair) + (kTaps - 1) * (spaced + 1)),
        padded_inputs(RoundUp(inputs, kPair)),
        padded_outputs(RoundUp(outputs, kPair)) {}

  int64_t batch, rows, columns, inputs, outputs;
  int64_t spaced;  // columns and the zeros after them
  int64_t block_rows, blocks_per_picture;
  int64_t seen;  // pixels of the input that a block's taps see
  int64_t padded_inputs, padded_outputs;

  int64_t Blocks() const { return batch * blocks_per_picture; }
};

/** Where a block stands. */
struct Block {
  Block(const Geometry &g, int64_t number)
      : picture(number / g.blocks_per_picture),
        first_row(number % g.blocks_per_picture * g.block_rows),
        rows(std::min(g.block_rows, g.rows - first_row)) {}
  int64_t picture, first_row, rows;
};

/** @param kernel `[3, 3, C, D]`. @returns `[3, 3, C / 2, D, 2]`; transposed: of D inputs and C outputs, its taps in the other order. */
std::vector<Bf16> PackKernel(const Geometry &g, const float *kernel, bool transposed) {
  std::vector<Bf16> packed(kTaps * kTaps * g.padded_inputs * g.padded_outputs);
  ParallelFor(kTaps * kTaps, [&](int64_t tap) CLAPPER_MATRIX_UNIT {
    const int64_t from_tap = transposed ? kTaps * kTaps - 1 - tap : tap;
    const float *from = kernel + from_tap * g.inputs * g.outputs;
    Bf16 *to = packed.data() + tap * g.padded_inputs * g.padded_outputs;
    for (int64_t c = 0; c < g.inputs; c++) {
      for (int64_t d = 0; d < g.outputs; d++) {
        const float value = transposed ? from[d * g.inputs + c] : from[c * g.outputs + d];
        const Bf16 rounded = static_cast<Bf16>(_mm256_extract_epi16(Rounded(&value, 1), 0));
        to[c / 2 * 2 * g.padded_outputs + 2 * d + c % 2] = rounded;
      }
    }
  });
  return packed;
}

/** `[seen, C]` */
CLAPPER_MATRIX_UNIT void PackInput(const Geometry &g, const Block &block, const float *x, Bf16 *to) {
  for (int64_t i = 0; i < g.seen; i++, to += g.padded_inputs) {
    const int64_t row = block.first_row + i / g.spaced - 1, column = i % g.spaced - 1;
    const bool is_there = row >= 0 && row < g.rows && column >= 0 && column < g.columns;
    if (!is_there) {
      std::fill(to, to + g.padded_inputs, 0);
      continue;
    }
    const float *from = x + ((block.picture * g.rows + row) * g.columns + column) * g.inputs;
    for (int64_t c = 0; c < g.padded_inputs; c += kTile) {
      const __mmask16 mask = MaskOf(g.inputs - c);
      const __m256i rounded = mask == 0 ? _mm256_setzero_si256() : Rounded(from + c, mask);
      _mm256_storeu_si256(reinterpret_cast<__m256i *>(to + c), rounded);
    }
  }
}

/** 32 pixels and 32 outputs. @param sums `[32, 32]` */
CLAPPER_MATRIX_UNIT void Multiply(const Geometry &g, const Bf16 *x, const Bf16 *kernel, float *sums) {
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
  const int64_t x_stride = g.padded_inputs * sizeof(Bf16), kernel_stride = 2 * g.padded_outputs * sizeof(Bf16);
  for (int64_t tap = 0; tap < kTaps * kTaps; tap++) {
    const Bf16 *a = x + (tap / kTaps * g.spaced + tap % kTaps) * g.padded_inputs;
    for (int64_t c = 0; c < g.padded_inputs; c += kPair, a += kPair, kernel += kPair * g.padded_outputs) {
      _tile_loadd(0, a, x_stride);
      _tile_loadd(1, a + kTile * g.padded_inputs, x_stride);
      _tile_loadd(2, kernel, kernel_stride);
      _tile_loadd(3, kernel + kPair, kernel_stride);
      _tile_dpbf16ps(4, 0, 2);
      _tile_dpbf16ps(5, 0, 3);
      _tile_dpbf16ps(6, 1, 2);
      _tile_dpbf16ps(7, 1, 3);
    }
  }
  constexpr int64_t kStride = kPair * sizeof(float);
  _tile_stored(4, sums, kStride);
  _tile_stored(5, sums + kTile, kStride);
  _tile_stored(6, sums + kTile * kPair, kStride);
  _tile_stored(7, sums + kTile * kPair + kTile, kStride);
}

CLAPPER_MATRIX_UNIT void ComputeBlock(const Geometry &g, const Block &block, const Bf16 *x, const Bf16 *kernel,
                                      float *out) {
  alignas(64) float sums[kPair * kPair];
  float *const first = out + (block.picture * g.rows + block.first_row) * g.columns * g.outputs;
  const int64_t pixels = block.rows * g.spaced;
  for (int64_t d = 0; d < g.outputs; d += kPair) {
    const __mmask16 low = MaskOf(g.outputs - d), high = MaskOf(g.outputs - d - kTile);
    for (int64_t i = 0; i < pixels; i += kPair) {
      Multiply(g, x + i * g.padded_inputs, kernel + 2 * d, sums);
      for (int64_t j = i; j < std::min(pixels, i + kPair); j++) {
        const int64_t column = j % g.spaced;
        if (column >= g.columns) continue;
        float *to = first + (j / g.spaced * g.columns + column) * g.outputs + d;
        const float *from = sums + (j - i) * kPair;
        _mm512_mask_storeu_ps(to, low, _mm512_load_ps(from));
        if (high != 0) _mm512_mask_storeu_ps(to + kTile, high, _mm512_load_ps(from + kTile));
      }
    }
  }
}

CLAPPER_MATRIX_UNIT void ComputeBlocks(const Geometry &g, int64_t first, int64_t last, const float *x,
                                       const Bf16 *kernel, float *out) {
  std::vector<Bf16> packed(g.seen * g.padded_inputs);
  const TileConfig config;
  _tile_loadconfig(&config);
  for (int64_t number = first; number < last; number++) {
    const Block block(g, number);
    PackInput(g, block, x, packed.data());
    ComputeBlock(g, block, packed.data(), kernel, out);
  }
  _tile_release();
}

struct Settings {
  unsigned char transposed = 0;
};

void Compute(void *kernel, TF_OpKernelContext *context) {
  const bool transposed = static_cast<Settings *>(kernel)->transposed;
  Arguments arguments(context);
  const std::vector<int64_t> x_shape = arguments.Shape(0);
  const Geometry g(x_shape, arguments.Shape(1)[transposed ? 2 : 3]);
  float *out = arguments.Output(0, {g.batch, g.rows, g.columns, g.outputs});
  if (!arguments.ok()) return;
  const float *x = arguments.Input(0);
  const std::vector<Bf16> packed = PackKernel(g, arguments.Input(1), transposed);
  ParallelFor(DivideUp(g.Blocks(), kBlocksAtOnce), [&](int64_t item) {
    const int64_t first = item * kBlocksAtOnce;
    ComputeBlocks(g, first, std::min(g.Blocks(), first + kBlocksAtOnce), x, packed.data(), out);
  });
}

void *Create(TF_OpKernelConstruction *construction) {
  auto *settings = new Settings;
  Status status;
  TF_OpKernelConstruction_GetAttrBool(construction, "transposed", &settings->transposed, status);
  return settings;
}

}  // namespace

std::vector<Operator> Conv3x3Bf16Operators() {
  if (!HasMatrixUnit()) return {};
  return {{"ClapperConv3x3Bf16",
           {"x: float", "kernel: float"},
           {"y: float"},
           {"transposed: bool"},
           Create,
           Compute,
           [](void *kernel) { delete static_cast<Settings *>(kernel); }}};
}

}  // namespace clapper

#else

namespace clapper {
std::vector<Operator> Conv3x3Bf16Operators() { return {}; }
}  // namespace clapper

#endif
