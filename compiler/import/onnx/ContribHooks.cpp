//===- ContribHooks.cpp - ONNX Runtime's operators ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Activations and normalizations of the domain com.microsoft, which ONNX Runtime's
// optimizers and exporters for it leave in models, as operators of ONNX.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ContribHooks.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace fsc {
namespace {

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// gelu (x, bias)  ->  gelu (x + bias)
llvm::Error upgradeGelu(Upgrade &upgrade, const char *approximate) {
  NodeBuilder build(upgrade);
  std::string x = build.hasInput(1) ? build.add(build.input(0), build.input(1)) : build.input(0);
  build.result(0, "Gelu", x, attr("approximate", approximate));
  return llvm::Error::success();
}
llvm::Error upgradeExactGelu(Upgrade &upgrade) { return upgradeGelu(upgrade, "none"); }
llvm::Error upgradeFastGelu(Upgrade &upgrade) { return upgradeGelu(upgrade, "tanh"); }

llvm::Error upgradeQuickGelu(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  build.result(0, "Swish", build.input(0), attr("alpha", build.real("alpha", 1.702f)));
  return llvm::Error::success();
}

/// bias_split_gelu (x, bias)  ->  left * gelu (right), the halves of x + bias
llvm::Error upgradeBiasSplitGelu(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string x = build.add(build.input(0), build.input(1));
  SmallVector<std::string> halves =
      build.ops("Split", x, 2, {attr("axis", int64_t(-1)), attr("num_outputs", int64_t(2))});
  build.result(0, "Mul", {halves[0], build.op("Gelu", halves[1])});
  return llvm::Error::success();
}

/// bias_add (x, bias, skip)  ->  x + bias + skip
llvm::Error upgradeBiasAdd(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  build.result(0, "Add", {build.add(build.input(0), build.input(1)), build.input(2)});
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Normalizations
//===----------------------------------------------------------------------===//

llvm::Error checkAxis(const NodeBuilder &build) {
  int64_t axis = build.integer("axis", -1), rank = build.rank(0);
  if (axis >= -rank && axis < rank)
    return llvm::Error::success();
  return llvm::createStringError("attribute 'axis': expected an axis of the input, got " + std::to_string(axis));
}

/// The last axis, or the node's.
onnx::AttributeProto axisOf(const NodeBuilder &build) { return attr("axis", build.integer("axis", -1)); }

/// The node's outputs: the layer normalization, and its mean and inverse deviation if they are wanted.
void normalizeLayer(NodeBuilder &build, NodeBuilder::Names inputs, NodeBuilder::Attributes attributes) {
  int count = build.isWanted(1) || build.isWanted(2) ? 3 : 1;
  for (auto [i, result] : llvm::enumerate(build.ops("LayerNormalization", inputs, count, attributes)))
    build.result(int(i), result);
}

/// layer_normalization before ONNX had it
llvm::Error upgradeLayerNormalization(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = checkAxis(build))
    return error;
  SmallVector<onnx::AttributeProto> attributes = build.attributes({"epsilon", "stash_type"});
  attributes.push_back(axisOf(build));
  normalizeLayer(build, {build.input(0), build.input(1), build.input(2)}, attributes);
  return llvm::Error::success();
}

/// 1 / sqrt (mean (x²) + epsilon) over the last axes from `axis` on, in float
std::string inverseDeviation(NodeBuilder &build, const std::string &x, ArrayRef<int64_t> axes, float epsilon) {
  std::string wide = build.castTo(x, onnx::TensorProto::FLOAT);
  std::string square = build.op("ReduceMean", {build.mul(wide, wide), build.ints(axes)});
  return build.op("Reciprocal", {build.op("Sqrt", {build.add(square, build.f32(epsilon))})});
}

/// simplified_layer_normalization  ->  rms_normalization
llvm::Error upgradeSimplifiedLayerNormalization(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = checkAxis(build))
    return error;
  SmallVector<onnx::AttributeProto> attributes = build.attributes({"epsilon", "stash_type"});
  attributes.push_back(axisOf(build));
  build.result(0, "RMSNormalization", {build.input(0), build.input(1)}, attributes);
  if (build.isWanted(1)) {
    int64_t rank = build.rank(0), axis = build.integer("axis", -1);
    axis += axis < 0 ? rank : 0;
    SmallVector<int64_t> axes = llvm::to_vector(llvm::seq(axis, rank));
    build.result(1, inverseDeviation(build, build.input(0), axes, build.real("epsilon", 1e-5f)));
  }
  return llvm::Error::success();
}

