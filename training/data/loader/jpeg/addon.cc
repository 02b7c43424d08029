// What Node sees: `readSize(jpeg)` and `writePart(jpeg, target, left, top, width, height, isMirrored, brightness, saturation)`, which
// `../jpeg.ts` describes.

#include <node_api.h>

#include "cut.h"

namespace clapper {
namespace {

/** A call's arguments. What is not as `../jpeg.ts` passes it is a mistake there, and 0 here. */
class Call {
 public:
  Call(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kMost;
    napi_get_cb_info(env, info, &count, values_, nullptr, nullptr);
  }

  /** Of a Uint8Array or Uint8ClampedArray. */
  Bytes BytesOf(int i) const {
    void *data = nullptr;
    size_t size = 0;
    napi_get_typedarray_info(env_, values_[i], nullptr, &size, &data, nullptr, nullptr);
    return {static_cast<const uint8_t *>(data), static_cast<int64_t>(size)};
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

napi_value ReadSize(napi_env env, napi_callback_info info) {
  return Try(env, [&] {
    const JpegHeader header = ReadHeader(Call(env, info).BytesOf(0));
    napi_value size, number;
    napi_create_object(env, &size);
    napi_create_int32(env, header.width, &number);
    napi_set_named_property(env, size, "width", number);
    napi_create_int32(env, header.height, &number);
    napi_set_named_property(env, size, "height", number);
    return size;
  });
}

napi_value WritePart(napi_env env, napi_callback_info info) {
  return Try(env, [&]() -> napi_value {
    const Call call(env, info);
    const Bytes jpeg = call.BytesOf(0), target = call.BytesOf(1);
    const Region part = {call.Integer(2), call.Integer(3), call.Integer(4), call.Integer(5)};
    const JpegHeader header = ReadHeader(jpeg);
    const bool is_inside = part.left >= 0 && part.top >= 0 && part.width > 0 && part.height > 0 &&
                           part.width <= header.width - part.left && part.height <= header.height - part.top;
    if (!is_inside) throw JpegError("the JPEG is smaller than the part to be shown");
    if (target.size != int64_t{3} * part.width * part.height) throw JpegError("the JPEG's part and its target differ in size");
    static thread_local Planes planes;  // memory that was taken stays for the next picture
    DecodePlanes(jpeg, header, part, planes);
    WriteCut(header, planes, {part, call.Boolean(6), call.Number(7), call.Number(8)}, const_cast<uint8_t *>(target.data));
    return nullptr;
  });
}

}  // namespace
}  // namespace clapper

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "readSize", NAPI_AUTO_LENGTH, clapper::ReadSize, nullptr, &function);
  napi_set_named_property(env, exports, "readSize", function);
  napi_create_function(env, "writePart", NAPI_AUTO_LENGTH, clapper::WritePart, nullptr, &function);
  napi_set_named_property(env, exports, "writePart", function);
  return exports;
}
