#pragma once

// The matrix unit (AMX) of Intel's processors since Sapphire Rapids: products of bfloat16, sums in float32.

#if defined(__x86_64__) && defined(__linux__) && __GNUC__ >= 12
#define CLAPPER_HAS_MATRIX_UNIT 1

#include <immintrin.h>

#include <algorithm>
#include <cstdint>

#define CLAPPER_MATRIX_UNIT __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512vl,avx512bf16")))

namespace clapper {

constexpr int64_t kTaps = 3;          // of a kernel, down and across
constexpr int64_t kTile = 16;         // rows of a tile, and its columns of float32
constexpr int64_t kPair = 2 * kTile;  // rows and columns of the 2 × 2 tiles that are multiplied at once; bfloat16 in a tile's row

using Bf16 = uint16_t;

inline int64_t DivideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t RoundUp(int64_t a, int64_t b) { return DivideUp(a, b) * b; }

/** Whether the processor has the unit, and the system lets this process use it. */
bool HasMatrixUnit();

/** Every tile 16 rows of 64 bytes. A thread's unit is its own: it is set before it computes, and released after. */
struct alignas(64) TileConfig {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};
  TileConfig() {
    std::fill(row_bytes, row_bytes + 8, 64);
    std::fill(rows, rows + 8, kTile);
  }
};

/** Those of the next 16 channels that there are. */
inline __mmask16 MaskOf(int64_t channels) {
  return static_cast<__mmask16>(channels >= kTile ? 0xffff : (1 << std::max<int64_t>(0, channels)) - 1);
}

/** 16 values rounded to the nearest, of a tie to the even one. */
CLAPPER_MATRIX_UNIT inline __m256i Rounded(const float *from, __mmask16 channels) {
  const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(channels, from));
  return reinterpret_cast<const __m256i &>(rounded);
}

/** Two rows of 16 channels, one in the lower halves of the result and one in the upper. */
CLAPPER_MATRIX_UNIT inline __m512i Interleaved(const float *lower, const float *upper, __mmask16 channels) {
  const __m512i high = _mm512_cvtepu16_epi32(Rounded(upper, channels));
  return _mm512_or_si512(_mm512_cvtepu16_epi32(Rounded(lower, channels)), _mm512_slli_epi32(high, 16));
}

}  // namespace clapper

#endif