/// The sum of the input, the skip input and the bias, which is output 3 too.
std::string addSkip(NodeBuilder &build, int bias) {
  std::string total = build.add(build.input(0), build.input(1));
  if (build.hasInput(bias))
    total = build.add(total, build.input(bias));
  build.result(3, total);
  return total;
}

/// The skip input is one for each element, or for all entries of the batch.
llvm::Error checkSkip(const NodeBuilder &build) {
  int64_t rank = build.rank(0), skipRank = build.rank(1);
  if (rank != 2 && rank != 3)
    return llvm::createStringError("input 'input': expected rank 2 or 3, got " + std::to_string(rank));
  SmallVector<int64_t> wanted(build.type(0).getShape());
  if (skipRank < rank)
    wanted.erase(wanted.begin());
  else if (rank == 3 && build.staticSize(1, 0) == 1)
    wanted[0] = 1;
  return build.expectSizes(1, "skip", wanted);
}

/// skip_layer_normalization (x, skip, gamma, beta, bias)  ->  layer_normalization (x + skip + bias, gamma, beta)
llvm::Error upgradeSkipLayerNormalization(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = checkSkip(build))
    return error;
  std::string total = addSkip(build, 4);
  normalizeLayer(build, {total, build.input(2), build.input(3)}, attr("epsilon", build.real("epsilon", 1e-12f)));
  return llvm::Error::success();
}

/// skip_simplified_layer_normalization (x, skip, gamma, bias)  ->  rms_normalization (x + skip + bias, gamma)
llvm::Error upgradeSkipSimplifiedLayerNormalization(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (build.isWanted(1) || build.isWanted(2))
    return llvm::createStringError("the outputs 'mean' and 'inv_std_var' are not supported");
  if (llvm::Error error = checkSkip(build))
    return error;
  std::string total = addSkip(build, 3);
  build.result(0, "RMSNormalization", {total, build.input(2)}, attr("epsilon", build.real("epsilon", 1e-12f)));
  return llvm::Error::success();
}

/// gated_rms_norm (x, scale, gate)  ->  rms_normalization (x, scale) * activation (gate)
llvm::Error upgradeGatedRmsNorm(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string activation = build.text("activation", "silu");
  if (activation != "silu" && activation != "sigmoid")
    return llvm::createStringError("attribute 'activation': expected silu or sigmoid, got " + activation);
  std::string norm =
      build.op("RMSNormalization", {build.input(0), build.input(1)}, attr("epsilon", build.real("epsilon", 1e-5f)));
  build.result(0, "Mul", {norm, build.op(activation == "silu" ? "Swish" : "Sigmoid", build.input(2))});
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Embeddings
//===----------------------------------------------------------------------===//

/// A table of an embedding layer: real numbers, or bytes with a scale and a zero point.
struct Table {
  int values, scale = -1, zero = -1;
};

/// The rows of a table at the places `at`, or those before the only element of `count`.
std::string rowsOf(NodeBuilder &build, Table table, const std::string &at, const std::string &count = "") {
  std::string rows = count.empty() ? build.op("Gather", {build.input(table.values), at})
                                   : build.slice(build.input(table.values), build.ints(0), count, 0);
  if (table.scale < 0)
    return rows;
  return build.op("DequantizeLinear", {rows, build.input(table.scale), build.input(table.zero)});
}

/// How many places of each sequence the mask keeps; none without a mask.
void countKept(NodeBuilder &build, int mask, int result) {
  if (!build.isWanted(result))
    return;
  if (build.hasInput(mask)) {
    build.result(result, "ReduceSum", {build.input(mask), build.ints(1)}, attr("keepdims", int64_t(0)));
    return;
  }
  std::string none = build.op("Expand", {build.integerScalar(0), build.size(build.input(0), 0)});
  build.result(result, build.castTo(none, onnx::TensorProto::INT32));
}

/// layer_normalization (words [ids] + positions [places] + segments [segment ids])
void embed(NodeBuilder &build, Table words, Table positions, Table segments, const std::string &gamma,
           const std::string &beta, const std::string &places, int sumResult) {
  std::string ids = build.input(0), total = rowsOf(build, words, ids);
  total = build.add(total, places.empty() ? rowsOf(build, positions, "", build.size(ids, 1))
                                          : rowsOf(build, positions, places));
  if (build.hasInput(1))
    total = build.add(total, rowsOf(build, segments, build.input(1)));
  if (sumResult >= 0)
    build.result(sumResult, total);
  build.result(0, "LayerNormalization", {total, gamma, beta}, attr("epsilon", build.real("epsilon", 1e-12f)));
}

llvm::Error upgradeEmbedLayerNormalization(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (build.hasInput(1) != build.hasInput(4) || !build.hasInput(5) || !build.hasInput(6))
    return llvm::createStringError("expected gamma and beta, and segment_ids with a segment_embedding");
  embed(build, {2}, {3}, {4}, build.input(5), build.input(6), build.input(8), 2);
  countKept(build, 7, 1);
  return llvm::Error::success();
}

llvm::Error upgradeQEmbedLayerNormalization(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  for (int i : {2, 3, 5, 6, 8, 9, 11, 12, 13, 14, 16, 17})
    if (!build.hasInput(i))
      return llvm::createStringError("expected tables, gamma and beta with scales and zero points");
  if (build.hasInput(1) && !(build.hasInput(4) && build.hasInput(10) && build.hasInput(15)))
    return llvm::createStringError("expected segment_ids with a segment_embedding, its scale and zero point");
  std::string gamma = build.op("DequantizeLinear", {build.input(5), build.input(11), build.input(16)});
  std::string beta = build.op("DequantizeLinear", {build.input(6), build.input(12), build.input(17)});
  embed(build, {2, 8, 13}, {3, 9, 14}, {4, 10, 15}, gamma, beta, "", -1);
  countKept(build, 7, 1);
  return llvm::Error::success();
}

} // namespace

