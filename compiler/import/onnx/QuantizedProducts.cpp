//===- QuantizedProducts.cpp - Quantized products of ONNX Runtime ---------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matrix products of com.microsoft over integers, as MatMulInteger with what scales
// its result, and the LSTM with weights of bytes. That one is computed in float:
// ONNX Runtime also quantizes what it multiplies with the weights, which no
// definition asks for.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ContribHooks.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace fsc {
namespace {

/// scale * (a - za) (b - zb) + bias, in float
std::string scaledProduct(NodeBuilder &build, NodeBuilder::Names operands, const std::string &scale,
                          const std::string &bias) {
  std::string product = build.castTo(build.op("MatMulInteger", operands), onnx::TensorProto::FLOAT);
  product = build.mul(product, scale);
  return bias.empty() ? product : build.add(product, bias);
}

/// dynamic_quantize_matmul (a, b, sb, zb, bias)  ->  sa sb (q - za) (b - zb) + bias, with a quantized
llvm::Error upgradeDynamicQuantizeMatMul(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  SmallVector<std::string> a = build.ops("DynamicQuantizeLinear", build.input(0), 3);
  std::string scale = build.mul(a[1], build.input(2));
  build.result(0, scaledProduct(build, {a[0], build.input(1), a[2], build.input(3)}, scale, build.input(4)));
  return llvm::Error::success();
}

/// matmul_integer_to_float (a, b, sa, sb, za, zb, bias)
llvm::Error upgradeMatMulIntegerToFloat(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string scale = build.mul(build.input(2), build.input(3));
  build.result(
      0, scaledProduct(build, {build.input(0), build.input(1), build.input(4), build.input(5)}, scale, build.input(6)));
  return llvm::Error::success();
}

/// q_gemm (a, sa, za, b, sb, zb, c, sy, zy)  ->  alpha sa sb ((a - za)' (b - zb)' + c), quantized if there is an sy
llvm::Error upgradeQGemm(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (build.rank(0) != 2 || build.rank(3) != 2)
    return llvm::createStringError("expected matrices");
  auto operand = [&](int index, const char *transposes) {
    return build.integer(transposes, 0) ? build.transpose(build.input(index), {1, 0}) : build.input(index);
  };
  std::string a = operand(0, "transA"), b = operand(3, "transB");
  std::string sum = build.op("MatMulInteger", {a, b, build.input(2), build.input(5)});
  if (build.hasInput(6))
    sum = build.add(sum, build.input(6));
  std::string scale = build.mul(build.mul(build.input(1), build.input(4)), build.f32(build.real("alpha", 1)));
  std::string real = build.castTo(sum, onnx::TensorProto::FLOAT);
  if (!build.hasInput(7)) {
    build.result(0, "Mul", {real, scale});
    return llvm::Error::success();
  }
  if (!build.hasInput(8))
    return llvm::createStringError("expected y_zero_point with y_scale");
  // One product, not a product and a division, is rounded.
  std::string ratio = build.op("Div", {scale, build.input(7)});
  build.result(0, "QuantizeLinear", {build.mul(real, ratio), build.f32(1), build.input(8)});
  return llvm::Error::success();
}

/// matmul_integer16 (a, b)  ->  their product in int32
llvm::Error upgradeMatMulInteger16(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string a = build.castTo(build.input(0), onnx::TensorProto::INT32);
  std::string b = build.castTo(build.input(1), onnx::TensorProto::INT32);
  build.result(0, "MatMul", {a, b});
  return llvm::Error::success();
}

/// dynamic_quantize_lstm (x, w, r, b, lengths, h, c, p, sw, zw, sr, zr)  ->  lstm (x, w', r', b, lengths, h, c, p),
/// whose weights are [directions, 4 hidden, inputs]
llvm::Error upgradeDynamicQuantizeLstm(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  for (int i : {8, 9, 10, 11})
    if (!build.hasInput(i))
      return llvm::createStringError("expected W and R with scales and zero points");
  auto weights = [&](int index, int scale) {
    if (build.rank(scale) != 1 && build.rank(scale) != 2)
      return std::string();
    // Of each direction, or of each of its columns.
    auto aligned = [&](int table) {
      return build.rank(table) == 2 ? build.unsqueeze(build.input(table), 1)
                                    : build.unsqueeze(build.input(table), {1, 2});
    };
    std::string q = build.castTo(build.input(index), onnx::TensorProto::FLOAT);
    std::string zero = build.castTo(aligned(scale + 1), onnx::TensorProto::FLOAT);
    return build.transpose(build.mul(build.sub(q, zero), aligned(scale)), {0, 2, 1});
  };
  std::string w = weights(1, 8), r = weights(2, 10);
  if (w.empty() || r.empty())
    return llvm::createStringError("expected scales [directions] or [directions, 4 * hidden]");
  SmallVector<std::string> results = build.ops(
      "LSTM", {build.input(0), w, r, build.input(3), build.input(4), build.input(5), build.input(6), build.input(7)}, 3,
      build.attributes(
          {"activation_alpha", "activation_beta", "activations", "clip", "direction", "hidden_size", "input_forget"}));
  for (int i = 0; i < 3; ++i)
    build.result(i, results[i]);
  return llvm::Error::success();
}

} // namespace

ArrayRef<ContribEntry> quantizedProductHooks() {
  static constexpr ContribEntry entries[] = {
      {"DynamicQuantizeMatMul", upgradeDynamicQuantizeMatMul,
       "A:f32 B:Y/8[...,n] b_scale:f32(n) b_zero_point?:Y(n) bias?:f32[n]"},
      {"MatMulIntegerToFloat", upgradeMatMulIntegerToFloat,
       "A:X/8 B:Y/8[...,n] a_scale:T/f() b_scale:T(n) a_zero_point?:X() b_zero_point?:Y(n) bias?:T[n]"},
      {"QGemm", upgradeQGemm,
       "A:X/8[_,_] a_scale:f() a_zero_point:X() B:Y/8[_,_] b_scale:f(_) b_zero_point:Y(_) C?:i32 y_scale?:f() "
       "y_zero_point?:8()"},
      {"MatMulInteger16", upgradeMatMulInteger16, "A:n B:n"},
      {"DynamicQuantizeLSTM", upgradeDynamicQuantizeLstm,
       "@hidden_size X:f32[s,b,i] W:Q/8[d,i,g] R:Q[d,_,g] B?:f32[d,_] *"},
  };
  return entries;
}

} // namespace fsc
