//===- QuantizedHooks.cpp - ONNX Runtime's quantized operators ------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The QLinear operators of com.microsoft, as the operators of ONNX between a
// DequantizeLinear and a QuantizeLinear, which is what they are defined by.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ContribHooks.h"
#include "compiler/import/onnx/ContribLayouts.h"
#include "compiler/import/onnx/ContribProducts.h"
#include "dialects/fsc/FscDialect.h"

using namespace mlir;

namespace fsc {
namespace {

/// The real values of the quantized input `first`, with its scale and zero point after it.
std::string dequantize(NodeBuilder &build, int first) {
  return build.op("DequantizeLinear", {build.input(first), build.input(first + 1), build.input(first + 2)});
}

/// Output 0, quantized from `real` by the scale at `scale` and the zero point after it; of the element type of input
/// `like` without one.
llvm::Error quantize(NodeBuilder &build, const std::string &real, int scale, int like) {
  SmallVector<onnx::AttributeProto> attributes;
  if (!build.hasInput(scale + 1))
    attributes.push_back(attr("output_dtype", onnxElementOfType(build.element(like))));
  build.result(0, "QuantizeLinear", {real, build.input(scale), build.input(scale + 1)}, attributes);
  return llvm::Error::success();
}

/// op (x, ..)  ->  quantize (op (dequantize (x)))
llvm::Error upgradeUnary(Upgrade &upgrade, StringRef op, ArrayRef<StringRef> attributes) {
  NodeBuilder build(upgrade);
  bool last = build.integer("channels_last", 0);
  int64_t rank = build.rank(0);
  if (last && rank < 3)
    return llvm::createStringError("expected an input of rank 3 or more");
  std::string x = dequantize(build, 0);
  if (last)
    x = channelsFirst(build, x, rank);
  x = build.op(op, x, build.attributes(attributes));
  if (last)
    x = channelsLast(build, x, rank);
  return quantize(build, x, 3, 0);
}

llvm::Error upgradeBinary(Upgrade &upgrade, StringRef op) {
  NodeBuilder build(upgrade);
  if (!build.hasInput(3) || !build.hasInput(4) || !build.hasInput(6))
    return llvm::createStringError("expected B with its scale, and C_scale");
  std::string a = dequantize(build, 0), b = dequantize(build, 3);
  return quantize(build, build.op(op, {a, b}), 6, 0);
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
  NodeBuilder build(upgrade);
  int64_t rank = build.rank(0), axis = build.integer("axis", -1);
  axis += axis < 0 ? rank : 0;
  if (axis < 0 || axis >= rank)
    return llvm::createStringError("attribute 'axis': expected an axis of the input");
  std::string x = dequantize(build, 0);
  // Before opset 13, Softmax takes all dims from the axis on as one.
  if (build.integer("opset", 13) < 13 && axis != rank - 1) {
    std::string shape = build.op("Shape", x);
    x = build.op("Softmax", build.op("Flatten", x, attr("axis", axis)), attr("axis", int64_t(-1)));
    x = build.op("Reshape", {x, shape}, attr("allowzero", int64_t(1)));
  } else {
    x = build.op("Softmax", x, attr("axis", axis));
  }
  return quantize(build, x, 3, 0);
}

/// concat (scale, zero point, x0, its scale, its zero point, x1, ...)
llvm::Error upgradeConcat(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::vector<std::string> parts;
  for (int i = 2; i + 2 < upgrade.node.input_size(); i += 3)
    parts.push_back(dequantize(build, i));
  if (parts.empty())
    return llvm::createStringError("expected at least one tensor with its scale and zero point");
  return quantize(build, build.concat(parts, build.integer("axis", 1)), 0, 2);
}

/// where (condition, x, its scale and zero point, y, its scale and zero point, scale, zero point)
llvm::Error upgradeWhere(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string x = dequantize(build, 1), y = dequantize(build, 4);
  return quantize(build, build.where(build.input(0), x, y), 7, 1);
}

llvm::Error upgradeReduceMean(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string axes = build.ints(upgrade.ints("axes"));
  std::string y = build.op("ReduceMean", {dequantize(build, 0), axes}, build.attributes({"keepdims"}));
  return quantize(build, y, 3, 0);
}

/// q_linear_conv {channels_last} (x, ..)  ->  q_linear_conv of the transposed x
llvm::Error upgradeConv(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  bool last = build.integer("channels_last", 0);
  int64_t rank = build.rank(0);
  if (rank < 3)
    return llvm::createStringError("expected an input of rank 3 or more");
  SmallVector<std::string> inputs;
  for (int i = 0; i < 9; ++i)
    inputs.push_back(build.input(i));
  if (last)
    inputs[0] = channelsFirst(build, inputs[0], rank);
  std::string y = build.op("QLinearConv", inputs, build.attributes(convAttributes));
  build.result(0, last ? channelsLast(build, y, rank) : y);
  return llvm::Error::success();
}

/// quantize_linear of com.microsoft, which has more types and whose default axis is the same
llvm::Error upgradeLinear(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  upgrade.addCopy().clear_domain();
  return llvm::Error::success();
}

} // namespace

ArrayRef<ContribEntry> quantizedHooks() {
  static constexpr ContribEntry entries[] = {
      {"QuantizeLinear", upgradeLinear, "x:n y_scale:f y_zero_point?:n"},
      {"DequantizeLinear", upgradeLinear, "x:X/n x_scale:f x_zero_point?:X"},
      {"QLinearAdd", upgradeAdd,
       "A:T/8 A_scale:f() A_zero_point?:T() B:T B_scale:f() B_zero_point?:T() C_scale:f() C_zero_point?:T()"},
      {"QLinearMul", upgradeMul,
       "A:T/8 A_scale:f() A_zero_point?:T() B:T B_scale:f() B_zero_point?:T() C_scale:f() C_zero_point?:T()"},
      {"QLinearSigmoid", upgradeSigmoid, "X:T/8 X_scale:f() X_zero_point?:T() Y_scale:f() Y_zero_point?:T()"},
      {"QLinearLeakyRelu", upgradeLeakyRelu, "X:T/8 X_scale:f() X_zero_point?:T() Y_scale:f() Y_zero_point?:T()"},
      {"QLinearAveragePool", upgradeAveragePool,
       "@kernel_shape X:T/8 X_scale:f() X_zero_point?:T() Y_scale:f() Y_zero_point?:T()"},
      {"QLinearGlobalAveragePool", upgradeGlobalAveragePool,
       "X:T/8 X_scale:f() X_zero_point?:T() Y_scale:f() Y_zero_point?:T()"},
      {"QLinearSoftmax", upgradeSoftmax, "X:T/8 X_scale:f() X_zero_point?:T() Y_scale:f() Y_zero_point?:T()"},
      {"QLinearConcat", upgradeConcat, "@axis Y_scale:f() Y_zero_point:8() tensor:n scale:f() zero_point:n() *"},
      {"QLinearWhere", upgradeWhere,
       "condition:n X:T/8 x_scale:f() x_zero_point:T() Y:T y_scale:f() y_zero_point:T() z_scale:f() z_zero_point:T()"},
      {"QLinearReduceMean", upgradeReduceMean,
       "@axes @keepdims data:T/8 data_scale:f() data_zero_point?:T() reduced_scale:f() reduced_zero_point?:T()"},
      {"QLinearConv", upgradeConv,
       "x:X/8 x_scale:f() x_zero_point:X() w:W/8 w_scale:f(_) w_zero_point:W(_) y_scale:f() y_zero_point:8() "
       "B?:i32[_]"},
  };
  return entries;
}

} // namespace fsc
