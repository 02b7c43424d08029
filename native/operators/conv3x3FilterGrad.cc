// The gradient of a 3×3 convolution's kernel ('same' padding): a matrix product over pixels of what each kernel row sees
// (3 · inputs values, side by side in memory) and the gradient of what it gave.
//
// Sums run over pixels in a fixed order, so the result does not depend on the number of threads.

#include <algorithm>
#include <cstring>

#include "cApi.h"
#include "parallel.h"
#include "registration.h"
#include "vector.h"

namespace clapper {
namespace {

constexpr int64_t kTaps = 3;               // of the kernel, down and across
constexpr int kTileRows = 6;               // with kTileColumns as many sums as registers hold, and what they are made of
constexpr int64_t kTileColumns = 2 * kLanes;
constexpr int64_t kBlockPixels = 256;      // measured on Zen 3: 96 to 192 are up to a fifth slower
constexpr int64_t kMostParts = 16;         // of the pixels, each with sums of its own …
constexpr int64_t kPartBytes = 1 << 21;    // … as long as these take no more
constexpr int64_t kItems = 16;             // of work, at least, where there are channels enough

int64_t DivideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

/** `[B, H, W, C]` of both sides, and how they lie over each other. */
struct Geometry {
  Geometry(const std::vector<int64_t> &x, const std::vector<int64_t> &gradient, int64_t stride)
      : batch(x[0]),
        rows(x[1]),
        columns(x[2]),
        inputs(x[3]),
        out_rows(gradient[1]),
        out_columns(gradient[2]),
        outputs(gradient[3]),
        stride(stride),
        top(PaddingBefore(rows, out_rows)),
        left(PaddingBefore(columns, out_columns)),
        padded_columns((out_columns - 1) * stride + kTaps),
        block_rows(std::clamp<int64_t>(kBlockPixels / out_columns, 1, out_rows)),
        blocks_per_picture(DivideUp(out_rows, block_rows)) {}

  int64_t batch, rows, columns, inputs;
  int64_t out_rows, out_columns, outputs;
  int64_t stride, top, left, padded_columns;
  int64_t block_rows, blocks_per_picture;

  int64_t Blocks() const { return batch * blocks_per_picture; }
  /** Values that a kernel row sees at once. */
  int64_t Seen() const { return kTaps * inputs; }

 private:
  int64_t PaddingBefore(int64_t size, int64_t out_size) const {
    return std::max<int64_t>(0, (out_size - 1) * stride + kTaps - size) / 2;  // TensorFlow's 'SAME'
  }
};

/** Some rows of the gradient, and the rows of the input that they come from. */
struct Block {
  Block(const Geometry &g, int64_t number)
      : picture(number / g.blocks_per_picture),
        first_row(number % g.blocks_per_picture * g.block_rows),
        rows(std::min(g.block_rows, g.out_rows - first_row)) {}

  int64_t picture, first_row, rows;
};

/** Input rows with zeros where the padding is. */
void CopyPadded(const Geometry &g, const Block &block, const float *x, float *to) {
  const int64_t size = g.padded_columns * g.inputs, left = g.left * g.inputs;
  const int64_t copied = std::min(g.columns * g.inputs, size - left);
  for (int64_t i = 0; i < (block.rows - 1) * g.stride + kTaps; i++, to += size) {
    const int64_t row = block.first_row * g.stride - g.top + i;
    if (row < 0 || row >= g.rows) {
      std::fill(to, to + size, 0.0f);
      continue;
    }
    std::fill(to, to + left, 0.0f);
    std::memcpy(to + left, x + (block.picture * g.rows + row) * g.columns * g.inputs, copied * sizeof(float));
    std::fill(to + left + copied, to + size, 0.0f);
  }
}

/** Of the gradient's channels as many as a tile has, side by side; zeros where there are no more. */
void CopyColumns(const float *gradient, int64_t pixels, int64_t outputs, int64_t column, float *to) {
  const int64_t count = std::min(kTileColumns, outputs - column);
  if (count < kTileColumns) std::fill(to, to + pixels * kTileColumns, 0.0f);
  for (int64_t i = 0; i < pixels; i++) std::memcpy(to + i * kTileColumns, gradient + i * outputs + column, count * sizeof(float));
}

/** Floats that begin where a cache line does. */
class Scratch {
 public:
  explicit Scratch(int64_t size) : floats_(size + kLine) {}
  float *data() {
    const auto misplaced = reinterpret_cast<uintptr_t>(floats_.data()) / sizeof(float) % kLine;
    return floats_.data() + (kLine - misplaced) % kLine;
  }

