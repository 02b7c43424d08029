#include "cut.h"

#include <algorithm>
#include <cmath>

namespace clapper {
namespace {

/** One row of one chroma at the size of luma; where it was halved, a value is ¾ of the nearest and ¼ of the next, as in libjpeg. */
class ChromaRow {
 public:
  ChromaRow(const JpegHeader &header, const Planes &planes, const Region &part)
      : header_(header),
        planes_(planes),
        part_(part),
        first_(part.left >> 1),
        columns_(((part.left + part.width - 1) >> 1) - first_ + 1),
        blended_(columns_ + 2),
        values_(2 * columns_ + 2) {}

  /** @param row of the picture. @returns the part's values, until the next call. */
  const uint8_t *Read(const std::vector<uint8_t> &plane, int row) {
    const int64_t stride = planes_.chroma_stride;
    if (header_.chroma_shift == 0) return plane.data() + (row - planes_.top) * stride + part_.left - planes_.left;
    const int last_column = ((header_.width + 1) >> 1) - 1, last_row = ((header_.height + 1) >> 1) - 1;
    const int half = row >> 1, next = std::clamp((row & 1) ? half + 1 : half - 1, 0, last_row);
    const auto row_of = [&](int half_row) {
      return plane.data() + (half_row - (planes_.top >> 1)) * stride - (planes_.left >> 1);
    };
    const uint8_t *near = row_of(half), *far = row_of(next);
    const auto blend = [&](int column) { return static_cast<uint16_t>(3 * near[column] + far[column]); };
    blended_[0] = blend(std::max(0, first_ - 1));
    for (int i = 0; i < columns_; i++) blended_[i + 1] = blend(first_ + i);
    blended_[columns_ + 1] = blend(std::min(last_column, first_ + columns_));
    const uint16_t *here = blended_.data() + 1;
    for (int i = 0; i < columns_; i++) {
      values_[2 * i] = static_cast<uint8_t>((3 * here[i] + here[i - 1] + 8) >> 4);
      values_[2 * i + 1] = static_cast<uint8_t>((3 * here[i] + here[i + 1] + 7) >> 4);
    }
    return values_.data() + (part_.left & 1);
  }

 private:
  const JpegHeader &header_;
  const Planes &planes_;
  const Region &part_;
  int first_, columns_;
  std::vector<uint16_t> blended_;  // of two rows, for each column and one on either side
  std::vector<uint8_t> values_;
};

/** Of whole numbers with 16 bits after the point. */
uint8_t ToByte(int value) { return static_cast<uint8_t>(std::clamp(value >> 16, 0, 255)); }

int ToFixed(double value) { return static_cast<int>(std::lround(value * 65536)); }

}  // namespace

void WriteCut(const JpegHeader &header, const Planes &planes, const Cut &cut, uint8_t *to) {
  const Region &part = cut.part;
  const int width = part.width;
  const double colour = cut.brightness * cut.saturation;
  const int light = ToFixed(cut.brightness);
  const int red_to_red = ToFixed(1.402 * colour), red_to_green = ToFixed(-0.714136 * colour);
  const int blue_to_green = ToFixed(-0.344136 * colour), blue_to_blue = ToFixed(1.772 * colour);
  // Half for rounding; chroma 128 is no colour.
  const int red_0 = 32768 - 128 * red_to_red, blue_0 = 32768 - 128 * blue_to_blue;
  const int green_0 = 32768 - 128 * (blue_to_green + red_to_green);
  ChromaRow blue_row(header, planes, part), red_row(header, planes, part);
  std::vector<uint8_t> rgb(3 * width);
  uint8_t *const r = rgb.data(), *const g = r + width, *const b = g + width;
  for (int y = 0; y < part.height; y++, to += 3 * width) {
    const int row = part.top + y;
    const uint8_t *luma = planes.luma.data() + (row - planes.top) * planes.luma_stride + part.left - planes.left;
    const uint8_t *blue = blue_row.Read(planes.blue, row), *red = red_row.Read(planes.red, row);
    for (int x = 0; x < width; x++) {
      const int value = light * luma[x];
      r[x] = ToByte(value + red_to_red * red[x] + red_0);
      g[x] = ToByte(value + blue_to_green * blue[x] + red_to_green * red[x] + green_0);
      b[x] = ToByte(value + blue_to_blue * blue[x] + blue_0);
    }
    uint8_t *pixel = cut.is_mirrored ? to + 3 * (width - 1) : to;
    const int step = cut.is_mirrored ? -3 : 3;
    for (int x = 0; x < width; x++, pixel += step) {
      pixel[0] = r[x];
      pixel[1] = g[x];
      pixel[2] = b[x];
    }
  }
}

}  // namespace clapper
