#pragma once

#include <vector>

#include "header.h"
#include "idct.h"

namespace clapper {

/** Reads coded blocks one after the other. */
class BlockReader {
 public:
  /** @throws JpegError where the coded pixels end without an end marker. */
  BlockReader(Bytes bytes, const JpegHeader &header);

  /** Goes to the next restart marker. */
  void Restart();

  /** @throws JpegError where more was read than there is. */
  void CheckEnd() const;

  /**
   * Reads a block of a component, 0 … 2.
   *
   * @param block of zeros; the values × the component's scale are written at their places.
   * @returns the last place in the order of the file that is not zero.
   */
  int Read(int component, Block &block) { return Decode<true>(component, &block); }

  /** Reads past a block. */
  void Skip(int component) { Decode<false>(component, nullptr); }

 private:
  template <bool kKeep>
  int Decode(int component, Block *block);
  void Refill();
  void Consume(int bits) {
    bits_ <<= bits;
    count_ -= bits;
  }

  const JpegHeader &header_;
  DctScale scale_[3];
  std::vector<uint8_t> coded_;  // without the bytes that only keep markers apart, and zeros to read ahead in
  std::vector<int64_t> restarts_;
  int64_t end_ = 0, at_ = 0;
  uint64_t bits_ = 0;  // the next ones, from the left …
  int count_ = 0;      // … as many of them
  size_t restart_ = 0;
  int dc_[3] = {};
};

}  // namespace clapper
