//===- ContribProducts.cpp - Products and convolutions with more ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matrix products and convolutions of com.microsoft that do what comes before or
// after them too: transpose, scale, add, activate.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ContribProducts.h"
#include "compiler/Diagnostics.h"
#include "compiler/import/onnx/ContribHooks.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace fsc {

namespace {

/// An activation of ONNX and the attributes that a fused operator gives it, in their order.
struct Activation {
  StringRef name;
  std::array<const char *, 2> attributes = {};
};

constexpr Activation activations[] = {
    {"Relu"},
    {"Sigmoid"},
    {"Tanh"},
    {"Softplus"},
    {"Softsign"},
    {"LeakyRelu", {"alpha"}},
    {"Elu", {"alpha"}},
    {"Celu", {"alpha"}},
    {"ThresholdedRelu", {"alpha"}},
    {"HardSigmoid", {"alpha", "beta"}},
    {"Selu", {"alpha", "gamma"}},
};

} // namespace

llvm::Error resultOfActivation(NodeBuilder &build, const std::string &x, StringRef name, ArrayRef<float> values) {
  if (name.empty()) {
    build.result(0, "Identity", x);
    return llvm::Error::success();
  }
  if (name == "Clip" && values.size() == 2) {
    Type element = build.element(0);
    build.result(0, "Clip", {x, build.scalar(values[0], element), build.scalar(values[1], element)});
    return llvm::Error::success();
  }
  for (const Activation &activation : activations) {
    if (activation.name != name)
      continue;
    SmallVector<onnx::AttributeProto> attributes;
    for (auto [attribute, value] : llvm::zip(activation.attributes, values))
      if (attribute)
        attributes.push_back(attr(attribute, value));
    build.result(0, name, x, attributes);
    return llvm::Error::success();
  }
  return llvm::createStringError("the activation '" + name.str() + "' is not supported");
}

llvm::Error resultOfActivation(NodeBuilder &build, const std::string &x) {
  const onnx::AttributeProto *found = build.upgrade.attribute("activation_params");
  ArrayRef<float> values;
  if (found)
    values = ArrayRef<float>(found->floats().data(), found->floats_size());
  return resultOfActivation(build, x, build.text("activation"), values);
}

