#pragma once

#include <cstdint>

namespace clapper {

/** 8 × 8 values, column after column. */
struct alignas(32) Block {
  float values[64] = {};
};

/**
 * What multiplies the values before {@link InverseDct}: quantization, and the factors that the fast transform leaves out (Arai, Agui &
 * Nakajima 1988).
 */
struct DctScale {
  float factors[64];  // in the order of the file
  uint8_t places[64]; // in a Block
  void Set(int k, int place, int quantization);
};

/** Writes the block's pixels, and zeros into the block. @param to of values 0 … 255, `stride` a row. */
void InverseDct(Block &block, uint8_t *to, int64_t stride);

/** The same for a block of one value. */
void FillFlat(Block &block, uint8_t *to, int64_t stride);

}  // namespace clapper