 private:
  static constexpr int64_t kLine = 16;
  std::vector<float> floats_;
};

/** Adds to `Rows` rows of `sums` (kTileColumns wide) the products of what is seen and the gradient, over a block's pixels. */
template <int Rows>
void AddTile(const Geometry &g, int64_t block_rows, const float *seen, const float *gradient, float *sums) {
  Vector sum[Rows][2];
  for (auto &row : sum) row[0] = row[1] = Vector{};
  for (int64_t row = 0; row < block_rows; row++) {
    const float *a = seen + row * g.stride * g.padded_columns * g.inputs;
    for (int64_t x = 0; x < g.out_columns; x++, a += g.stride * g.inputs, gradient += kTileColumns) {
      const Vector b0 = Load<Vector>(gradient), b1 = Load<Vector>(gradient + kLanes);
      for (int i = 0; i < Rows; i++) {
        sum[i][0] += a[i] * b0;
        sum[i][1] += a[i] * b1;
      }
    }
  }
  for (int i = 0; i < Rows; i++, sums += kTileColumns) {
    Store(sums, Load<Vector>(sums) + sum[i][0]);
    Store(sums + kLanes, Load<Vector>(sums + kLanes) + sum[i][1]);
  }
}

using Tile = void (*)(const Geometry &, int64_t, const float *, const float *, float *);
constexpr Tile kTiles[kTileRows + 1] = {nullptr,    AddTile<1>, AddTile<2>, AddTile<3>,
                                        AddTile<4>, AddTile<5>, AddTile<6>};

struct Range {
  int64_t first, last;
};

/** Adds what some blocks give to the sums `[tiles, 3, 3 · inputs, kTileColumns]` of some output channels. */
void AddBlocks(const Geometry &g, Range blocks, Range tiles, const float *x, const float *gradient, float *sums) {
  Scratch seen(((g.block_rows - 1) * g.stride + kTaps) * g.padded_columns * g.inputs);
  Scratch columns(g.block_rows * g.out_columns * kTileColumns);
  for (int64_t number = blocks.first; number < blocks.last; number++) {
    const Block block(g, number);
    CopyPadded(g, block, x, seen.data());
    const float *from = gradient + (block.picture * g.out_rows + block.first_row) * g.out_columns * g.outputs;
    for (int64_t tile = tiles.first; tile < tiles.last; tile++) {
      CopyColumns(from, block.rows * g.out_columns, g.outputs, tile * kTileColumns, columns.data());
      float *sum = sums + tile * kTaps * g.Seen() * kTileColumns;
      for (int64_t tap = 0; tap < kTaps; tap++) {
        const float *row = seen.data() + tap * g.padded_columns * g.inputs;
        for (int64_t i = 0; i < g.Seen(); i += kTileRows) {
          const int64_t count = std::min<int64_t>(kTileRows, g.Seen() - i);
          kTiles[count](g, block.rows, row + i, columns.data(), sum);
          sum += count * kTileColumns;
        }
      }
    }
  }
}

/** Of x64 processors: with AVX-512 oneDNN's own is about as fast as its convolution, with AVX2 it takes 1.7 times as long as this. */
bool IsFaster() {
#if defined(__x86_64__)
  return !__builtin_cpu_supports("avx512f");
#else
  return false;  // not measured
#endif
}

struct Settings {
  int64_t stride = 1;
};

void Compute(void *kernel, TF_OpKernelContext *context) {
  Arguments arguments(context);
  const Geometry g(arguments.Shape(0), arguments.Shape(1), static_cast<Settings *>(kernel)->stride);
  float *out = arguments.Output(0, {kTaps, kTaps, g.inputs, g.outputs});
  if (!arguments.ok()) return;
  const float *x = arguments.Input(0), *gradient = arguments.Input(1);

  const int64_t tiles = DivideUp(g.outputs, kTileColumns), kernel_rows = kTaps * g.Seen();
  const int64_t size = tiles * kernel_rows * kTileColumns;
  const int64_t most_parts = std::min({kMostParts, g.Blocks(), kPartBytes / (size * int64_t{sizeof(float)})});
  const int64_t parts = std::max<int64_t>(1, most_parts);
  const int64_t groups = std::min(tiles, DivideUp(kItems, parts));
  std::vector<float> sums(parts * size);
  ParallelFor(parts * groups, [&](int64_t item) {
    const int64_t part = item / groups, group = item % groups;
    AddBlocks(g, {g.Blocks() * part / parts, g.Blocks() * (part + 1) / parts},
              {tiles * group / groups, tiles * (group + 1) / groups}, x, gradient, sums.data() + part * size);
  });
  ParallelFor(tiles, [&](int64_t tile) {
    const int64_t column = tile * kTileColumns, count = std::min(kTileColumns, g.outputs - column);
    for (int64_t row = 0; row < kernel_rows; row++) {
      float *to = out + row * g.outputs + column;
      const float *from = sums.data() + (tile * kernel_rows + row) * kTileColumns;
      for (int64_t c = 0; c < count; c++) {
        float sum = 0;
        for (int64_t part = 0; part < parts; part++) sum += from[part * size + c];
        to[c] = sum;
      }
    }
  });
}

void *Create(TF_OpKernelConstruction *construction) {
  auto *settings = new Settings;
  Status status;
  TF_OpKernelConstruction_GetAttrInt64(construction, "stride", &settings->stride, status);
  return settings;
}

}  // namespace

std::vector<Operator> Conv3x3FilterGradOperators() {
  if (!IsFaster()) return {};
  return {{"ClapperConv3x3FilterGrad",
           {"x: float", "gradient: float"},
           {"filter_gradient: float"},
           {"stride: int >= 1"},
           Create,
           Compute,
           [](void *kernel) { delete static_cast<Settings *>(kernel); }}};
}

}  // namespace clapper