namespace {

/// The alpha, beta and gamma that a fused product names.
SmallVector<float> activationValues(const NodeBuilder &build) {
  SmallVector<float> values;
  for (StringRef name : {"activation_alpha", "activation_beta", "activation_gamma"})
    if (const onnx::AttributeProto *value = build.upgrade.attribute(name))
      values.push_back(value->f());
  return values;
}

/// An operand whose last two dims are exchanged if `matrix`, and whose first dim, if `batch`, is that of the rows.
llvm::Expected<std::string> transposed(NodeBuilder &build, int index, bool matrix, bool batch) {
  int64_t rank = build.rank(index);
  if ((!matrix && !batch) || rank == 1)
    return build.input(index);
  if (rank < 2)
    return llvm::createStringError("expected an operand of rank 1 or more to transpose");
  SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (batch)
    std::rotate(perm.begin(), perm.begin() + 1, perm.end() - 1);
  if (matrix)
    std::swap(perm[rank - 1], perm[rank - 2]);
  return build.transpose(build.input(index), perm);
}

/// alpha * a' b'
llvm::Expected<std::string> fusedProduct(NodeBuilder &build) {
  llvm::Expected<std::string> a = transposed(build, 0, build.integer("transA", 0), build.integer("transBatchA", 0));
  if (!a)
    return a.takeError();
  llvm::Expected<std::string> b = transposed(build, 1, build.integer("transB", 0), build.integer("transBatchB", 0));
  if (!b)
    return b.takeError();
  std::string product = build.op("MatMul", {*a, *b});
  float alpha = build.real("alpha", 1);
  return alpha == 1 ? product : build.mul(product, build.scalar(alpha, build.element(0)));
}

llvm::Error upgradeFusedMatMul(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  llvm::Expected<std::string> product = fusedProduct(build);
  if (!product)
    return product.takeError();
  return resultOfActivation(build, *product, build.text("activation"), activationValues(build));
}

llvm::Error upgradeFusedGemm(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string x = build.op("Gemm", {build.input(0), build.input(1), build.input(2)},
                           build.attributes({"alpha", "beta", "transA", "transB"}));
  return resultOfActivation(build, x, build.text("activation"), activationValues(build));
}

/// gemm_fast_gelu (x, w, bias)  ->  gelu (x w + bias)
llvm::Error upgradeGemmFastGelu(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string x = build.op("MatMul", {build.input(0), build.input(1)});
  if (build.hasInput(2))
    x = build.add(x, build.input(2));
  build.result(0, "Gelu", x, attr("approximate", "tanh"));
  return llvm::Error::success();
}

/// fused_conv {activation} (x, w, b, z)  ->  activation (conv (x, w, b) + z)
llvm::Error upgradeFusedConv(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string x = build.op("Conv", {build.input(0), build.input(1), build.input(2)}, build.attributes(convAttributes));
  if (build.hasInput(3))
    x = build.add(x, build.input(3));
  return resultOfActivation(build, x);
}

/// conv_transpose_with_dynamic_pads (x, w, pads, b)  ->  conv_transpose {pads} (x, w, b)
llvm::Error upgradeConvTransposeWithDynamicPads(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  SmallVector<onnx::AttributeProto> attributes =
      build.attributes({"auto_pad", "dilations", "group", "kernel_shape", "output_padding", "strides"});
  if (build.hasInput(2)) {
    std::optional<SmallVector<int64_t>> pads = upgrade.integers(2);
    if (!pads)
      return codedError(Code::unknownSize, "the input 'Pads': expected pads that are known at compile time");
    attributes.push_back(attr("pads", *pads));
  }
  build.result(0, "ConvTranspose", {build.input(0), build.input(1), build.input(3)}, attributes);
  return llvm::Error::success();
}

/// inverse (x): Gauss-Jordan elimination of [x, 1], with the largest element of each column as its pivot
llvm::Error upgradeInverse(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  constexpr int64_t most = 32;
  int64_t rank = build.rank(0), n = build.staticSize(0, rank - 1);
  n = ShapedType::isDynamic(n) ? build.staticSize(0, rank - 2) : n;
  if (ShapedType::isDynamic(n) || n < 1 || n > most)
    return codedError(Code::unknownSize, "expected square matrices of a known size from 1 to " + std::to_string(most));
  Type compute = build.element(0).getIntOrFloatBitWidth() < 32 ? Float32Type::get(build.element(0).getContext())
                                                               : build.element(0);
  std::string x = build.cast(build.input(0), compute), rows = build.range(build.ints(n));
  std::string unit = build.cast(build.op("Equal", {build.unsqueeze(rows, 1), rows}), compute);
  std::string both = build.concat({x, build.op("Expand", {unit, build.op("Shape", x)})}, -1);
  for (int64_t k = 0; k < n; ++k) {
    std::string here = build.ints(k), after = build.ints(k + 1), end = build.ints(n);
    std::string column = build.slice(build.slice(both, here, after, -1), here, end, -2);
    std::string pivot = build.op("ArgMax", build.op("Abs", column), {attr("axis", int64_t(-2))});
    pivot = build.add(build.squeeze(pivot, -1), here); // [..., 1]
    // Rows k and that of the pivot change places.
    std::string isHere = build.op("Equal", {rows, here}), isPivot = build.op("Equal", {rows, pivot});
    std::string from = build.where(isHere, pivot, build.where(isPivot, here, rows));
    std::string places = build.op("Expand", {build.unsqueeze(from, -1), build.op("Shape", both)});
    both = build.op("GatherElements", {both, places}, attr("axis", int64_t(-2)));
    std::string row = build.slice(both, here, after, -2);
    row = build.op("Div", {row, build.slice(row, here, after, -1)});
    std::string cleared = build.sub(both, build.mul(build.slice(both, here, after, -1), row));
    both = build.where(build.unsqueeze(isHere, -1), row, cleared);
  }
  build.result(0, build.cast(build.slice(both, build.ints(n), build.ints(2 * n), -1), build.element(0)));
  return llvm::Error::success();
}

/// c_dist (a, b)  ->  the (squared) distances of the rows of a from those of b
llvm::Error upgradeCDist(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string metric = build.text("metric", "sqeuclidean");
  if (metric != "sqeuclidean" && metric != "euclidean")
    return llvm::createStringError("attribute 'metric': expected sqeuclidean or euclidean, got " + metric);
  std::string difference = build.sub(build.unsqueeze(build.input(0), 1), build.unsqueeze(build.input(1), 0));
  onnx::AttributeProto drop = attr("keepdims", int64_t(0));
  if (metric == "euclidean")
    build.result(0, "ReduceL2", {difference, build.ints(2)}, drop);
  else
    build.result(0, "ReduceSumSquare", {difference, build.ints(2)}, drop);
  return llvm::Error::success();
}

/// Complex numbers are pairs in the last dim.
llvm::Error upgradeComplexProduct(Upgrade &upgrade, bool conjugate) {
  NodeBuilder build(upgrade);
  if (build.rank(0) < 1 || build.rank(1) < 1)
    return llvm::createStringError("expected operands whose last dim is 2");
  std::string parts[2][2];
  for (int operand : {0, 1}) {
    SmallVector<std::string> both =
        build.ops("Split", build.input(operand), 2, {attr("axis", int64_t(-1)), attr("num_outputs", int64_t(2))});
    parts[operand][0] = both[0], parts[operand][1] = both[1];
  }
  auto &[a, b] = parts;
  std::string reals = build.mul(a[0], b[0]), imaginaries = build.mul(a[1], b[1]);
  std::string cross = build.mul(a[1], b[0]), other = build.mul(a[0], b[1]);
  std::string real = conjugate ? build.add(reals, imaginaries) : build.sub(reals, imaginaries);
  std::string imaginary = conjugate ? build.sub(cross, other) : build.add(cross, other);
  build.result(0, "Concat", {real, imaginary}, attr("axis", int64_t(-1)));
  return llvm::Error::success();
}
llvm::Error upgradeComplexMul(Upgrade &upgrade) { return upgradeComplexProduct(upgrade, false); }
llvm::Error upgradeComplexMulConj(Upgrade &upgrade) { return upgradeComplexProduct(upgrade, true); }

} // namespace

