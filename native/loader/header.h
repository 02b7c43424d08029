#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>

#include "huffman.h"

namespace clapper {

/** What is wrong with a JPEG. */
struct JpegError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Bytes {
  const uint8_t *data;
  int64_t size;
};

/** Luma or one chroma. */
struct Component {
  std::array<uint16_t, 64> quantization;  // in the order of the file (zigzag)
  HuffmanTable dc, ac;
};

struct JpegHeader {
  int width = 0, height = 0;
  Component components[3];  // Y, Cb, Cr
  int chroma_shift = 0;     // 1: chroma has half the width and height (4:2:0); 0: all of it (4:4:4)
  int restart_interval = 0; // blocks of pixels (MCUs) between two restart markers; 0: there are none
  int64_t data_start = 0;   // where the coded pixels begin
};

/**
 * Reads what stands before the pixels.
 *
 * @throws JpegError for what is no JPEG as `clapper prepare` writes it: baseline, YCbCr, 4:2:0 or 4:4:4.
 */
JpegHeader ReadHeader(Bytes bytes);

}  // namespace clapper
