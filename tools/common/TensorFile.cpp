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
#include <onnx/onnx-data.pb.h>
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
  case FSC_FLOAT6E2M3:
  case FSC_FLOAT6E3M2: // one element each
    append<uint8_t>(data, tensor.int32_data());
    return packBits(data, 6);
  default: // a byte each, of one or of several elements
    append<uint8_t>(data, tensor.int32_data());
  }
  return data;
}

Array arrayOf(const onnx::TensorProto &tensor, const std::string &what) {
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
  return array;
}

onnx::TensorProto protoOf(const Array &array, const std::string &name) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(array.dtype);
  for (int64_t dim : array.dims)
    tensor.add_dims(dim);
  if (array.dtype == FSC_STRING)
    for (int64_t i = 0, count = elementCount(array.dims, name); i < count; ++i)
      tensor.add_string_data(std::string(stringElement(array, i)));
  else
    tensor.set_raw_data(array.data.data(), array.data.size());
  return tensor;
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

template <typename Proto> Proto parse(std::string_view bytes, const std::string &what, const char *name) {
  Proto proto;
  if (bytes.size() > INT_MAX || !proto.ParseFromArray(bytes.data(), int(bytes.size())))
    throw Refusal(what + ": expected a serialized onnx." + name);
  return proto;
}

Array listOf(const onnx::SequenceProto &proto, const std::string &what, const fsc_value &type);
Array listOf(const onnx::OptionalProto &proto, const std::string &what, const fsc_value &type);

/// A map's keys have a field of their own for strings, and one for all integers.
Array listOf(const onnx::MapProto &proto, const std::string &what, const fsc_value &type) {
  onnx::TensorProto keys;
  keys.set_data_type(type.element[0].dtype);
  bool isText = type.element[0].dtype == FSC_STRING;
  keys.add_dims(isText ? proto.string_keys_size() : proto.keys_size());
  *keys.mutable_string_data() = proto.string_keys();
  if (!isText) {
    auto fill = [&](auto *field) { field->Add(proto.keys().begin(), proto.keys().end()); };
    if (keys.data_type() == FSC_INT64)
      fill(keys.mutable_int64_data());
    else if (keys.data_type() == FSC_UINT64 || keys.data_type() == FSC_UINT32)
      fill(keys.mutable_uint64_data());
    else
      fill(keys.mutable_int32_data());
  }
  // The values are a sequence, of one tensor each or of one tensor for all.
  Array values = {type.element[1].dtype, {keys.dims(0)}, {}};
  std::vector<std::string_view> strings;
  std::vector<Array> parts;
  int64_t count = 0;
  for (const onnx::TensorProto &tensor : proto.values().tensor_values()) {
    parts.push_back(arrayOf(tensor, what));
    Array &part = parts.back();
    count += elementCount(part.dims, what);
    if (part.dtype != values.dtype || fsc_dtype_bits(part.dtype) % 8)
      throw Refusal(what + ": expected values of " + fsc_dtype_name(values.dtype) + ", got " + typeText(part));
    values.data.insert(values.data.end(), part.data.begin(), part.data.end());
  }
  for (const Array &part : parts)
    for (int64_t i = 0; values.dtype == FSC_STRING && i < elementCount(part.dims, what); ++i)
      strings.push_back(stringElement(part, i));
  if (count != keys.dims(0))
    throw Refusal(what + ": expected as many values of a map as keys");
  if (values.dtype == FSC_STRING)
    values = stringArray(values.dims, strings);
  return {FSC_MAP, {}, {}, {}, {arrayOf(keys, what), std::move(values)}};
}

Array listOf(const onnx::SequenceProto &proto, const std::string &what, const fsc_value &type) {
  Array list = {FSC_SEQUENCE, {}, {}, {}, {}};
  const fsc_value &element = type.element[0];
  if (element.dtype == FSC_SEQUENCE)
    for (const onnx::SequenceProto &value : proto.sequence_values())
      list.elements.push_back(listOf(value, what, element));
  else if (element.dtype == FSC_OPTIONAL)
    for (const onnx::OptionalProto &value : proto.optional_values())
      list.elements.push_back(listOf(value, what, element));
  else if (element.dtype == FSC_MAP)
    for (const onnx::MapProto &value : proto.map_values())
      list.elements.push_back(listOf(value, what, element));
  else
    for (const onnx::TensorProto &value : proto.tensor_values())
      list.elements.push_back(arrayOf(value, what));
  return list;
}

