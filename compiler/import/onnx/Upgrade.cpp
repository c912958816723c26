//===- Upgrade.cpp - What hooks are written with --------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Hooks.h"
#include "dialects/fsc/FscDialect.h"

using namespace mlir;

namespace fsc {

RankedTensorType Upgrade::type(unsigned index) const {
  if (!hasInput(index) || !*inputs[index])
    return {};
  return cast<RankedTensorType>(inputs[index]->getType());
}

std::optional<SmallVector<int64_t>> Upgrade::integers(unsigned index) const {
  return type(index) ? shapes.constants(*inputs[index]) : std::nullopt;
}

ElementsAttr Upgrade::constant(unsigned index) const {
  return type(index) ? getConstant(*inputs[index]) : ElementsAttr();
}

std::optional<SmallVector<double>> Upgrade::floats(unsigned index) const {
  ElementsAttr elements = constant(index);
  return elements ? readFloats(elements) : std::nullopt;
}

const onnx::AttributeProto *Upgrade::attribute(StringRef name) const {
  read.insert(name);
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

SmallVector<StringRef> Upgrade::unreadAttributes() const {
  SmallVector<StringRef> unread;
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (!read.contains(attribute.name()))
      unread.push_back(attribute.name());
  return unread;
}

ArrayRef<int64_t> Upgrade::ints(StringRef name) const {
  const onnx::AttributeProto *found = attribute(name);
  return found ? ArrayRef<int64_t>(found->ints().data(), found->ints_size()) : ArrayRef<int64_t>();
}

int64_t Upgrade::integer(StringRef name, int64_t otherwise) const {
  const onnx::AttributeProto *found = attribute(name);
  return found ? found->i() : otherwise;
}

std::string Upgrade::fresh(StringRef what) {
  // No name that a person gives starts so.
  return ("\x01" + Twine(id) + "." + Twine(numFresh++) + "." + what).str();
}

onnx::TensorProto &Upgrade::addConstant(const std::string &name) {
  onnx::AttributeProto &value = *add("Constant", {}, {name}).add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  return *value.mutable_t();
}

std::string Upgrade::vector(StringRef what, ArrayRef<int64_t> values) {
  std::string name = fresh(what);
  onnx::TensorProto &tensor = addConstant(name);
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(values.size());
  tensor.mutable_int64_data()->Add(values.begin(), values.end());
  return name;
}

std::string Upgrade::floats(StringRef what, ArrayRef<float> values) {
  std::string name = fresh(what);
  onnx::TensorProto &tensor = addConstant(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  tensor.add_dims(values.size());
  tensor.mutable_float_data()->Add(values.begin(), values.end());
  return name;
}

std::string Upgrade::scalarLikeInput(StringRef what, float value) {
  return scalar(what, value, type(0) ? type(0).getElementType() : Type());
}

std::string Upgrade::scalar(StringRef what, double value, Type element) {
  std::string name = fresh(what);
  onnx::TensorProto &tensor = addConstant(name);
  tensor.set_data_type(element ? int32_t(onnxElementOfType(element)) : int32_t(onnx::TensorProto::FLOAT));
  if (!element || element.isF32()) {
    tensor.add_float_data(float(value));
  } else if (element.isF64()) {
    tensor.add_double_data(value);
  } else if (auto type = dyn_cast<FloatType>(element)) {
    APFloat narrow(value);
    bool lost = false;
    narrow.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
    tensor.add_int32_data(int32_t(narrow.bitcastToAPInt().getZExtValue()));
  } else if (storageType(element).getIntOrFloatBitWidth() == 64) {
    tensor.add_int64_data(int64_t(value));
    tensor.add_uint64_data(uint64_t(value));
  } else {
    tensor.add_int32_data(int32_t(value));
    tensor.add_uint64_data(uint64_t(value));
  }
  return name;
}

onnx::NodeProto &Upgrade::add(StringRef op, ArrayRef<std::string> inputs, ArrayRef<std::string> outputs) {
  onnx::NodeProto &added = nodes.emplace_back();
  added.set_op_type(op.str());
  for (const std::string &input : inputs)
    added.add_input(input);
  for (const std::string &output : outputs)
    added.add_output(output);
  return added;
}

onnx::NodeProto &Upgrade::addCopy(ArrayRef<StringRef> without) {
  onnx::NodeProto &added = nodes.emplace_back(node);
  added.clear_attribute();
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    read.insert(attribute.name());
    if (!llvm::is_contained(without, attribute.name()))
      *added.add_attribute() = attribute;
  }
  return added;
}

static onnx::AttributeProto &attributeOf(onnx::NodeProto &node, StringRef name) {
  for (onnx::AttributeProto &attribute : *node.mutable_attribute())
    if (attribute.name() == name) {
      attribute.Clear();
      attribute.set_name(name.str());
      return attribute;
    }
  onnx::AttributeProto &added = *node.add_attribute();
  added.set_name(name.str());
  return added;
}

void setAttribute(onnx::NodeProto &node, StringRef name, int64_t value) {
  onnx::AttributeProto &attribute = attributeOf(node, name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void setAttribute(onnx::NodeProto &node, StringRef name, StringRef value) {
  onnx::AttributeProto &attribute = attributeOf(node, name);
  attribute.set_type(onnx::AttributeProto::STRING);
  attribute.set_s(value.str());
}

void setInput(onnx::NodeProto &node, int index, const std::string &value) {
  while (node.input_size() <= index)
    node.add_input();
  node.set_input(index, value);
}

} // namespace fsc
