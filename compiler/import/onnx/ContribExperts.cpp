//===- ContribExperts.cpp - Mixtures of experts, weights of few bits ------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MoE and QMoE compute every expert for every token and weight the results, with 0
// for the experts that a token is not routed to. Weights of few bits are real numbers
// before they are multiplied.
//
// Refuses the sparse mixer, weights in the layout of another device, and weights of
// fp4 and fp8.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ContribHooks.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fsc {
namespace {

//===----------------------------------------------------------------------===//
// Numbers of few bits
//===----------------------------------------------------------------------===//

/// Bytes whose last dim holds numbers of `bits` bits, the first in the lowest: one number for each element.
std::string unpackBits(NodeBuilder &build, const std::string &bytes, int64_t rank, int64_t bits) {
  if (bits == 8)
    return bytes;
  Type byte = IntegerType::get(build.element(0).getContext(), 8, IntegerType::Unsigned);
  std::string mask = build.scalar((1 << bits) - 1, byte);
  SmallVector<std::string> parts;
  for (int64_t shift = 0; shift < 8; shift += bits) {
    std::string part = bytes;
    if (shift > 0)
      part = build.op("BitShift", {bytes, build.scalar(shift, byte)}, attr("direction", "RIGHT"));
    parts.push_back(build.unsqueeze(build.op("BitwiseAnd", {part, mask}), rank));
  }
  SmallVector<int64_t> dims(rank, 0);
  dims.back() = -1;
  return build.reshape(build.concat(parts, rank), dims);
}

/// (q - zero) * scale, each repeated `block` times along the last axis; block is 0 where they have one for each row.
/// Without `zero`, it is in the middle of the numbers.
std::string dequantize(NodeBuilder &build, const std::string &q, const std::string &scale, const std::string &zero,
                       int64_t bits, int64_t block, int64_t rank) {
  Type byte = IntegerType::get(build.element(0).getContext(), 8, IntegerType::Unsigned);
  std::string middle = build.scalar(1 << (bits - 1), byte);
  if (block > 0) {
    std::string zeros = zero.empty() ? build.op("Expand", {middle, build.op("Shape", {scale})}) : zero;
    return build.op("DequantizeLinear", {q, scale, zeros}, {attr("axis", rank - 1), attr("block_size", block)});
  }
  std::string zeros = zero.empty() ? middle : build.unsqueeze(zero, rank - 1);
  std::string centred =
      build.sub(build.castTo(q, onnx::TensorProto::FLOAT), build.castTo(zeros, onnx::TensorProto::FLOAT));
  return build.mul(centred, build.unsqueeze(scale, rank - 1));
}

//===----------------------------------------------------------------------===//
// Mixtures of experts
//===----------------------------------------------------------------------===//

struct Mixture {
  NodeBuilder &build;
  bool normalizes;
  // Of float: [tokens, hidden], [tokens, experts], [experts, rows, columns] and [experts, rows].
  std::string x, router, routerWeights;
  std::string weights[3], biases[3];

  std::string asFloat(int index) {
    if (!build.hasInput(index))
      return "";
    bool wide = build.element(index).isF32();
    return wide ? build.input(index) : build.castTo(build.input(index), onnx::TensorProto::FLOAT);
  }

  llvm::Error check() {
    if (llvm::Error error = build.expectInteger("use_sparse_mixer", 0))
      return error;
    std::string activation = build.text("activation_type", "relu");
    if (!llvm::is_contained({"relu", "gelu", "silu", "swiglu", "identity"}, activation))
      return llvm::createStringError(
          "attribute 'activation_type': expected relu, gelu, silu, swiglu or identity, got " + activation);
    int64_t fusion = build.integer("swiglu_fusion", 0);
    if (activation == "swiglu" && (fusion < 0 || fusion > 2 || (fusion == 0) != !weights[2].empty()))
      return llvm::createStringError("expected swiglu_fusion of 0 with weights of fc3, or of 1 or 2 without them");
    if (build.integer("k", 1) < 1 || ShapedType::isDynamic(build.staticSize(1, 1)) || build.rank(1) != 2)
      return llvm::createStringError(
          "expected router_probs of rank 2 for a known number of experts, and k of at least 1");
    return llvm::Error::success();
  }

