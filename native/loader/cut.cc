#include "cut.h"

#include <algorithm>
#include <cmath>

#include "clones.h"

namespace clapper {
namespace {

CLAPPER_CLONES
void BlendRows(const uint8_t *__restrict near, const uint8_t *__restrict far, int count, uint16_t *__restrict to) {
  for (int i = 0; i < count; i++) to[i] = static_cast<uint16_t>(3 * near[i] + far[i]);
}

/** @param here with one value more on either side. @param to two of each. */
CLAPPER_CLONES
void BlendColumns(const uint16_t *__restrict here, int count, uint8_t *__restrict to) {
  for (int i = 0; i < count; i++) {
    to[2 * i] = static_cast<uint8_t>((3 * here[i] + here[i - 1] + 8) >> 4);
    to[2 * i + 1] = static_cast<uint8_t>((3 * here[i] + here[i + 1] + 7) >> 4);
  }
}

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
    BlendRows(near + first_, far + first_, columns_, blended_.data() + 1);
    blended_[columns_ + 1] = blend(std::min(last_column, first_ + columns_));
    BlendColumns(blended_.data() + 1, columns_, values_.data());
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

int ToFixed(double value) { return static_cast<int>(std::lround(value * 65536)); }

/** What luma and chroma are multiplied by: whole numbers with 16 bits after the point. */
struct Colours {
  explicit Colours(const Cut &cut)
      : light(ToFixed(cut.brightness)),
        red_to_red(ToFixed(1.402 * cut.brightness * cut.saturation)),
        red_to_green(ToFixed(-0.714136 * cut.brightness * cut.saturation)),
        blue_to_green(ToFixed(-0.344136 * cut.brightness * cut.saturation)),
        blue_to_blue(ToFixed(1.772 * cut.brightness * cut.saturation)),
        // Half for rounding; chroma 128 is no colour.
        red_0(32768 - 128 * red_to_red),
        green_0(32768 - 128 * (blue_to_green + red_to_green)),
        blue_0(32768 - 128 * blue_to_blue) {}
  int light, red_to_red, red_to_green, blue_to_green, blue_to_blue, red_0, green_0, blue_0;
};

uint8_t ToByte(int value) { return static_cast<uint8_t>(std::min(255, std::max(0, value >> 16))); }

/** @param rgb a row of red, one of green, one of blue. */
CLAPPER_CLONES
void ColourRow(const uint8_t *__restrict luma, const uint8_t *__restrict blue, const uint8_t *__restrict red, int width,
               const Colours &colours, uint8_t *__restrict rgb) {
  const Colours c = colours;
  for (int x = 0; x < width; x++) {
    const int value = c.light * luma[x];
    rgb[x] = ToByte(value + c.red_to_red * red[x] + c.red_0);
    rgb[width + x] = ToByte(value + c.blue_to_green * blue[x] + c.red_to_green * red[x] + c.green_0);
    rgb[2 * width + x] = ToByte(value + c.blue_to_blue * blue[x] + c.blue_0);
  }
}

}  // namespace

void WriteCut(const JpegHeader &header, const Planes &planes, const Cut &cut, uint8_t *to) {
  const Region &part = cut.part;
  const int width = part.width;
  const Colours colours(cut);
  ChromaRow blue_row(header, planes, part), red_row(header, planes, part);
  std::vector<uint8_t> rgb(3 * width);
  const uint8_t *const r = rgb.data(), *const g = r + width, *const b = g + width;
  for (int y = 0; y < part.height; y++, to += 3 * width) {
    const int row = part.top + y;
    const uint8_t *luma = planes.luma.data() + (row - planes.top) * planes.luma_stride + part.left - planes.left;
    const uint8_t *blue = blue_row.Read(planes.blue, row), *red = red_row.Read(planes.red, row);
    ColourRow(luma, blue, red, width, colours, rgb.data());
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