Array listOf(const onnx::OptionalProto &proto, const std::string &what, const fsc_value &type) {
  Array list = {FSC_OPTIONAL, {}, {}, {}, {}};
  const fsc_value &element = type.element[0];
  if (proto.has_sequence_value() && element.dtype == FSC_SEQUENCE)
    list.elements.push_back(listOf(proto.sequence_value(), what, element));
  else if (proto.has_map_value() && element.dtype == FSC_MAP)
    list.elements.push_back(listOf(proto.map_value(), what, element));
  else if (proto.has_optional_value() && element.dtype == FSC_OPTIONAL)
    list.elements.push_back(listOf(proto.optional_value(), what, element));
  else if (proto.has_tensor_value() && !isList(element.dtype))
    list.elements.push_back(arrayOf(proto.tensor_value(), what));
  else if (proto.elem_type() != onnx::OptionalProto::UNDEFINED && proto.ByteSizeLong() > 0 &&
           (proto.has_sequence_value() || proto.has_map_value() || proto.has_optional_value() ||
            proto.has_tensor_value()))
    throw Refusal(what + ": expected an optional of another type");
  return list;
}

onnx::SequenceProto sequenceProto(const Array &list);

onnx::MapProto mapProto(const Array &list) {
  onnx::MapProto proto;
  if (list.elements.empty())
    return proto;
  const Array &keys = list.elements[0], &values = list.elements[1];
  proto.set_key_type(keys.dtype);
  for (int64_t i = 0, count = elementCount(keys.dims, "map"); i < count; ++i)
    if (keys.dtype == FSC_STRING)
      proto.add_string_keys(std::string(stringElement(keys, i)));
    else
      proto.add_keys(int64_t(elementValue(keys, i)));
  proto.mutable_values()->set_elem_type(onnx::SequenceProto::TENSOR);
  *proto.mutable_values()->add_tensor_values() = protoOf(values, "");
  return proto;
}

onnx::OptionalProto optionalProto(const Array &list) {
  onnx::OptionalProto proto;
  if (list.elements.empty())
    return proto;
  const Array &element = list.elements[0];
  if (element.dtype == FSC_SEQUENCE) {
    proto.set_elem_type(onnx::OptionalProto::SEQUENCE);
    *proto.mutable_sequence_value() = sequenceProto(element);
  } else if (element.dtype == FSC_OPTIONAL) {
    proto.set_elem_type(onnx::OptionalProto::OPTIONAL);
    *proto.mutable_optional_value() = optionalProto(element);
  } else if (element.dtype == FSC_MAP) {
    proto.set_elem_type(onnx::OptionalProto::MAP);
    *proto.mutable_map_value() = mapProto(element);
  } else {
    proto.set_elem_type(onnx::OptionalProto::TENSOR);
    *proto.mutable_tensor_value() = protoOf(element, "");
  }
  return proto;
}

onnx::SequenceProto sequenceProto(const Array &list) {
  onnx::SequenceProto proto;
  for (const Array &element : list.elements)
    if (element.dtype == FSC_SEQUENCE) {
      proto.set_elem_type(onnx::SequenceProto::SEQUENCE);
      *proto.add_sequence_values() = sequenceProto(element);
    } else if (element.dtype == FSC_OPTIONAL) {
      proto.set_elem_type(onnx::SequenceProto::OPTIONAL);
      *proto.add_optional_values() = optionalProto(element);
    } else if (element.dtype == FSC_MAP) {
      proto.set_elem_type(onnx::SequenceProto::MAP);
      *proto.add_map_values() = mapProto(element);
    } else {
      proto.set_elem_type(onnx::SequenceProto::TENSOR);
      *proto.add_tensor_values() = protoOf(element, "");
    }
  return proto;
}

} // namespace

Array fsc::tools::readTensorProto(std::string_view bytes, const std::string &what, std::string *name) {
  auto tensor = parse<onnx::TensorProto>(bytes, what, "TensorProto");
  if (name)
    *name = tensor.name();
  return arrayOf(tensor, what);
}

Array fsc::tools::readValueProto(std::string_view bytes, const std::string &what, const fsc_value &type) {
  if (type.dtype == FSC_SEQUENCE)
    return listOf(parse<onnx::SequenceProto>(bytes, what, "SequenceProto"), what, type);
  if (type.dtype == FSC_MAP)
    return listOf(parse<onnx::MapProto>(bytes, what, "MapProto"), what, type);
  if (type.dtype != FSC_OPTIONAL)
    return readTensorProto(bytes, what);
  return listOf(parse<onnx::OptionalProto>(bytes, what, "OptionalProto"), what, type);
}

std::string fsc::tools::writeTensorProto(const Array &array, const std::string &name) {
  return protoOf(array, name).SerializeAsString();
}

std::string fsc::tools::writeValueProto(const Array &array, const std::string &name) {
  if (array.dtype == FSC_OPTIONAL) {
    onnx::OptionalProto proto = optionalProto(array);
    proto.set_name(name);
    return proto.SerializeAsString();
  }
  if (array.dtype == FSC_SEQUENCE) {
    onnx::SequenceProto proto = sequenceProto(array);
    proto.set_name(name);
    return proto.SerializeAsString();
  }
  return array.dtype == FSC_MAP ? mapProto(array).SerializeAsString() : writeTensorProto(array, name);
}