  /// The weight of each expert for each token, [tokens, experts]. Of equal ones the later is chosen first.
  std::string route() {
    int64_t experts = build.staticSize(1, 1), k = build.integer("k", 1);
    bool separate = !routerWeights.empty();
    std::string chances = separate ? router : build.op("Softmax", {router}, attr("axis", int64_t(-1)));
    std::string reversed =
        build.op("Slice", {chances, build.ints(-1), build.ints(-experts - 1), build.ints(1), build.ints(-1)});
    SmallVector<std::string> best = build.ops("TopK", {reversed, build.ints(k)}, 2, attr("axis", int64_t(-1)));
    std::string chosen = build.sub(build.integerScalar(experts - 1), best[1]), values = best[0];
    if (separate)
      values = build.op("GatherElements", {routerWeights, chosen}, attr("axis", int64_t(1)));
    if (normalizes)
      values = build.op("Div", {values, build.op("ReduceSum", {values, build.ints(-1)})});
    std::string none = build.op("Expand", {build.f32(0), build.op("Shape", {router})});
    return build.op("ScatterElements", {none, chosen, values}, attr("axis", int64_t(1)));
  }

  /// rows of x (or of each expert's x) by the weights of each expert, [experts, tokens, rows]
  std::string project(const std::string &of, int which) {
    std::string product = build.op("MatMul", {of, build.transpose(weights[which], {0, 2, 1})});
    return biases[which].empty() ? product : build.add(product, build.unsqueeze(biases[which], 1));
  }

  /// gate sigmoid (alpha gate) (linear + beta), both clamped by the limit
  std::string swiGlu(std::string gate, std::string linear) {
    if (build.upgrade.attribute("swiglu_limit")) {
      float limit = build.real("swiglu_limit", 0);
      gate = build.op("Min", {gate, build.f32(limit)});
      linear = build.op("Clip", {linear, build.f32(-limit), build.f32(limit)});
    }
    std::string opened = build.op("Swish", {gate}, attr("alpha", build.real("activation_alpha", 1)));
    return build.mul(opened, build.add(linear, build.f32(build.real("activation_beta", 0))));
  }

  std::string activate(const std::string &h) {
    std::string type = build.text("activation_type", "relu");
    if (type == "swiglu") {
      if (!weights[2].empty())
        return swiGlu(h, project(x, 2));
      SmallVector<std::string> halves;
      if (build.integer("swiglu_fusion", 0) == 2) {
        halves = build.ops("Split", {h}, 2, {attr("axis", int64_t(-1)), attr("num_outputs", int64_t(2))});
      } else {
        // Neighbours are a pair.
        std::string pairs = build.reshape(h, {0, 0, -1, 2});
        for (int64_t i : {0, 1})
          halves.push_back(build.op("Gather", {pairs, build.integerScalar(i)}, attr("axis", int64_t(-1))));
      }
      return swiGlu(halves[0], halves[1]);
    }
    std::string result = h;
    if (type == "relu")
      result = build.op("Relu", {h});
    else if (type == "gelu")
      result = build.op("Gelu", {h}, attr("approximate", "tanh"));
    else if (type == "silu")
      result = build.op("Swish", {h});
    return weights[2].empty() ? result : build.mul(result, project(x, 2));
  }

  void run() {
    std::string each = project(activate(project(x, 0)), 1);
    std::string gates = build.unsqueeze(build.transpose(route(), {1, 0}), 2);
    std::string total = build.op("ReduceSum", {build.mul(each, gates), build.ints(0)}, attr("keepdims", int64_t(0)));
    total = build.reshapeTo(total, build.op("Shape", {build.input(0)}));
    build.result(0, build.element(0).isF32() ? total : build.cast(total, build.element(0)));
  }