ArrayRef<ContribEntry> productHooks() {
  static constexpr ContribEntry entries[] = {
      {"FusedMatMul", upgradeFusedMatMul, "A:T/f B:T"},
      {"TransposeMatMul", upgradeFusedMatMul, "A:T/f B:T"},
      {"FusedMatMulActivation", upgradeFusedMatMul, "@activation A:T/f B:T"},
      {"FusedGemm", upgradeFusedGemm, "A:T/f[_,_] B:T[_,_] C?:T"},
      {"GemmFastGelu", upgradeGemmFastGelu, "X:T/f[...,k] W:T[k,n] bias?:T[n]"},
      {"FusedConv", upgradeFusedConv, "X:T/f W:T B?:T[_] Z?:T"},
      {"ConvTransposeWithDynamicPads", upgradeConvTransposeWithDynamicPads, "X:T/f W:T Pads?:i64[_] B?:T[_]"},
      {"Inverse", upgradeInverse, "X:T/f[...,n,n]"},
      {"CDist", upgradeCDist, "A:T/f[_,k] B:T[_,k]"},
      {"ComplexMul", upgradeComplexMul, "A:T/f[...,2] B:T[...,2]"},
      {"ComplexMulConj", upgradeComplexMulConj, "A:T/f[...,2] B:T[...,2]"},
  };
  return entries;
}

} // namespace fsc
