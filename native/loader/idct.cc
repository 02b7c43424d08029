#include "idct.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "clones.h"

namespace clapper {
namespace {

const double kPi = std::acos(-1.0);

typedef float Eight __attribute__((vector_size(32)));

/** One dimension, of eight at a time. */
inline void Transform(Eight *d) {
  constexpr float c4 = 1.414213562f;        // √2
  constexpr float c2 = 1.847759065f;        // 2 cos(π/8)
  constexpr float c2_minus_c6 = 1.082392200f; // 2 (cos(π/8) − cos(3π/8))
  constexpr float c2_plus_c6 = 2.613125930f;  // 2 (cos(π/8) + cos(3π/8))
  const Eight t10 = d[0] + d[4], t11 = d[0] - d[4], t13 = d[2] + d[6], t12 = (d[2] - d[6]) * c4 - t13;
  const Eight e0 = t10 + t13, e3 = t10 - t13, e1 = t11 + t12, e2 = t11 - t12;
  const Eight z13 = d[5] + d[3], z10 = d[5] - d[3], z11 = d[1] + d[7], z12 = d[1] - d[7];
  const Eight o7 = z11 + z13, z5 = (z10 + z12) * c2, o6 = z5 - z10 * c2_plus_c6 - o7;
  const Eight o5 = (z11 - z13) * c4 - o6, o4 = z5 - z12 * c2_minus_c6 - o5;
  d[0] = e0 + o7;
  d[7] = e0 - o7;
  d[1] = e1 + o6;
  d[6] = e1 - o6;
  d[2] = e2 + o5;
  d[5] = e2 - o5;
  d[3] = e3 + o4;
  d[4] = e3 - o4;
}

uint8_t ToByte(float value) { return static_cast<uint8_t>(std::min(255.0f, std::max(0.0f, value + 128.0f)) + 0.5f); }

}  // namespace

void DctScale::Set(int k, int place, int quantization) {
  const auto factor = [](int i) { return i == 0 ? 1 : std::sqrt(2.0) * std::cos(i * kPi / 16); };
  places[k] = static_cast<uint8_t>(place);
  factors[k] = static_cast<float>(quantization * factor(place >> 3) * factor(place & 7) / 8);
}

CLAPPER_CLONES
void InverseDct(Block &block, uint8_t *to, int64_t stride) {
  Eight columns[8], rows[8];
  std::memcpy(columns, block.values, sizeof columns);
  std::memset(block.values, 0, sizeof block.values);
  Transform(columns);
  for (int x = 0; x < 8; x++) {
    for (int y = 0; y < 8; y++) rows[y][x] = columns[x][y];
  }
  Transform(rows);
  for (int y = 0; y < 8; y++, to += stride) {
    float row[8];
    std::memcpy(row, &rows[y], sizeof row);
    for (int x = 0; x < 8; x++) to[x] = ToByte(row[x]);
  }
}

void FillFlat(Block &block, uint8_t *to, int64_t stride) {
  const uint8_t value = ToByte(block.values[0]);
  block.values[0] = 0;
  for (int y = 0; y < 8; y++, to += stride) std::memset(to, value, 8);
}

}  // namespace clapper
