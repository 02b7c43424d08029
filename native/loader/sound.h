#pragma once

#include <cstdint>

namespace clapper {

/** Writes `scale × sample` for each. */
void ScaleSamples(const int16_t *samples, int64_t count, float scale, float *to);

}  // namespace clapper
