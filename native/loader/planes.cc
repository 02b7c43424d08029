#include "planes.h"

#include <algorithm>

#include "blockReader.h"

namespace clapper {
namespace {

int DivideUp(int a, int b) { return (a + b - 1) / b; }

/** Of the picture's units (MCUs) along one axis, those that a part and what it is blended with lie in. */
struct Span {
  Span(int start, int size, int picture, int unit)
      : first(std::max(0, start - kMargin) / unit), end(DivideUp(std::min(picture, start + size + kMargin), unit)) {}
  static constexpr int kMargin = 2;  // pixels: one of chroma, which its neighbours blend into
  int first, end;
};

}  // namespace

void DecodePlanes(Bytes bytes, const JpegHeader &header, const Region &region, Planes &planes) {
  BlockReader reader(bytes, header);
  const int unit = 8 << header.chroma_shift, side = 1 << header.chroma_shift;  // of an MCU: pixels, blocks of luma
  const Span across(region.left, region.width, header.width, unit), down(region.top, region.height, header.height, unit);
  const int units = DivideUp(header.width, unit);
  planes.left = across.first * unit;
  planes.top = down.first * unit;
  planes.chroma_stride = 8 * (across.end - across.first);
  planes.luma_stride = planes.chroma_stride << header.chroma_shift;
  const int64_t chroma_rows = 8 * (down.end - down.first);
  planes.luma.resize(planes.luma_stride * (chroma_rows << header.chroma_shift));
  planes.blue.resize(planes.chroma_stride * chroma_rows);
  planes.red.resize(planes.chroma_stride * chroma_rows);

  Block block;
  const auto decode = [&](int component, uint8_t *to, int64_t stride) {
    if (reader.Read(component, block) > 0) {
      InverseDct(block, to, stride);
    } else {
      FillFlat(block, to, stride);
    }
  };
  int until_restart = header.restart_interval;
  for (int y = 0; y < down.end; y++) {
    for (int x = 0; x < units; x++) {
      if (header.restart_interval > 0 && until_restart-- == 0) {
        reader.Restart();
        until_restart = header.restart_interval - 1;
      }
      if (y < down.first || x < across.first || x >= across.end) {
        for (int i = 0; i < side * side; i++) reader.Skip(0);
        reader.Skip(1);
        reader.Skip(2);
        continue;
      }
      const int64_t row = 8 * (y - down.first), column = 8 * (x - across.first);
      for (int by = 0; by < side; by++) {
        for (int bx = 0; bx < side; bx++) {
          decode(0, &planes.luma[(row * side + 8 * by) * planes.luma_stride + column * side + 8 * bx], planes.luma_stride);
        }
      }
      decode(1, &planes.blue[row * planes.chroma_stride + column], planes.chroma_stride);
      decode(2, &planes.red[row * planes.chroma_stride + column], planes.chroma_stride);
    }
    reader.CheckEnd();
  }
}

}  // namespace clapper
