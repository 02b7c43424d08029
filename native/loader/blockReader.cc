#include "blockReader.h"

#include <cstring>

namespace clapper {
namespace {

constexpr int kAhead = 16;  // bytes of zeros after the coded ones

constexpr uint8_t kZigzag[64] = {0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
                                 41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
                                 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

/** Where a value of the file's order stands in a {@link Block}: columns side by side. */
int PlaceOf(int k) { return (kZigzag[k] & 7) * 8 + (kZigzag[k] >> 3); }

int ValueOf(uint64_t bits, int size) {
  const int value = static_cast<int>(bits >> (64 - size));
  return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
}

uint64_t FromBigEndian(const uint8_t *bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; i++) value = value << 8 | bytes[i];  // compilers make one load of it
  return value;
}

}  // namespace

BlockReader::BlockReader(Bytes bytes, const JpegHeader &header) : header_(header) {
  for (int i = 0; i < 3; i++) {
    for (int k = 0; k < 64; k++) scale_[i].Set(k, PlaceOf(k), header.components[i].quantization[k]);
  }
  coded_.resize(bytes.size - header.data_start + kAhead);
  for (const uint8_t *from = bytes.data + header.data_start, *const end = bytes.data + bytes.size;;) {
    const auto *marker = static_cast<const uint8_t *>(std::memchr(from, 0xff, end - from));
    if (marker == nullptr || marker + 1 >= end) throw JpegError("the JPEG ends in its pixels");
    const int next = marker[1];
    const int64_t length = marker - from + (next == 0 ? 1 : 0);
    std::memcpy(coded_.data() + end_, from, length);
    end_ += length;
    from = marker + 2;
    if (next >= 0xd0 && next <= 0xd7) {
      restarts_.push_back(end_);
    } else if (next != 0) {
      break;
    }
  }
  std::memset(coded_.data() + end_, 0, kAhead);
}

void BlockReader::Restart() {
  if (restart_ == restarts_.size()) throw JpegError("the JPEG ends in its pixels");
  at_ = restarts_[restart_++];
  bits_ = 0;
  count_ = 0;
  std::memset(dc_, 0, sizeof dc_);
}

void BlockReader::CheckEnd() const {
  if (8 * at_ - count_ > 8 * end_) throw JpegError("the JPEG ends in its pixels");
}

/** Then there are 56 bits at least: more than a code and its value have. */
inline void BlockReader::Refill() {
  bits_ |= FromBigEndian(coded_.data() + at_) >> count_;
  at_ += (63 - count_) >> 3;
  count_ |= 56;
  if (at_ > end_ + 8) at_ = end_ + 8;  // it stays there, to be found at the end
}

template <bool kKeep>
int BlockReader::Decode(int component, Block *block) {
  const Component &tables = header_.components[component];
  const DctScale &scale = scale_[component];
  const auto code_of = [&](const HuffmanTable &table) {
    const int code = table.Read(bits_);
    if (code == 0) throw JpegError("a code of the JPEG is damaged");
    Consume(code & 255);
    return code >> 8;
  };
  const auto value_of = [&](int size) {
    const int value = ValueOf(bits_, size);
    Consume(size);
    return value;
  };

  Refill();
  int difference = 0;
  if (const int32_t whole = tables.dc.Whole(bits_)) {
    Consume(whole & 15);
    difference = whole >> 8;
  } else if (const int size = code_of(tables.dc)) {
    if (size > 15) throw JpegError("a code of the JPEG is damaged");
    difference = value_of(size);
  }
  dc_[component] += difference;
  if constexpr (kKeep) block->values[0] = static_cast<float>(dc_[component]) * scale.factors[0];

  int last = 0;
  for (int k = 1; k < 64; k++) {
    Refill();
    int value;
    if (const int32_t whole = tables.ac.Whole(bits_)) {
      Consume(whole & 15);
      k += whole >> 4 & 15;
      value = whole >> 8;
    } else {
      const int symbol = code_of(tables.ac), size = symbol & 15;
      k += symbol >> 4;
      if (size == 0) {
        if (symbol == 0xf0) continue;  // sixteen zeros
        break;                         // zeros to the end
      }
      value = value_of(size);
    }
    if (k > 63) throw JpegError("a block of the JPEG is damaged");
    if constexpr (kKeep) block->values[scale.places[k]] = static_cast<float>(value) * scale.factors[k];
    last = k;
  }
  return last;
}

template int BlockReader::Decode<true>(int, Block *);
template int BlockReader::Decode<false>(int, Block *);

}  // namespace clapper
