#pragma once

#include <vector>

#include "header.h"

namespace clapper {

struct Region {
  int left, top, width, height;
};

/** Luma and chroma of a part of the picture, as they stand in the file. */
struct Planes {
  int left, top;  // where they begin, in pixels of the picture
  std::vector<uint8_t> luma, blue, red;
  int64_t luma_stride, chroma_stride;
};

/**
 * Decodes a region and a little around it. All codes up to its last row have to be read; the rest of the work is done for its own blocks
 * alone.
 *
 * @param planes written over. @throws JpegError for damaged data.
 */
void DecodePlanes(Bytes bytes, const JpegHeader &header, const Region &region, Planes &planes);

}  // namespace clapper
