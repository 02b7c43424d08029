#include <string>

#include "registration.h"

/** Called once by addon.cc, when TensorFlow is loaded. @returns the names of the operators that can be used now. */
extern "C" const char *RegisterClapperOperators() {
  static std::string names;
  for (const auto &operators :
       {clapper::AdamOperators(), clapper::BandPowerOperators(), clapper::BatchNormReluOperators(),
        clapper::Conv3x3FilterGradOperators(), clapper::Conv3x3Bf16Operators(), clapper::Conv3x3FilterGradBf16Operators(), clapper::ScaleBytesOperators()}) {
    for (const clapper::Operator &op : operators) {
      if (clapper::Register(op)) names += std::string(op.name) + ' ';
    }
  }
  return names.c_str();
}
