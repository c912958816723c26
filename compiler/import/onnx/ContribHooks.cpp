//===- ContribHooks.cpp - ONNX Runtime's operators ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators of the domain com.microsoft, which ONNX Runtime's optimizers and
// exporters for it leave in models, as operators of ONNX. Refuses the inputs and
// attributes that have no counterpart.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Hooks.h"
#include "onnx/defs/attr_proto_util.h"

using namespace mlir;

namespace fsc {
namespace {

constexpr int newest = 24;

std::string input(const Upgrade &upgrade, int index) {
  return index < upgrade.node.input_size() ? upgrade.node.input(index) : "";
}
std::string output(const Upgrade &upgrade, int index) {
  return index < upgrade.node.output_size() ? upgrade.node.output(index) : "";
}
bool isWanted(const Upgrade &upgrade, int index) {
  std::string name = output(upgrade, index);
  return !name.empty() && upgrade.isUsed(name);
}
float real(const Upgrade &upgrade, StringRef name, float otherwise) {
  const onnx::AttributeProto *found = upgrade.attribute(name);
  return found ? found->f() : otherwise;
}
std::string text(const Upgrade &upgrade, StringRef name) {
  const onnx::AttributeProto *found = upgrade.attribute(name);
  return found ? found->s() : "";
}
template <typename T> void attach(onnx::NodeProto &node, const char *name, T value) {
  *node.add_attribute() = onnx::MakeAttribute(name, value);
}
void copyAttributes(const Upgrade &upgrade, onnx::NodeProto &to, ArrayRef<StringRef> names) {
  for (StringRef name : names)
    if (const onnx::AttributeProto *found = upgrade.attribute(name))
      *to.add_attribute() = *found;
}
llvm::Error refuse(const char *what) { return llvm::createStringError(std::string(what) + " is not supported"); }

//===----------------------------------------------------------------------===//
// Activations and normalizations
//===----------------------------------------------------------------------===//

/// gelu (x, bias)  ->  gelu (x + bias)
llvm::Error upgradeGelu(Upgrade &upgrade, bool approximate) {
  upgrade.opset = newest;
  std::string x = input(upgrade, 0);
  if (std::string bias = input(upgrade, 1); !bias.empty())
    upgrade.add("Add", {x, bias}, {x = upgrade.fresh("biased")});
  onnx::NodeProto &gelu = upgrade.add("Gelu", {x}, {output(upgrade, 0)});
  attach(gelu, "approximate", std::string(approximate ? "tanh" : "none"));
  return llvm::Error::success();
}
llvm::Error upgradeExactGelu(Upgrade &upgrade) { return upgradeGelu(upgrade, false); }
llvm::Error upgradeFastGelu(Upgrade &upgrade) { return upgradeGelu(upgrade, true); }

llvm::Error upgradeQuickGelu(Upgrade &upgrade) {
  upgrade.opset = newest;
  attach(upgrade.add("Swish", {input(upgrade, 0)}, {output(upgrade, 0)}), "alpha", real(upgrade, "alpha", 1.702f));
  return llvm::Error::success();
}

/// simplified_layer_normalization  ->  rms_normalization
llvm::Error upgradeSimplifiedLayerNormalization(Upgrade &upgrade) {
  if (isWanted(upgrade, 1))
    return refuse("the inverse deviation of SimplifiedLayerNormalization");
  upgrade.opset = newest;
  onnx::NodeProto &norm = upgrade.add("RMSNormalization", {input(upgrade, 0), input(upgrade, 1)}, {output(upgrade, 0)});
  copyAttributes(upgrade, norm, {"axis", "epsilon", "stash_type"});
  return llvm::Error::success();
}

/// The sum of the input, the skip input and the bias, which is output 3 if that is wanted.
std::string addSkip(Upgrade &upgrade, int biasIndex) {
  std::string total = output(upgrade, 3).empty() ? upgrade.fresh("sum") : output(upgrade, 3);
  std::string bias = input(upgrade, biasIndex);
  std::string first = bias.empty() ? total : upgrade.fresh("skipped");
  upgrade.add("Add", {input(upgrade, 0), input(upgrade, 1)}, {first});
  if (!bias.empty())
    upgrade.add("Add", {first, bias}, {total});
  return total;
}

/// skip_layer_normalization (x, skip, gamma, beta, bias)  ->  layer_normalization (x + skip + bias, gamma, beta)
llvm::Error upgradeSkipLayerNormalization(Upgrade &upgrade) {
  upgrade.opset = newest;
  std::string total = addSkip(upgrade, 4);
  onnx::NodeProto &norm = upgrade.add("LayerNormalization", {total, input(upgrade, 2)}, {output(upgrade, 0)});
  if (std::string beta = input(upgrade, 3); !beta.empty())
    norm.add_input(beta);
  for (int i = 1; i < 3 && (isWanted(upgrade, 1) || isWanted(upgrade, 2)); ++i)
    norm.add_output(output(upgrade, i));
  attach(norm, "epsilon", real(upgrade, "epsilon", 1e-12f));
  return llvm::Error::success();
}

/// skip_simplified_layer_normalization (x, skip, gamma, bias)  ->  rms_normalization (x + skip + bias, gamma)
llvm::Error upgradeSkipSimplifiedLayerNormalization(Upgrade &upgrade) {
  if (isWanted(upgrade, 1) || isWanted(upgrade, 2))
    return refuse("the mean or inverse deviation of SkipSimplifiedLayerNormalization");
  upgrade.opset = newest;
  std::string total = addSkip(upgrade, 3);
  onnx::NodeProto &norm = upgrade.add("RMSNormalization", {total, input(upgrade, 2)}, {output(upgrade, 0)});
  attach(norm, "epsilon", real(upgrade, "epsilon", 1e-12f));
  return llvm::Error::success();
}

/// embed_layer_normalization  ->  layer_normalization (gather (words) + gather (positions) + gather (segments))
llvm::Error upgradeEmbedLayerNormalization(Upgrade &upgrade) {
  upgrade.opset = newest;
  std::string ids = input(upgrade, 0), segments = input(upgrade, 1), mask = input(upgrade, 7),
              places = input(upgrade, 8);
  std::string words = upgrade.fresh("words"), positions = upgrade.fresh("positions");
  std::string total = output(upgrade, 2).empty() ? upgrade.fresh("sum") : output(upgrade, 2);
  std::string partial = segments.empty() ? total : upgrade.fresh("partial");
  upgrade.add("Gather", {input(upgrade, 2), ids}, {words});
  if (!places.empty()) {
    upgrade.add("Gather", {input(upgrade, 3), places}, {positions});
  } else {
    std::string length = upgrade.fresh("length");
    onnx::NodeProto &shape = upgrade.add("Shape", {ids}, {length});
    attach(shape, "start", int64_t(1));
    upgrade.add("Slice", {input(upgrade, 3), upgrade.vector("first", {0}), length, upgrade.vector("axis", {0})},
                {positions});
  }
  upgrade.add("Add", {words, positions}, {partial});
  if (!segments.empty()) {
    std::string rows = upgrade.fresh("segments");
    upgrade.add("Gather", {input(upgrade, 4), segments}, {rows});
    upgrade.add("Add", {partial, rows}, {total});
  }
  onnx::NodeProto &norm =
      upgrade.add("LayerNormalization", {total, input(upgrade, 5), input(upgrade, 6)}, {output(upgrade, 0)});
  attach(norm, "epsilon", real(upgrade, "epsilon", 1e-12f));
  if (!isWanted(upgrade, 1))
    return llvm::Error::success();
  // How many places of each sequence the mask keeps.
  if (mask.empty() || upgrade.integer("mask_index_type", 0) != 0)
    return refuse("a mask index without a mask, or of another type than 0");
  onnx::NodeProto &count = upgrade.add("ReduceSum", {mask, upgrade.vector("rows", {1})}, {output(upgrade, 1)});
  attach(count, "keepdims", int64_t(0));
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// x with its last two dims exchanged, if `wanted`.
llvm::Expected<std::string> transposed(Upgrade &upgrade, int index, bool wanted) {
  if (!wanted)
    return input(upgrade, index);
  RankedTensorType type = upgrade.type(index);
  if (!type || type.getRank() < 1)
    return llvm::createStringError("expected an operand of known rank to transpose");
  if (type.getRank() == 1)
    return input(upgrade, index);
  std::vector<int64_t> perm(type.getRank());
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  std::string result = upgrade.fresh("transposed");
  attach(upgrade.add("Transpose", {input(upgrade, index)}, {result}), "perm", perm);
  return result;
}

llvm::Error upgradeFusedMatMul(Upgrade &upgrade) {
  if (upgrade.integer("transBatchA", 0) || upgrade.integer("transBatchB", 0))
    return refuse("FusedMatMul with transBatchA or transBatchB");
  upgrade.opset = newest;
  llvm::Expected<std::string> a = transposed(upgrade, 0, upgrade.integer("transA", 0));
  if (!a)
    return a.takeError();
  llvm::Expected<std::string> b = transposed(upgrade, 1, upgrade.integer("transB", 0));
  if (!b)
    return b.takeError();
  float alpha = real(upgrade, "alpha", 1);
  std::string product = alpha == 1 ? output(upgrade, 0) : upgrade.fresh("product");
  upgrade.add("MatMul", {*a, *b}, {product});
  if (alpha != 1)
    upgrade.add("Mul", {product, upgrade.scalarLikeInput("alpha", alpha)}, {output(upgrade, 0)});
  return llvm::Error::success();
}

/// Adds the activation that a fused operator names.
llvm::Error addActivation(Upgrade &upgrade, const std::string &x, StringRef name, ArrayRef<float> values) {
  std::string result = output(upgrade, 0);
  if (name == "Clip" && values.size() == 2) {
    upgrade.add("Clip", {x, upgrade.scalarLikeInput("low", values[0]), upgrade.scalarLikeInput("high", values[1])},
                {result});
    return llvm::Error::success();
  }
  if (!llvm::is_contained({"Relu", "Sigmoid", "Tanh", "LeakyRelu", "HardSigmoid"}, name))
    return llvm::createStringError("the activation '" + name.str() + "' is not supported");
  onnx::NodeProto &activation = upgrade.add(name, {x}, {result});
  if (name == "LeakyRelu" && !values.empty())
    attach(activation, "alpha", values[0]);
  if (name == "HardSigmoid" && values.size() == 2) {
    attach(activation, "alpha", values[0]);
    attach(activation, "beta", values[1]);
  }
  return llvm::Error::success();
}

/// fused_conv {activation} (x, w, b, z)  ->  activation (conv (x, w, b) + z)
llvm::Error upgradeFusedConv(Upgrade &upgrade) {
  upgrade.opset = newest;
  std::string x = upgrade.fresh("conv"), z = input(upgrade, 3);
  onnx::NodeProto &conv = upgrade.add("Conv", {input(upgrade, 0), input(upgrade, 1)}, {x});
  if (std::string b = input(upgrade, 2); !b.empty())
    conv.add_input(b);
  copyAttributes(upgrade, conv, {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
  if (!z.empty())
    upgrade.add("Add", {x, z}, {x = upgrade.fresh("sum")});
  std::string name = text(upgrade, "activation");
  if (name.empty()) {
    upgrade.add("Identity", {x}, {output(upgrade, 0)});
    return llvm::Error::success();
  }
  const onnx::AttributeProto *values = upgrade.attribute("activation_params");
  return addActivation(upgrade, x, name,
                       values ? ArrayRef<float>(values->floats().data(), values->floats_size()) : ArrayRef<float>());
}

llvm::Error upgradeFusedGemm(Upgrade &upgrade) {
  upgrade.opset = newest;
  std::string x = upgrade.fresh("gemm");
  onnx::NodeProto &gemm = upgrade.add("Gemm", {input(upgrade, 0), input(upgrade, 1)}, {x});
  if (std::string c = input(upgrade, 2); !c.empty())
    gemm.add_input(c);
  copyAttributes(upgrade, gemm, {"alpha", "beta", "transA", "transB"});
  SmallVector<float> values;
  for (StringRef name : {"activation_alpha", "activation_beta"})
    if (const onnx::AttributeProto *value = upgrade.attribute(name))
      values.push_back(value->f());
  return addActivation(upgrade, x, text(upgrade, "activation"), values);
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// multi_head_attention (q, k, v, _, _, bias, past_key, past_value)  ->  attention (q, k, v, bias, past_key,
/// past_value)
llvm::Error upgradeMultiHeadAttention(Upgrade &upgrade) {
  if (!input(upgrade, 3).empty() || !input(upgrade, 4).empty() || input(upgrade, 1).empty() ||
      input(upgrade, 2).empty())
    return refuse("MultiHeadAttention with packed operands, a bias of the projections or a key padding mask");
  for (int i : {0, 1, 2})
    if (RankedTensorType type = upgrade.type(i); !type || type.getRank() != 3)
      return refuse("MultiHeadAttention of operands that are not of rank 3");
  upgrade.opset = 23;
  onnx::NodeProto &attention = upgrade.add("Attention", {input(upgrade, 0), input(upgrade, 1), input(upgrade, 2)}, {});
  for (int i = 5; i < 8; ++i)
    attention.add_input(input(upgrade, i));
  while (attention.input(attention.input_size() - 1).empty())
    attention.mutable_input()->RemoveLast();
  for (const std::string &result : upgrade.node.output())
    attention.add_output(result);
  int64_t heads = upgrade.integer("num_heads", 0);
  attach(attention, "q_num_heads", heads);
  attach(attention, "kv_num_heads", heads);
  attach(attention, "is_causal", upgrade.integer("unidirectional", 0));
  if (float scale = real(upgrade, "scale", 0); scale != 0)
    attach(attention, "scale", scale);
  return llvm::Error::success();
}

/// rotary_embedding (x, positions, cos, sin)  ->  rotary_embedding (x, cos, sin, positions)
llvm::Error upgradeRotaryEmbedding(Upgrade &upgrade) {
  RankedTensorType x = upgrade.type(0), positions = upgrade.type(1), cosine = upgrade.type(2);
  if (!x || !positions || !cosine || positions.getRank() != 2)
    return refuse("RotaryEmbedding with one offset for all positions");
  if (upgrade.integer("is_packed_batching", 0) || real(upgrade, "scale", 1) != 1)
    return refuse("RotaryEmbedding with is_packed_batching or a scale");
  upgrade.opset = 23;
  int64_t heads = upgrade.integer("num_heads", 0);
  if (heads == 0 && x.getRank() == 3) {
    // Without the number of heads, a head has the size that the cache is for.
    int64_t hidden = x.getDimSize(2), size = 2 * cosine.getDimSize(1);
    if (ShapedType::isDynamic(hidden) || cosine.isDynamicDim(1) || size == 0 || hidden % size != 0)
      return llvm::createStringError("expected num_heads");
    heads = hidden / size;
  }
  onnx::NodeProto &rotary =
      upgrade.add("RotaryEmbedding", {input(upgrade, 0), input(upgrade, 2), input(upgrade, 3), input(upgrade, 1)},
                  {output(upgrade, 0)});
  attach(rotary, "num_heads", heads);
  copyAttributes(upgrade, rotary, {"interleaved", "rotary_embedding_dim"});
  return llvm::Error::success();
}

} // namespace

ArrayRef<HookEntry> contribHooks() {
  static constexpr HookEntry entries[] = {
      {"Gelu", upgradeExactGelu},
      {"BiasGelu", upgradeExactGelu},
      {"FastGelu", upgradeFastGelu},
      {"QuickGelu", upgradeQuickGelu},
      {"SimplifiedLayerNormalization", upgradeSimplifiedLayerNormalization},
      {"SkipLayerNormalization", upgradeSkipLayerNormalization},
      {"SkipSimplifiedLayerNormalization", upgradeSkipSimplifiedLayerNormalization},
      {"EmbedLayerNormalization", upgradeEmbedLayerNormalization},
      {"FusedMatMul", upgradeFusedMatMul},
      {"FusedConv", upgradeFusedConv},
      {"FusedGemm", upgradeFusedGemm},
      {"MultiHeadAttention", upgradeMultiHeadAttention},
      {"RotaryEmbedding", upgradeRotaryEmbedding},
  };
  return entries;
}

} // namespace fsc
