//===- TensorFile.cpp - ONNX's tensors in files: .pb ----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/common/TensorFile.h"

#include "runtime/include/fsc/fsc.h"

#include <climits>
#include <cstring>
#include <onnx/onnx_pb.h>

using namespace fsc::tools;

namespace {

/// Appends `count` entries of a repeated field, cast to T.
template <typename T, typename Field> void append(std::vector<char> &data, const Field &field) {
  data.reserve(size_t(field.size()) * sizeof(T));
  for (auto entry : field) {
    T value = static_cast<T>(entry);
    const char *bytes = reinterpret_cast<const char *>(&value);
    data.insert(data.end(), bytes, bytes + sizeof(T));
  }
}

/// The elements, from whichever field the type has them in.
std::vector<char> typedData(const onnx::TensorProto &tensor) {
  std::vector<char> data;
  switch (tensor.data_type()) {
  case FSC_FLOAT32:
  case FSC_COMPLEX64:
    append<float>(data, tensor.float_data());
    break;
  case FSC_FLOAT64:
  case FSC_COMPLEX128:
    append<double>(data, tensor.double_data());
    break;
  case FSC_INT64:
    append<int64_t>(data, tensor.int64_data());
    break;
  case FSC_UINT64:
    append<uint64_t>(data, tensor.uint64_data());
    break;
  case FSC_UINT32:
    append<uint32_t>(data, tensor.uint64_data());
    break;
  case FSC_INT32:
    append<int32_t>(data, tensor.int32_data());
    break;
  case FSC_INT16:
  case FSC_UINT16:
  case FSC_FLOAT16:
  case FSC_BFLOAT16:
    append<uint16_t>(data, tensor.int32_data());
    break;
  default: // a byte each, of one or of several elements
    append<uint8_t>(data, tensor.int32_data());
  }
  return data;
}

} // namespace

Array fsc::tools::readTensorProto(std::string_view bytes, const std::string &what, std::string *name) {
  onnx::TensorProto tensor;
  if (bytes.size() > INT_MAX || !tensor.ParseFromArray(bytes.data(), int(bytes.size())))
    throw Refusal(what + ": expected a serialized onnx.TensorProto");
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL || tensor.external_data_size() > 0)
    throw Refusal(what + ": the tensor's data are in another file, which is not supported here");
  if (tensor.has_segment())
    throw Refusal(what + ": the tensor is in segments, which is not supported");
  Array array = {tensor.data_type(), {tensor.dims().begin(), tensor.dims().end()}, {}};
  int64_t expected = byteCount(array.dtype, array.dims, what);
  if (array.dtype == FSC_STRING) {
    if (tensor.string_data_size() != elementCount(array.dims, what))
      throw Refusal(what + ": expected " + std::to_string(elementCount(array.dims, what)) + " strings, got " +
                    std::to_string(tensor.string_data_size()));
    if (name)
      *name = tensor.name();
    return stringArray(array.dims, {tensor.string_data().begin(), tensor.string_data().end()});
  }
  if (tensor.has_raw_data())
    array.data.assign(tensor.raw_data().begin(), tensor.raw_data().end());
  else
    array.data = typedData(tensor);
  if (array.data.size() != uint64_t(expected))
    throw Refusal(what + ": expected " + std::to_string(expected) + " bytes for " + typeText(array.dtype, array.dims) +
                  ", got " + std::to_string(array.data.size()));
  if (array.dtype == FSC_BOOL)
    for (char &byte : array.data)
      byte = byte != 0;
  if (name)
    *name = tensor.name();
  return array;
}

std::string fsc::tools::writeTensorProto(const Array &array, const std::string &name) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(array.dtype);
  for (int64_t dim : array.dims)
    tensor.add_dims(dim);
  if (array.dtype == FSC_STRING) {
    for (int64_t i = 0, count = elementCount(array.dims, name); i < count; ++i)
      tensor.add_string_data(std::string(stringElement(array, i)));
    return tensor.SerializeAsString();
  }
  tensor.set_raw_data(array.data.data(), array.data.size());
  return tensor.SerializeAsString();
}
