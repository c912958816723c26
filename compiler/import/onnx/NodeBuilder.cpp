//===- NodeBuilder.cpp - Graphs in place of a node ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/NodeBuilder.h"

#include "dialects/fsc/FscDialect.h"
#include "onnx/defs/attr_proto_util.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace fsc {

onnx::AttributeProto attr(const char *name, int64_t value) { return onnx::MakeAttribute(name, value); }
onnx::AttributeProto attr(const char *name, float value) { return onnx::MakeAttribute(name, value); }
onnx::AttributeProto attr(const char *name, const char *value) { return onnx::MakeAttribute(name, std::string(value)); }
onnx::AttributeProto attr(const char *name, ArrayRef<int64_t> values) {
  return onnx::MakeAttribute(name, std::vector<int64_t>(values.begin(), values.end()));
}

std::string NodeBuilder::input(int index) const {
  return index < upgrade.node.input_size() ? upgrade.node.input(index) : "";
}
std::string NodeBuilder::output(int index) const {
  return index < upgrade.node.output_size() ? upgrade.node.output(index) : "";
}
bool NodeBuilder::isWanted(int index) const {
  std::string name = output(index);
  return !name.empty() && upgrade.isUsed(name);
}
Type NodeBuilder::element(int index) const { return type(index) ? type(index).getElementType() : Type(); }
int64_t NodeBuilder::rank(int index) const { return type(index) ? type(index).getRank() : -1; }
int64_t NodeBuilder::staticSize(int index, int64_t axis) const {
  return axis < rank(index) ? type(index).getDimSize(axis) : ShapedType::kDynamic;
}

float NodeBuilder::real(StringRef name, float otherwise) const {
  const onnx::AttributeProto *found = upgrade.attribute(name);
  return found ? found->f() : otherwise;
}
std::string NodeBuilder::text(StringRef name, StringRef otherwise) const {
  const onnx::AttributeProto *found = upgrade.attribute(name);
  return found ? found->s() : otherwise.str();
}
SmallVector<onnx::AttributeProto> NodeBuilder::attributes(ArrayRef<StringRef> names) const {
  SmallVector<onnx::AttributeProto> found;
  for (StringRef name : names)
    if (const onnx::AttributeProto *attribute = upgrade.attribute(name))
      found.push_back(*attribute);
  return found;
}
llvm::Error NodeBuilder::expectInteger(StringRef name, int64_t supported) const {
  int64_t value = integer(name, supported);
  if (value == supported)
    return llvm::Error::success();
  return llvm::createStringError("attribute '" + name.str() + "': expected " + std::to_string(supported) + ", got " +
                                 std::to_string(value));
}
llvm::Error NodeBuilder::expectSizes(int index, const char *name, ArrayRef<int64_t> wanted) const {
  auto print = [](ArrayRef<int64_t> sizes) {
    auto size = [](int64_t size) { return ShapedType::isDynamic(size) ? std::string("?") : std::to_string(size); };
    return "[" + llvm::join(llvm::map_range(sizes, size), ", ") + "]";
  };
  ArrayRef<int64_t> sizes = type(index).getShape();
  bool good = sizes.size() == wanted.size();
  for (size_t i = 0; good && i < sizes.size(); ++i)
    good = ShapedType::isDynamic(sizes[i]) || ShapedType::isDynamic(wanted[i]) || sizes[i] == wanted[i];
  if (good)
    return llvm::Error::success();
  return llvm::createStringError("input '" + std::string(name) + "': expected sizes " + print(wanted) + ", got " +
                                 print(sizes));
}
llvm::Error NodeBuilder::expectAbsent(ArrayRef<std::pair<int, const char *>> inputs) const {
  for (auto [index, name] : inputs)
    if (hasInput(index))
      return llvm::createStringError(std::string("the input '") + name + "' is not supported");
  return llvm::Error::success();
}

SmallVector<std::string> NodeBuilder::ops(StringRef name, Names inputs, int results, Attributes attributes) {
  while (!inputs.empty() && inputs.back().empty())
    inputs = inputs.drop_back();
  SmallVector<std::string> outputs;
  for (int i = 0; i < results; ++i)
    outputs.push_back(upgrade.fresh(name));
  onnx::NodeProto &node = upgrade.add(name, inputs, outputs);
  for (const onnx::AttributeProto &attribute : attributes)
    *node.add_attribute() = attribute;
  return outputs;
}
std::string NodeBuilder::op(StringRef name, Names inputs, Attributes attributes) {
  return ops(name, inputs, 1, attributes).front();
}
void NodeBuilder::result(int index, StringRef name, Names inputs, Attributes attributes) {
  op(name, inputs, attributes);
  upgrade.nodes.back().set_output(0, output(index));
}
void NodeBuilder::result(int index, const std::string &value) {
  if (isWanted(index))
    result(index, "Identity", {value});
}

std::string NodeBuilder::integerScalar(int64_t value) { return squeeze(ints(value), {0}); }
std::string NodeBuilder::f32(float value) { return squeeze(upgrade.floats("f32", value), {0}); }

std::string NodeBuilder::cast(const std::string &x, Type type) {
  return op("Cast", {x}, attr("to", int64_t(onnxElementOfType(type))));
}
std::string NodeBuilder::castTo(const std::string &x, onnx::TensorProto::DataType type) {
  return op("Cast", {x}, attr("to", int64_t(type)));
}
std::string NodeBuilder::reshape(const std::string &x, ArrayRef<int64_t> dims) { return reshapeTo(x, ints(dims)); }
std::string NodeBuilder::reshapeTo(const std::string &x, const std::string &dims) { return op("Reshape", {x, dims}); }
std::string NodeBuilder::transpose(const std::string &x, ArrayRef<int64_t> perm) {
  return op("Transpose", {x}, attr("perm", perm));
}
std::string NodeBuilder::unsqueeze(const std::string &x, ArrayRef<int64_t> axes) {
  return op("Unsqueeze", {x, ints(axes)});
}
std::string NodeBuilder::squeeze(const std::string &x, ArrayRef<int64_t> axes) {
  return op("Squeeze", {x, ints(axes)});
}
std::string NodeBuilder::concat(Names parts, int64_t axis) { return op("Concat", parts, attr("axis", axis)); }
std::string NodeBuilder::slice(const std::string &x, const std::string &start, const std::string &end, int64_t axis) {
  return op("Slice", {x, start, end, ints(axis)});
}
std::string NodeBuilder::size(const std::string &x, int64_t axis) {
  return op("Shape", {x}, {attr("start", axis), attr("end", axis + 1)});
}
std::string NodeBuilder::range(const std::string &count) {
  return op("Range", {integerScalar(0), squeeze(count, {0}), integerScalar(1)});
}

} // namespace fsc
