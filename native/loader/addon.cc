// What Node sees: `readSize(jpeg)`, `writePart(jpeg, target, left, top, width, height, isMirrored, brightness, saturation)` and
// `scaleSamples(samples, scale, target)`, which `../native.ts` describes.

#include <node_api.h>

#include <algorithm>

#include "cut.h"
#include "sound.h"

namespace clapper {
namespace {

/** A call's arguments. What is not as `../native.ts` passes it is a mistake there, and 0 here. */
class Call {
 public:
  Call(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kMost;
    napi_get_cb_info(env, info, &count, values_, nullptr, nullptr);
  }

  /** Of a typed array: where it begins. @param length of values, written. */
  void *Array(int i, int64_t &length) const {
    void *data = nullptr;
    size_t size = 0;
    napi_get_typedarray_info(env_, values_[i], nullptr, &size, &data, nullptr, nullptr);
    length = static_cast<int64_t>(size);
    return data;
  }
  double Number(int i) const {
    double number = 0;
    napi_get_value_double(env_, values_[i], &number);
    return number;
  }
  int Integer(int i) const { return static_cast<int>(Number(i)); }
  bool Boolean(int i) const {
    bool value = false;
    napi_get_value_bool(env_, values_[i], &value);
    return value;
  }

 private:
  static constexpr size_t kMost = 9;
  napi_env env_;
  napi_value values_[kMost] = {};
};

Bytes BytesOf(const Call &call, int i) {
  Bytes bytes;
  bytes.data = static_cast<const uint8_t *>(call.Array(i, bytes.size));
  return bytes;
}

/** Runs `work`, and throws in JavaScript what it throws here. */
template <typename Work>
napi_value Try(napi_env env, const Work &work) {
  try {
    return work();
  } catch (const std::exception &error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
}

napi_value ReadSizeCall(napi_env env, napi_callback_info info) {
  return Try(env, [&] {
    const JpegHeader header = ReadHeader(BytesOf(Call(env, info), 0));
    napi_value size, number;
    napi_create_object(env, &size);
    napi_create_int32(env, header.width, &number);
    napi_set_named_property(env, size, "width", number);
    napi_create_int32(env, header.height, &number);
    napi_set_named_property(env, size, "height", number);
    return size;
  });
}

napi_value WritePartCall(napi_env env, napi_callback_info info) {
  return Try(env, [&]() -> napi_value {
    const Call call(env, info);
    const Bytes jpeg = BytesOf(call, 0);
    int64_t size;
    auto *target = static_cast<uint8_t *>(call.Array(1, size));
    const Region part = {call.Integer(2), call.Integer(3), call.Integer(4), call.Integer(5)};
    const JpegHeader header = ReadHeader(jpeg);
    const bool is_inside = part.left >= 0 && part.top >= 0 && part.width > 0 && part.height > 0 &&
                           part.width <= header.width - part.left && part.height <= header.height - part.top;
    if (!is_inside) throw JpegError("the JPEG is smaller than the part to be shown");
    if (size != int64_t{3} * part.width * part.height) throw JpegError("the JPEG's part and its target differ in size");
    static thread_local Planes planes;  // memory that was taken stays for the next picture
    DecodePlanes(jpeg, header, part, planes);
    WriteCut(header, planes, {part, call.Boolean(6), call.Number(7), call.Number(8)}, target);
    return nullptr;
  });
}

napi_value ScaleSamplesCall(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  int64_t samples, places;
  const auto *from = static_cast<const int16_t *>(call.Array(0, samples));
  auto *to = static_cast<float *>(call.Array(2, places));
  ScaleSamples(from, std::min(samples, places), static_cast<float>(call.Number(1)), to);
  return nullptr;
}

}  // namespace
}  // namespace clapper

NAPI_MODULE_INIT() {
  const auto add = [&](const char *name, napi_callback callback) {
    napi_value function;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
    napi_set_named_property(env, exports, name, function);
  };
  add("readSize", clapper::ReadSizeCall);
  add("writePart", clapper::WritePartCall);
  add("scaleSamples", clapper::ScaleSamplesCall);
  return exports;
}
