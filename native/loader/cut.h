#pragma once

#include "planes.h"

namespace clapper {

/** Which part of a picture is shown, and how. */
struct Cut {
  Region part;
  bool is_mirrored;
  double brightness;  // factor of every value
  double saturation;  // 0 grey, 1 as it is
};

/**
 * From luma and chroma to RGB: cuts, mirrors and colours in one pass. Saturation is a factor of chroma, for a colour's grey (Rec. 601, as
 * in Pillow) is its luma.
 *
 * @param to RGB `[height, width, 3]`; what is below 0 or above 255 is cut off.
 */
void WriteCut(const JpegHeader &header, const Planes &planes, const Cut &cut, uint8_t *to);

}  // namespace clapper
