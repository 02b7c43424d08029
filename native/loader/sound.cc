#include "sound.h"

#include "clones.h"

namespace clapper {

CLAPPER_CLONES
void ScaleSamples(const int16_t *__restrict samples, int64_t count, float scale, float *__restrict to) {
  for (int64_t i = 0; i < count; i++) to[i] = scale * static_cast<float>(samples[i]);
}

}  // namespace clapper
