//===- QuantizedHooks.cpp - ONNX Runtime's quantized operators ------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// op (x, scale, zero point, ..., scale, zero point)
//   ->  quantize (op (dequantize (x, scale, zero point), ...), scale, zero point)
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Hooks.h"
#include "dialects/fsc/FscDialect.h"

using namespace mlir;

namespace fsc {
namespace {

std::string input(const Upgrade &upgrade, int index) {
  return index < upgrade.node.input_size() ? upgrade.node.input(index) : "";
}

std::string output(const Upgrade &upgrade) { return upgrade.node.output_size() ? upgrade.node.output(0) : ""; }

/// The real values of the quantized input `first`, with its scale and zero point after it.
std::string dequantize(Upgrade &upgrade, int first) {
  std::string result = upgrade.fresh("real");
  onnx::NodeProto &node = upgrade.add("DequantizeLinear", {input(upgrade, first), input(upgrade, first + 1)}, {result});
  if (std::string zero = input(upgrade, first + 2); !zero.empty())
    node.add_input(zero);
  return result;
}

/// The node's output, quantized from `real` by the scale at `scale` and the zero point after it.
llvm::Error quantize(Upgrade &upgrade, const std::string &real, int scale, int like) {
  onnx::NodeProto &node = upgrade.add("QuantizeLinear", {real, input(upgrade, scale)}, {output(upgrade)});
  if (std::string zero = input(upgrade, scale + 1); !zero.empty())
    node.add_input(zero);
  else if (RankedTensorType type = upgrade.type(like))
    setAttribute(node, "output_dtype", onnxElementOfType(type.getElementType()));
  else
    return llvm::createStringError("expected a zero point of the output");
  return llvm::Error::success();
}

constexpr int opset = 21;

/// op (x, ..)  ->  quantize (op (dequantize (x)))
llvm::Error upgradeUnary(Upgrade &upgrade, StringRef op, ArrayRef<StringRef> attributes) {
  if (upgrade.integer("channels_last", 0))
    return llvm::createStringError("channels_last is not supported");
  upgrade.opset = opset;
  std::string x = dequantize(upgrade, 0), y = upgrade.fresh("result");
  onnx::NodeProto &node = upgrade.add(op, {x}, {y});
  for (StringRef name : attributes)
    if (const onnx::AttributeProto *found = upgrade.attribute(name))
      *node.add_attribute() = *found;
  return quantize(upgrade, y, 3, 0);
}

llvm::Error upgradeBinary(Upgrade &upgrade, StringRef op) {
  upgrade.opset = opset;
  std::string a = dequantize(upgrade, 0), b = dequantize(upgrade, 3), c = upgrade.fresh("result");
  upgrade.add(op, {a, b}, {c});
  return quantize(upgrade, c, 6, 0);
}

llvm::Error upgradeAdd(Upgrade &upgrade) { return upgradeBinary(upgrade, "Add"); }
llvm::Error upgradeMul(Upgrade &upgrade) { return upgradeBinary(upgrade, "Mul"); }
llvm::Error upgradeSigmoid(Upgrade &upgrade) { return upgradeUnary(upgrade, "Sigmoid", {}); }
llvm::Error upgradeLeakyRelu(Upgrade &upgrade) { return upgradeUnary(upgrade, "LeakyRelu", {"alpha"}); }
llvm::Error upgradeGlobalAveragePool(Upgrade &upgrade) { return upgradeUnary(upgrade, "GlobalAveragePool", {}); }

llvm::Error upgradeAveragePool(Upgrade &upgrade) {
  return upgradeUnary(upgrade, "AveragePool",
                      {"auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides"});
}

llvm::Error upgradeSoftmax(Upgrade &upgrade) {
  RankedTensorType type = upgrade.type(0);
  int64_t axis = upgrade.integer("axis", -1);
  bool isLast = axis == -1 || (type && axis == type.getRank() - 1);
  // Before opset 13, Softmax takes all dims from the axis on as one.
  if (upgrade.integer("opset", 13) < 13 && !isLast)
    return llvm::createStringError("QLinearSoftmax over several dims is not supported");
  return upgradeUnary(upgrade, "Softmax", {"axis"});
}

/// concat (scale, zero point, x0, its scale, its zero point, x1, ...)
llvm::Error upgradeConcat(Upgrade &upgrade) {
  upgrade.opset = opset;
  std::string y = upgrade.fresh("result");
  std::vector<std::string> parts;
  for (int i = 2; i + 2 < upgrade.node.input_size(); i += 3)
    parts.push_back(dequantize(upgrade, i));
  setAttribute(upgrade.add("Concat", parts, {y}), "axis", upgrade.integer("axis", 1));
  return quantize(upgrade, y, 0, 2);
}

} // namespace

ArrayRef<HookEntry> quantizedHooks() {
  static constexpr HookEntry entries[] = {
      {"QLinearAdd", upgradeAdd},
      {"QLinearMul", upgradeMul},
      {"QLinearSigmoid", upgradeSigmoid},
      {"QLinearLeakyRelu", upgradeLeakyRelu},
      {"QLinearAveragePool", upgradeAveragePool},
      {"QLinearGlobalAveragePool", upgradeGlobalAveragePool},
      {"QLinearSoftmax", upgradeSoftmax},
      {"QLinearConcat", upgradeConcat},
  };
  return entries;
}

} // namespace fsc