  void readTokens() {
    x = build.op("Flatten", {asFloat(0)}, attr("axis", std::max<int64_t>(build.rank(0) - 1, 0)));
    router = asFloat(1);
  }
};

llvm::Error upgradeMoE(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (!build.hasInput(4))
    return llvm::createStringError("expected the input 'fc2_experts_weights'");
  Mixture mixture{build, build.integer("normalize_routing_weights", 0) != 0, {}, {}, {}, {}, {}};
  mixture.readTokens();
  for (int i = 0; i < 3; ++i) {
    mixture.weights[i] = mixture.asFloat(2 + 2 * i);
    mixture.biases[i] = mixture.asFloat(3 + 2 * i);
  }
  if (llvm::Error error = mixture.check())
    return error;
  mixture.run();
  return llvm::Error::success();
}

llvm::Error upgradeQMoE(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (std::string type = build.text("quant_type", "int"); type != "int")
    return llvm::createStringError("attribute 'quant_type': expected int, got " + type);
  if (build.integer("weights_prepacked", -1) == 1)
    return llvm::createStringError("attribute 'weights_prepacked': expected -1 or 0, got 1");
  if (llvm::Error error = build.expectAbsent({{15, "fc1_global_scale"},
                                              {16, "fc2_global_scale"},
                                              {17, "fc1_act_scale"},
                                              {18, "fc2_act_scale"},
                                              {19, "fc1_act_block_scale"},
                                              {20, "fc2_act_block_scale"}}))
    return error;
  if (!build.hasInput(3) || !build.hasInput(5) || !build.hasInput(6) || build.hasInput(8) != build.hasInput(9))
    return llvm::createStringError("expected weights of fc1 and fc2, and scales for all weights");
  bool separate = build.hasInput(14);
  // Without weights of its own for them, the chosen experts share all.
  Mixture mixture{build, !separate || build.integer("normalize_routing_weights", 0) != 0, {}, {}, {}, {}, {}};
  mixture.readTokens();
  mixture.routerWeights = mixture.asFloat(14);
  constexpr const char *names[3] = {"fc1_expert_weight_bits", "fc2_expert_weight_bits", "fc3_expert_weight_bits"};
  for (int i = 0; i < 3; ++i) {
    int weights = 2 + 3 * i;
    mixture.biases[i] = mixture.asFloat(weights + 2);
    if (!build.hasInput(weights))
      continue;
    int64_t bits = build.integer(names[i], 0);
    bits = bits > 0 ? bits : build.integer("expert_weight_bits", 4);
    int64_t block = build.integer("block_size", 0), rank = build.rank(weights + 1);
    if ((bits != 2 && bits != 4 && bits != 8) || build.rank(weights) != 3 ||
        !build.element(weights).isUnsignedInteger(8))
      return llvm::createStringError("expected weights of rank 3 of bytes, and of 2, 4 or 8 bits");
    if (block < 0 || rank != (block > 0 ? 3 : 2))
      return llvm::createStringError("expected scales [experts, rows], or with block_size [experts, rows, blocks]");
    std::string q = unpackBits(build, build.input(weights), 3, bits), scale = mixture.asFloat(weights + 1);
    std::string zero = build.input(11 + i);
    if (!zero.empty()) // Whole bytes may hold more of them than there are.
      zero = build.slice(unpackBits(build, zero, rank, bits), build.ints(0), build.size(scale, rank - 1), rank - 1);
    mixture.weights[i] = dequantize(build, q, scale, zero, bits, block, 3);
  }
  if (llvm::Error error = mixture.check())
    return error;
  mixture.run();
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Matrices of few bits
//===----------------------------------------------------------------------===//

llvm::Error checkBlock(const NodeBuilder &build) {
  int64_t block = build.integer("block_size", 0);
  if (block >= 16 && llvm::isPowerOf2_64(block) && block <= (1 << 16))
    return llvm::Error::success();
  return llvm::createStringError("attribute 'block_size': expected a power of two from 16 to 65536, got " +
                                 std::to_string(block));
}

/// matmul_n_bits {g_idx}  ->  a (scale (b - zero))', where g_idx tells the block of each column of b. Without g_idx the
/// operator is one of fsc's own.
llvm::Error upgradeMatMulNBits(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = build.expectInteger("weight_prepacked", 0))
    return error;
  if (llvm::Error error = checkBlock(build))
    return error;
  if (!build.hasInput(4)) {
    if (upgrade.attribute("weight_prepacked"))
      upgrade.addCopy({"weight_prepacked"});
    return llvm::Error::success();
  }
  int64_t n = build.integer("N", 0), k = build.integer("K", 0), bits = build.integer("bits", 4);
  int64_t block = build.integer("block_size", 0);
  if ((bits != 2 && bits != 4 && bits != 8) || n < 1 || k < 1 || block < 8 ||
      std::max({n, k, block}) > (int64_t(1) << 30))
    return llvm::createStringError("expected bits of 2, 4 or 8, and positive K, N and block_size");
  if (build.rank(1) != 3 || !build.element(1).isUnsignedInteger(8))
    return llvm::createStringError("expected a matrix of rank 3 of bytes");
  int64_t blocks = llvm::divideCeil(k, block);
  Type element = build.element(0);
  std::string groups = build.slice(build.input(4), build.ints(0), build.ints(k), 0);
  auto columns = [&](const std::string &table) { // [n, blocks] -> [n, k]
    return build.op("Gather", {table, groups}, attr("axis", int64_t(1)));
  };
  std::string q = build.reshape(unpackBits(build, build.input(1), 3, bits), {n, -1});
  q = build.cast(build.slice(q, build.ints(0), build.ints(k), 1), element);
  std::string zero = build.scalar(1 << (bits - 1), element);
  if (build.hasInput(3)) {
    zero = build.reshape(build.input(3), {n, -1});
    if (build.element(3).isUnsignedInteger(8))
      zero = build.slice(unpackBits(build, zero, 2, bits), build.ints(0), build.ints(blocks), 1);
    zero = columns(build.cast(zero, element));
  }
  std::string scale = columns(build.reshape(build.input(2), {n, blocks}));
  std::string matrix = build.mul(build.sub(q, zero), scale);
  std::string product = build.op("MatMul", {build.input(0), build.transpose(matrix, {1, 0})});
  build.result(0, build.hasInput(5) ? build.add(product, build.input(5)) : product);
  return llvm::Error::success();
}

/// matmul_bnb4  ->  a (table [b] absmax)', the first number of a byte in its highest bits. Dettmers et al., QLoRA,
/// 2023.
llvm::Error upgradeMatMulBnb4(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  int64_t n = build.integer("N", 0), k = build.integer("K", 0), block = build.integer("block_size", 0);
  int64_t type = build.integer("quant_type", -1);
  if (n < 1 || k < 1 || block < 1 || type < 0 || type > 1)
    return llvm::createStringError("expected positive K, N and block_size, and quant_type of 0 (FP4) or 1 (NF4)");
  if (llvm::Error error = build.expectInteger("transB", 1))
    return error;
  if (llvm::Error error = checkBlock(build))
    return error;
  if (k > (int64_t(1) << 30) / n)
    return llvm::createStringError("expected at most 2^30 weights");
  SmallVector<int64_t> sizes(build.rank(0), ShapedType::kDynamic);
  sizes.back() = k;
  if (llvm::Error error = build.expectSizes(0, "A", sizes))
    return error;
  for (auto [index, name, count] : {std::tuple(1, "B", int64_t(llvm::divideCeil(n * k, 2))),
                                    std::tuple(2, "absmax", int64_t(llvm::divideCeil(n * k, block)))}) {
    RankedTensorType type = build.type(index);
    if (type.hasStaticShape() && type.getNumElements() != count)
      return build.expectSizes(index, name, count);
  }
  static constexpr float fp4[16] = {
      0.f,  5.208333333e-03f,  0.66666667f,  1.f,  0.33333333f,  0.5f,  0.16666667f,  0.25f,
      -0.f, -5.208333333e-03f, -0.66666667f, -1.f, -0.33333333f, -0.5f, -0.16666667f, -0.25f};
  static constexpr float nf4[16] = {-1.f,
                                    -0.6961928009986877f,
                                    -0.5250730514526367f,
                                    -0.39491748809814453f,
                                    -0.28444138169288635f,
                                    -0.18477343022823334f,
                                    -0.09105003625154495f,
                                    0.f,
                                    0.07958029955625534f,
                                    0.16093020141124725f,
                                    0.24611230194568634f,
                                    0.33791524171829224f,
                                    0.44070982933044434f,
                                    0.5626170039176941f,
                                    0.7229568362236023f,
                                    1.f};
  Type byte = IntegerType::get(build.element(0).getContext(), 8, IntegerType::Unsigned);
  std::string bytes = build.reshape(build.input(1), -1);
  std::string high = build.op("BitShift", {bytes, build.scalar(4, byte)}, attr("direction", "RIGHT"));
  std::string low = build.op("BitwiseAnd", {bytes, build.scalar(15, byte)});
  std::string codes = build.reshape(build.concat({build.unsqueeze(high, 1), build.unsqueeze(low, 1)}, 1), -1);
  codes = build.slice(codes, build.ints(0), build.ints(n * k), 0);
  std::string table = upgrade.floats("table", type == 0 ? fp4 : nf4);
  std::string values = build.op("Gather", {table, build.castTo(codes, onnx::TensorProto::INT64)});
  std::string largest = build.reshape(build.castTo(build.input(2), onnx::TensorProto::FLOAT), {-1, 1});
  largest = build.op("Expand", {largest, build.ints({1, block})});
  largest = build.slice(build.reshape(largest, -1), build.ints(0), build.ints(n * k), 0);
  std::string matrix = build.reshape(build.mul(values, largest), {n, k});
  build.result(0, build.op("MatMul", {build.input(0), build.transpose(build.cast(matrix, build.element(0)), {1, 0})}));
  return llvm::Error::success();
}

/// gather_block_quantized (data, indices, scales, zeros)  ->  the chosen numbers, times their blocks' scales
llvm::Error upgradeGatherBlockQuantized(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  int64_t rank = build.rank(0), gather = build.integer("gather_axis", 0), axis = build.integer("quantize_axis", 1);
  int64_t block = build.integer("block_size", 128), bits = build.integer("bits", 4);
  gather += gather < 0 ? rank : 0;
  axis += axis < 0 ? rank : 0;
  if (gather < 0 || gather >= rank || axis < 0 || axis >= rank || gather == axis || block < 1 || build.rank(2) != rank)
    return llvm::createStringError(
        "expected different gather_axis and quantize_axis of the data, with scales of its rank");
  bool packed = build.element(0).isUnsignedInteger(8);
  if (packed && ((bits != 2 && bits != 4 && bits != 8) || axis != rank - 1))
    return llvm::createStringError("expected bytes that hold numbers of 2, 4 or 8 bits along the last axis");
  auto choose = [&](int index) {
    return build.op("Gather", {build.input(index), build.input(1)}, attr("axis", gather));
  };
  int64_t chosenRank = rank - 1 + build.rank(1), chosenAxis = axis > gather ? axis + build.rank(1) - 1 : axis;
  std::string q = choose(0), scale = choose(2), zero = build.hasInput(3) ? choose(3) : "";
  SmallVector<onnx::AttributeProto> blocked = {attr("axis", chosenAxis), attr("block_size", block)};
  if (!packed) {
    build.result(0, "DequantizeLinear", {q, scale, zero}, blocked);
    return llvm::Error::success();
  }
  q = unpackBits(build, q, chosenRank, bits);
  if (!zero.empty())
    zero = build.slice(unpackBits(build, zero, chosenRank, bits), build.ints(0), build.size(scale, chosenRank - 1),
                       chosenRank - 1);
  build.result(0, dequantize(build, q, scale, zero, bits, block, chosenRank));
  return llvm::Error::success();
}

} // namespace

