#pragma once

#include <cstdint>
#include <cstring>

namespace clapper {

// The compiler's own vectors: one source for every processor.
#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif
typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));

/** @tparam V Vector or float, as below. */
template <typename V>
inline V Load(const float *from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename V>
inline void Store(float *to, V value) {
  std::memcpy(to, &value, sizeof value);
}

template <typename V>
inline V Max(V a, V b) {
  return a < b ? b : a;
}

/** Keeps NaN, so that a diverged loss is seen. */
template <typename V>
inline V Relu(V value) {
  return value < V{} ? V{} : value;
}

/** Calls `work(V{}, c)` for all channels: many at a time as long as there are as many, then one by one. */
template <typename Work>
inline void ForChannels(int64_t channels, const Work &work) {
  int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) work(Vector{}, c);
  for (; c < channels; c++) work(float{}, c);
}

}  // namespace clapper
