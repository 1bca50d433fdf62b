#include "napi/quantize.h"

#include <algorithm>

#include "napi/arguments.h"
#include "napi/error.h"

namespace llamba::napi {

namespace {

Napi::Value copy(Napi::Env env, const std::vector<uint8_t>& from) {
  auto to = Napi::Uint8Array::New(env, from.size());
  std::copy(from.begin(), from.end(), to.Data());
  return to;
}

}  // namespace

QuantizeRequest quantize_request(const Napi::CallbackInfo& info) {
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw expected("data", "a Uint8Array", info[0]);
  }
  const auto from = object(info[1], "matrix");
  QuantizeRequest request;
  request.dtype = text(from.Get("dtype"), "dtype");
  request.rows = whole(from.Get("rows"), "rows", 1);
  request.columns = whole(from.Get("columns"), "columns", 1);
  request.bits = whole(from.Get("bits"), "bits", 1);
  request.group_size = whole(from.Get("groupSize"), "groupSize", 1);
  // Last: a getter of the object could have taken the buffer away.
  const auto data = info[0].As<Napi::Uint8Array>();
  request.data.assign(data.Data(), data.Data() + data.ByteLength());
  return request;
}

Napi::Value quantized(Napi::Object self, const Quantized& result) {
  const Napi::Env env = self.Env();
  auto o = Napi::Object::New(env);
  o.Set("words", copy(env, result.words));
  o.Set("scales", copy(env, result.scales));
  o.Set("biases", copy(env, result.offsets));
  o.Set("dtype", result.dtype);
  return o;
}

}  // namespace llamba::napi
