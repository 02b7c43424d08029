// Bytes, four of them in each int32, to floats: value · scale + offset.

#include <algorithm>

#include "cApi.h"
#include "parallel.h"
#include "registration.h"

namespace clapper {
namespace {

constexpr int64_t kPieceSize = 1 << 16;  // bytes for one thread

struct Settings {
  float scale = 0, offset = 0;
};

void Scale(const unsigned char *__restrict bytes, float *__restrict out, int64_t count, const Settings &settings) {
  const auto [scale, offset] = settings;
  for (int64_t i = 0; i < count; i++) out[i] = static_cast<float>(bytes[i]) * scale + offset;
}

void Compute(void *kernel, TF_OpKernelContext *context) {
  const Settings &settings = *static_cast<Settings *>(kernel);
  Arguments arguments(context);
  const int64_t count = 4 * arguments.Shape(0)[0];
  const auto *bytes = reinterpret_cast<const unsigned char *>(arguments.Input(0));
  float *out = arguments.Output(0, {count});
  if (!arguments.ok()) return;
  ParallelFor((count + kPieceSize - 1) / kPieceSize, [&](int64_t piece) {
    const int64_t start = piece * kPieceSize;
    Scale(bytes + start, out + start, std::min(kPieceSize, count - start), settings);
  });
}

void *Create(TF_OpKernelConstruction *construction) {
  auto *settings = new Settings;
  Status status;
  TF_OpKernelConstruction_GetAttrFloat(construction, "scale", &settings->scale, status);
  TF_OpKernelConstruction_GetAttrFloat(construction, "offset", &settings->offset, status);
  return settings;
}

}  // namespace

std::vector<Operator> ScaleBytesOperators() {
  return {{"ClapperScaleBytes",
           {"words: int32"},
           {"values: float"},
           {"scale: float", "offset: float"},
           Create,
           Compute,
           [](void *kernel) { delete static_cast<Settings *>(kernel); }}};
}

}  // namespace clapper
