#include "matrixUnit.h"

#ifdef CLAPPER_HAS_MATRIX_UNIT

#include <sys/syscall.h>
#include <unistd.h>

namespace clapper {

bool HasMatrixUnit() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("amx-bf16") || !__builtin_cpu_supports("avx512bf16")) return false;
  constexpr int kRequestPermission = 0x1023, kTileData = 18;  // of arch_prctl: Linux wants to be asked
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace clapper

#endif
