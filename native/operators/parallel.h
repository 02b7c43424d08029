#pragma once

#include <cstdint>
#include <functional>

namespace clapper {

/** Runs `work(0)` … `work(count - 1)` on as many threads as TensorFlow computes with, and returns when all are done. */
void ParallelFor(int64_t count, const std::function<void(int64_t)> &work);

}  // namespace clapper
