#include "header.h"

#include <algorithm>
#include <optional>
#include <string>

namespace clapper {
namespace {

/** One segment's bytes, from which nothing is read beyond its end. */
class Segment {
 public:
  Segment(const uint8_t *from, const uint8_t *end) : at_(from), end_(end) {}

  bool IsAtEnd() const { return at_ == end_; }
  int Byte() { return *Take(1); }
  int Word() {
    const uint8_t *bytes = Take(2);
    return bytes[0] << 8 | bytes[1];
  }
  const uint8_t *Take(int64_t count) {
    if (end_ - at_ < count) throw JpegError("a table of the JPEG is damaged");
    at_ += count;
    return at_ - count;
  }

 private:
  const uint8_t *at_, *end_;
};

struct Part {
  int id, sampling, table;
};

struct Tables {
  std::optional<std::array<uint16_t, 64>> quantization[4];
  std::optional<HuffmanTable> dc[4], ac[4];
};

void ReadQuantization(Segment segment, Tables &tables) {
  while (!segment.IsAtEnd()) {
    const int id = segment.Byte();
    if (id > 3) throw JpegError("it is a JPEG of 12 bits, not 8");
    const uint8_t *steps = segment.Take(64);
    std::copy(steps, steps + 64, tables.quantization[id].emplace().begin());
  }
}

void ReadHuffman(Segment segment, Tables &tables) {
  while (!segment.IsAtEnd()) {
    const int id = segment.Byte();
    const uint8_t *counts = segment.Take(16);
    int symbols = 0;
    for (int i = 0; i < 16; i++) symbols += counts[i];
    if ((id & 0xef) > 3 || symbols > 256) throw JpegError("a table of the JPEG is damaged");
    auto &table = (id >> 4 ? tables.ac : tables.dc)[id & 3];
    if (!table.emplace().Build(counts, segment.Take(symbols))) throw JpegError("a table of the JPEG is damaged");
  }
}

}  // namespace

JpegHeader ReadHeader(Bytes bytes) {
  const auto word = [&](int64_t at) { return bytes.data[at] << 8 | bytes.data[at + 1]; };
  if (bytes.size < 4 || word(0) != 0xffd8) throw JpegError("it is no JPEG");
  JpegHeader header;
  Tables tables;
  std::array<Part, 3> parts;
  for (int64_t at = 2; at + 4 <= bytes.size;) {
    const int marker = word(at);
    const int64_t end = at + 2 + word(at + 2);
    if (marker < 0xffc0 || end > bytes.size || end < at + 4) break;
    Segment segment(bytes.data + at + 4, bytes.data + end);
    if (marker == 0xffdb) {
      ReadQuantization(segment, tables);
    } else if (marker == 0xffc4) {
      ReadHuffman(segment, tables);
    } else if (marker == 0xffdd) {
      header.restart_interval = segment.Word();
    } else if (marker == 0xffc0) {
      segment.Byte();  // bits a value: 8 where the tables have 8
      header.height = segment.Word();
      header.width = segment.Word();
      const int count = segment.Byte();
      if (count != 3) throw JpegError("it is a JPEG of " + std::to_string(count) + " planes, not of 3");
      for (Part &part : parts) part = {segment.Byte(), segment.Byte(), segment.Byte()};
    } else if (marker > 0xffc0 && marker < 0xffd0 && marker != 0xffc8 && marker != 0xffcc) {
      throw JpegError("it is a progressive or arithmetic JPEG, not a baseline one");
    } else if (marker == 0xffda) {
      if (header.width == 0 || header.height == 0) break;
      const bool is_halved = parts[0].sampling == 0x22;
      if ((!is_halved && parts[0].sampling != 0x11) || parts[1].sampling != 0x11 || parts[2].sampling != 0x11) {
        throw JpegError("it is a JPEG with another sampling than 4:2:0 and 4:4:4");
      }
      header.chroma_shift = is_halved ? 1 : 0;
      segment.Byte();  // how many components there are
      for (int i = 0; i < 3; i++) {
        const int id = segment.Byte(), huffman = segment.Byte();
        const auto &dc = tables.dc[huffman >> 4 & 3], &ac = tables.ac[huffman & 3];
        if (id != parts[i].id || parts[i].table > 3 || !tables.quantization[parts[i].table] || !dc || !ac) {
          throw JpegError("a table of the JPEG is missing");
        }
        header.components[i] = {*tables.quantization[parts[i].table], *dc, *ac};
      }
      header.data_start = end;
      return header;
    }
    at = end;
  }
  throw JpegError("the JPEG ends before its pixels");
}

}  // namespace clapper
