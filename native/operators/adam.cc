// One step of Adam for all variables in one operator. The moments of all of them are two long vectors.

#include <algorithm>
#include <cmath>

#include "cApi.h"
#include "parallel.h"
#include "registration.h"

namespace clapper {
namespace {

constexpr int64_t kPieceSize = 1 << 14;  // of a variable, for one thread

struct Piece {
  const float *value, *gradient;
  float *new_value;
  int64_t start;  // in the moments
  int64_t size;
  bool is_kernel;  // biases, and the scales of normalisation, are not decayed
};

struct StepSettings {
  float beta1, beta2, epsilon, rate, second_scale, gradient_scale, l2, kept;
};

void Update(const Piece &piece, const StepSettings &s, const float *__restrict first, const float *__restrict second,
            float *__restrict new_first, float *__restrict new_second) {
  const float *__restrict value = piece.value, *__restrict gradient = piece.gradient;
  float *__restrict new_value = piece.new_value;
  const float l2 = piece.is_kernel ? s.l2 : 0, kept = piece.is_kernel ? s.kept : 1;
  for (int64_t i = 0; i < piece.size; i++) {
    const float g = gradient[i] * s.gradient_scale + l2 * value[i];
    const float m = s.beta1 * first[i] + (1 - s.beta1) * g;
    const float v = s.beta2 * second[i] + (1 - s.beta2) * g * g;
    new_first[i] = m;
    new_second[i] = v;
    new_value[i] = kept * value[i] - s.rate * m / (std::sqrt(v * s.second_scale) + s.epsilon);
  }
}

void Compute(void *, TF_OpKernelContext *context) {
  Arguments arguments(context);
  const int count = (arguments.InputCount() - 3) / 2;  // values, gradients, two moments, settings
  const float *first = arguments.Input(2 * count), *second = arguments.Input(2 * count + 1);
  const StepSettings settings = *reinterpret_cast<const StepSettings *>(arguments.Input(2 * count + 2));
  float *new_first = arguments.Output(count, arguments.Shape(2 * count));
  float *new_second = arguments.Output(count + 1, arguments.Shape(2 * count));
  std::vector<Piece> pieces;
  int64_t start = 0;
  for (int i = 0; i < count; i++) {
    const std::vector<int64_t> shape = arguments.Shape(i);
    float *new_value = arguments.Output(i, shape);
    if (!arguments.ok()) return;
    const float *value = arguments.Input(i), *gradient = arguments.Input(count + i);
    int64_t size = 1;
    for (int64_t length : shape) size *= length;
    for (int64_t at = 0; at < size; at += kPieceSize) {
      pieces.push_back({value + at, gradient + at, new_value + at, start + at, std::min(kPieceSize, size - at),
                        shape.size() > 1});
    }
    start += size;
  }
  if (!arguments.ok()) return;
  ParallelFor(static_cast<int64_t>(pieces.size()), [&](int64_t i) {
    const int64_t at = pieces[i].start;
    Update(pieces[i], settings, first + at, second + at, new_first + at, new_second + at);
  });
}

}  // namespace

std::vector<Operator> AdamOperators() {
  return {{"ClapperAdam",
           {"values: N * float", "gradients: N * float", "first: float", "second: float", "settings: float"},
           {"new_values: N * float", "new_first: float", "new_second: float"},
           {"N: int >= 1"},
           nullptr,
           Compute,
           nullptr}};
}

}  // namespace clapper