ArrayRef<ContribEntry> expertHooks() {
  static constexpr ContribEntry entries[] = {
      {"MoE", upgradeMoE,
       "input:T/f[...,d] router_probs:T[_,e] fc1_experts_weights:T[e,_,d] fc1_experts_bias?:T[e,_] "
       "fc2_experts_weights:T[e,d,_] fc2_experts_bias?:T[e,d] fc3_experts_weights?:T[e,_,d] fc3_experts_bias?:T[e,_]"},
      {"QMoE", upgradeQMoE,
       "input:T/f[...,d] router_probs:T[t,e] fc1_experts_weights:n[e,_,_] fc1_scales?:n fc1_experts_bias?:T[e,_] "
       "fc2_experts_weights:n[e,d,_] fc2_scales?:n fc2_experts_bias?:T[e,d] fc3_experts_weights?:n[e,_,_] "
       "fc3_scales?:n fc3_experts_bias?:T[e,_] fc1_zero_points?:n fc2_zero_points?:n fc3_zero_points?:n "
       "router_weights?:T[t,e] *"},
      {"MatMulNBits", upgradeMatMulNBits,
       "@K @N @block_size A:T/f[...,_] B:u8 scales:f zero_points?:n g_idx?:i32[_] bias?:T[_]"},
      {"MatMulBnb4", upgradeMatMulBnb4, "@K @N @block_size @quant_type A:T/f[...,_] B:u8 absmax:T"},
      {"GatherBlockQuantized", upgradeGatherBlockQuantized, "data:D/i indices:i scales:T/f zero_points?:D"},
  };
  return entries;
}

} // namespace fsc
