#include "registration.h"

/** Called by addon.cc once TensorFlow is loaded. @returns whether all of our operators can be used. */
extern "C" bool RegisterClapperOperators() {
  return clapper::RegisterAdam() && clapper::RegisterBatchNormRelu();
}
