// Damages JPEGs and decodes parts of them. Built with the address sanitizer: `fuzz COUNT FILE …` ends with 0 where no byte outside is touched.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "cut.h"

int main(int argc, char **argv) {
  const int count = std::atoi(argv[1]);
  std::vector<std::vector<uint8_t>> files;
  for (int i = 2; i < argc; i++) {
    std::ifstream file(argv[i], std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  std::mt19937 random(1);
  const auto below = [&](size_t limit) { return limit == 0 ? 0 : random() % limit; };
  clapper::Planes planes;
  int decoded = 0, refused = 0;
  for (int i = 0; i < count; i++) {
    std::vector<uint8_t> bytes = files[below(files.size())];
    for (size_t changes = 1 + below(4); changes > 0 && !bytes.empty(); changes--) {
      const size_t at = below(below(2) ? std::min<size_t>(bytes.size(), 700) : bytes.size());
      const size_t length = std::min(1 + below(below(5) ? 8 : 300), bytes.size() - at);
      const auto place = bytes.begin() + at;
      switch (below(5)) {
        case 0: for (size_t n = 0; n < length; n++) place[n] = random(); break;
        case 1: std::fill_n(place, length, below(2) ? 255 : 0); break;
        case 2: bytes.erase(place, place + length); break;
        case 3: bytes[at] ^= 1 << below(8); break;
        default: bytes.resize(at); break;
      }
    }
    // In memory of its very size, so that the byte behind it is guarded.
    std::vector<uint8_t> exact(bytes.begin(), bytes.end());
    exact.shrink_to_fit();
    try {
      const clapper::Bytes jpeg = {exact.data(), static_cast<int64_t>(exact.size())};
      const clapper::JpegHeader header = clapper::ReadHeader(jpeg);
      if (int64_t{header.width} * header.height > 4'000'000) throw clapper::JpegError("large");
      clapper::Region part;
      part.width = 1 + below(header.width);
      part.height = 1 + below(header.height);
      part.left = below(header.width - part.width + 1);
      part.top = below(header.height - part.height + 1);
      std::vector<uint8_t> target(size_t{3} * part.width * part.height);
      clapper::DecodePlanes(jpeg, header, part, planes);
      clapper::WriteCut(header, planes, {part, below(2) == 1, 1.2, 0.7}, target.data());
      decoded++;
    } catch (const clapper::JpegError &) {
      refused++;
    }
  }
  std::printf("{\"decoded\": %d, \"refused\": %d}\n", decoded, refused);
}