ArrayRef<ContribEntry> contribHooks() {
  static constexpr ContribEntry entries[] = {
      {"Gelu", upgradeExactGelu, "X:T/f"},
      {"BiasGelu", upgradeExactGelu, "A:T/f[...,d] B:T[d]"},
      {"FastGelu", upgradeFastGelu, "X:T/f[...,d] bias?:T[d]"},
      {"QuickGelu", upgradeQuickGelu, "X:T/f"},
      {"BiasSplitGelu", upgradeBiasSplitGelu, "X:T/f[...,d] bias:T[d]"},
      {"BiasAdd", upgradeBiasAdd, "X:T/f[b,s,d] bias:T[d] skip:T[b,s,d]"},
      {"LayerNormalization", upgradeLayerNormalization, "X:T/f scale:V/f B?:V"},
      {"SimplifiedLayerNormalization", upgradeSimplifiedLayerNormalization, "X:T/f scale:V/f"},
      {"SkipLayerNormalization", upgradeSkipLayerNormalization,
       "input:T/f[...,d] skip:T[...,d] gamma:T[d] beta?:T[d] bias?:T[d]"},
      {"SkipSimplifiedLayerNormalization", upgradeSkipSimplifiedLayerNormalization,
       "input:T/f[...,d] skip:T[...,d] gamma:T[d] bias?:T[d]"},
      {"GatedRMSNorm", upgradeGatedRmsNorm, "X:T/f[...,d] scale:T[d] gate:T[...,d]"},
      {"EmbedLayerNormalization", upgradeEmbedLayerNormalization,
       "input_ids:i32[b,s] segment_ids?:i32[b,s] word_embedding:T/f[_,d] position_embedding:T[_,d] "
       "segment_embedding?:T[_,d] gamma:T[d] beta:T[d] mask?:i32[b,s] position_ids?:i32[_,s]"},
      {"QEmbedLayerNormalization", upgradeQEmbedLayerNormalization,
       "input_ids:i32[b,s] segment_ids?:i32[b,s] word_embedding_quant:T/8[_,d] position_embedding_quant:T[_,d] "
       "segment_embedding?:T[_,d] gamma_quant:T[d] beta_quant:T[d] mask?:i32[b,s] word_embedding_scale:f32() "
       "position_embedding_scale:f32() segment_embedding_scale?:f32() gamma_scale:f32() beta_scale:f32() "
       "word_embedding_zero_point:T() position_embedding_zero_point:T() segment_embedding_zero_point?:T() "
       "gamma_zero_point:T() beta_zero_point:T()"},
  };
  return entries;
}

} // namespace fsc
