#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace clapper {

/** Bits that one look into a table decides. */
constexpr int kLookBits = 10;

/** The codes of one table, and most values that follow them. */
class HuffmanTable {
 public:
  /** Of a code: its length in bits, and the symbol above 8 bits. */
  using Code = uint16_t;

  /**
   * @param counts `[16]`: codes of each length, from 1 bit on. @param symbols in the order of their codes.
   * @returns whether there are as many codes as their lengths allow.
   */
  bool Build(const uint8_t *counts, const uint8_t *symbols) {
    whole_.fill(0);
    look_.fill(0);
    int code = 0, position = 0;
    for (int length = 1; length <= 16; length++) {
      offset_[length] = position - code;
      for (int i = 0; i < counts[length - 1]; i++, code++, position++) {
        if (code >= 1 << length) return false;
        symbols_[position] = symbols[position];
        if (length <= kLookBits) Add(code << (kLookBits - length), length, symbols[position]);
      }
      limit_[length] = code << (16 - length);
      code <<= 1;
    }
    return true;
  }

  /**
   * @param bits the next 16 at least, from the left of 64.
   * @returns where the next {@link kLookBits} hold a code and the whole value after it: bits in all, above 4 bits the run of zeros,
   *   above 8 bits the value; else 0.
   */
  int32_t Whole(uint64_t bits) const { return whole_[bits >> (64 - kLookBits)]; }

  /** @returns 0 for no code of this table. */
  Code Read(uint64_t bits) const {
    const Code entry = look_[bits >> (64 - kLookBits)];
    if (entry != 0) return entry;
    const int next = static_cast<int>(bits >> 48);
    for (int length = kLookBits + 1; length <= 16; length++) {
      if (next >= limit_[length]) continue;
      return symbols_[((next >> (16 - length)) + offset_[length]) & 255] << 8 | length;
    }
    return 0;
  }

 private:
  /** @param first of the looks that begin with this code. */
  void Add(int first, int length, int symbol) {
    std::fill_n(look_.begin() + first, 1 << (kLookBits - length), static_cast<Code>(symbol << 8 | length));
    const int size = symbol & 15, rest = kLookBits - length - size;
    if (size == 0 || rest < 0) return;
    for (int bits = 0; bits < 1 << size; bits++) {
      const int value = bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
      const int32_t entry = value * 256 + ((symbol & 0xf0) | (length + size));
      std::fill_n(whole_.begin() + first + (bits << rest), 1 << rest, entry);
    }
  }

  std::array<Code, 1 << kLookBits> look_;
  std::array<int32_t, 1 << kLookBits> whole_;
  std::array<int, 17> limit_, offset_;  // of each length: an end of its codes, as 16 bits from the left; its first symbol less its first code
  std::array<uint8_t, 256> symbols_;
};

}  // namespace clapper
