//===- ContribAttention.cpp - Attention of ONNX Runtime -------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attention, QAttention and MultiHeadAttention of com.microsoft. A masked key is not
// left out: `mask_filter_value` is added to its product, so that where all keys are
// masked they count as if none was. Keys after their query are left out.
//
// Refuses caches that are updated in place and masks of rank 4.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ContribAttention.h"
#include "compiler/Diagnostics.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace fsc {

//===----------------------------------------------------------------------===//
// What attention operators share
//===----------------------------------------------------------------------===//

std::string splitHeads(NodeBuilder &build, const std::string &x, int64_t heads, int64_t headSize) {
  int64_t size = ShapedType::isDynamic(headSize) ? -1 : headSize;
  return build.transpose(build.reshape(x, {0, 0, heads, size}), {0, 2, 1, 3});
}

/// scale q, in float
static std::string scaledQuery(NodeBuilder &build, const HeadAttention &attention, Type compute) {
  std::string q = attention.q;
  if (compute != attention.element)
    q = build.cast(q, compute);
  if (attention.scale != 0)
    return build.mul(q, build.scalar(attention.scale, compute));
  std::string size = build.squeeze(build.cast(build.size(q, 3), compute), {0});
  return build.op("Div", {q, build.op("Sqrt", {size})});
}

/// The sum of the products with the keys, before the softmax: [batch, heads, queries, keys].
static std::string scores(NodeBuilder &build, const HeadAttention &attention, const std::string &q,
                          const std::string &k, Type compute) {
  std::string transposed = build.transpose(k, {0, 1, 3, 2});
  std::string product;
  if (attention.heads == attention.kvHeads) {
    product = build.op("MatMul", {q, transposed});
  } else {
    // The queries of heads that share their keys follow each other, as if they were of one head.
    std::string size = build.size(q, 3), queries = build.size(q, 2), keys = build.size(k, 2);
    std::string stacked = build.reshapeTo(q, build.concat({build.ints({0, attention.kvHeads, -1}), size}, 0));
    std::string dims = build.concat({build.ints({0, attention.heads}), queries, keys}, 0);
    product = build.reshapeTo(build.op("MatMul", {stacked, transposed}), dims);
  }
  if (attention.softcap != 0) {
    std::string cap = build.scalar(attention.softcap, compute);
    product = build.mul(build.op("Tanh", {build.op("Div", {product, cap})}), cap);
  }
  for (const std::string &added : attention.added)
    product = build.add(product, added);
  if (!attention.keep.empty())
    product = build.where(attention.keep, product, build.scalar(std::numeric_limits<float>::lowest(), compute));
  return product;
}

/// The softmax of each row, of which a logit that belongs to no key takes its part.
static std::string softmaxBesides(NodeBuilder &build, const std::string &product, const std::string &sink) {
  std::string rows = build.op("Shape", {product}, attr("end", int64_t(3)));
  std::string column = build.op("Expand", {sink, build.concat({rows, build.ints(1)}, 0)});
  std::string all = build.op("Softmax", {build.concat({product, column}, 3)}, attr("axis", int64_t(-1)));
  return build.slice(all, build.ints(0), build.size(product, 3), 3);
}

std::string attend(NodeBuilder &build, const HeadAttention &attention) {
  Type compute = attention.element;
  std::string k = attention.k, v = attention.v;
  if (compute.getIntOrFloatBitWidth() < 32) {
    compute = Float32Type::get(compute.getContext());
    k = build.cast(k, compute);
    v = build.cast(v, compute);
  }
  std::string q = scaledQuery(build, attention, compute);
  std::string product = scores(build, attention, q, k, compute);
  std::string weights = attention.sink.empty() ? build.op("Softmax", {product}, attr("axis", int64_t(-1)))
                                               : softmaxBesides(build, product, attention.sink);
  std::string result;
  if (attention.heads == attention.kvHeads) {
    result = build.op("MatMul", {weights, v});
  } else {
    std::string keys = build.size(v, 2), queries = build.size(q, 2), size = build.size(v, 3);
    std::string stacked = build.reshapeTo(weights, build.concat({build.ints({0, attention.kvHeads, -1}), keys}, 0));
    std::string dims = build.concat({build.ints({0, attention.heads}), queries, size}, 0);
    result = build.reshapeTo(build.op("MatMul", {stacked, v}), dims);
  }
  std::string merged = build.transpose(result, {0, 2, 1, 3});
  std::string hidden = build.mul(build.size(v, 3), build.ints(attention.heads));
  merged = build.reshapeTo(merged, build.concat({build.ints({0, 0}), hidden}, 0));
  return compute == attention.element ? merged : build.cast(merged, attention.element);
}

llvm::Expected<std::string> addedByMask(NodeBuilder &build, int index, const std::string &batch,
                                        const std::string &keys, float filter) {
  std::string mask = build.input(index);
  int64_t rank = build.rank(index);
  if (rank != 1 && rank != 2 && rank != 3)
    return llvm::createStringError("a mask of keys of another rank than 1, 2 or 3 is not supported");
  std::string kept = build.f32(0), masked = build.f32(filter);
  if (rank > 1) {
    std::string isKept = build.op("Greater", {mask, build.scalar(0, build.element(index))});
    std::string added = build.where(isKept, kept, masked);
    return build.unsqueeze(added, rank == 2 ? ArrayRef<int64_t>{1, 2} : ArrayRef<int64_t>(1));
  }
  mask = build.castTo(mask, onnx::TensorProto::INT64);
  std::string none = build.op("Expand", {build.integerScalar(0), batch});
  std::string twice = build.add(batch, batch);
  std::string hasStarts = build.op("Equal", {build.size(mask, 0), twice});
  std::string ends = build.slice(mask, build.ints(0), batch, 0);
  std::string starts = build.slice(build.concat({mask, none}, 0), batch, twice, 0);
  starts = build.where(hasStarts, starts, none);
  std::string at = build.range(keys);
  std::string before = build.op("Less", {at, build.unsqueeze(ends, 1)});
  std::string after = build.op("GreaterOrEqual", {at, build.unsqueeze(starts, 1)});
  std::string added = build.where(build.op("And", {before, after}), kept, masked);
  return build.unsqueeze(added, {1, 2});
}

std::string keepCausal(NodeBuilder &build, const std::string &queries, const std::string &keys,
                       const std::string &past) {
  std::string query = build.unsqueeze(build.add(build.range(queries), past), 1);
  return build.op("LessOrEqual", {build.range(keys), query});
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

namespace {

/// Where Attention and QAttention have their inputs.
struct AttentionForm {
  int mask, past, bias; // `bias` is added to the products
};

constexpr int64_t any = ShapedType::kDynamic;

int64_t sumOf(int64_t a, int64_t b) { return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) ? any : a + b; }
int64_t quotientOf(int64_t a, int64_t b) { return ShapedType::isDynamic(a) ? any : a / b; }

/// Checks the sizes of the mask of keys and of what is added to the products, of which all are optional.
llvm::Error checkMasks(const NodeBuilder &build, int mask, const char *maskName, int bias, int64_t batch,
                       int64_t queries, int64_t keys) {
  if (build.hasInput(mask)) {
    int64_t length = build.rank(mask) == 1 ? build.staticSize(mask, 0) : any;
    bool isKnown = !ShapedType::isDynamic(length) && !ShapedType::isDynamic(batch);
    if (isKnown && length != batch && length != 2 * batch && length != 3 * batch + 2)
      return build.expectSizes(mask, maskName, {batch});
    if (build.rank(mask) == 2)
      if (llvm::Error error = build.expectSizes(mask, maskName, {batch, keys}))
        return error;
    if (build.rank(mask) == 3)
      if (llvm::Error error = build.expectSizes(mask, maskName, {batch, queries, keys}))
        return error;
  }
  if (bias < 0 || !build.hasInput(bias))
    return llvm::Error::success();
  int64_t heads = build.integer("num_heads", 0);
  auto orOne = [&](int64_t axis, int64_t size) { return build.staticSize(bias, axis) == 1 ? 1 : size; };
  return build.expectSizes(bias, "attention_bias", {orOne(0, batch), orOne(1, heads), queries, keys});
}

/// Adds the mask of keys (if input `index` is one), and what an input adds to the products.
llvm::Error addMasks(NodeBuilder &build, HeadAttention &attention, int mask, int bias, const std::string &batch,
                     const std::string &keys) {
  if (build.hasInput(mask)) {
    llvm::Expected<std::string> added =
        addedByMask(build, mask, batch, keys, build.real("mask_filter_value", -10000.f));
    if (!added)
      return added.takeError();
    attention.added.push_back(*added);
  }
  if (bias >= 0 && build.hasInput(bias)) {
    std::string added = build.input(bias);
    if (build.element(bias) && build.element(bias).getIntOrFloatBitWidth() < 32)
      added = build.castTo(added, onnx::TensorProto::FLOAT);
    attention.added.push_back(added);
  }
  return llvm::Error::success();
}

/// The sizes that an attribute gives.
llvm::Expected<SmallVector<int64_t>> readSizes(const NodeBuilder &build, ArrayRef<int64_t> sizes) {
  int64_t all = build.staticSize(1, 1);
  bool good = sizes.size() == 3 && llvm::all_of(sizes, [](int64_t size) { return size > 0 && size <= INT32_MAX; });
  if (!good || (!ShapedType::isDynamic(all) && sizes[0] + sizes[1] + sizes[2] != all))
    return llvm::createStringError(
        "attribute 'qkv_hidden_sizes': expected three sizes whose sum is the columns' number");
  return SmallVector<int64_t>(sizes);
}

/// The sizes of q, k and v in the last dim of the projection.
llvm::Expected<SmallVector<int64_t>> projectedSizes(const NodeBuilder &build) {
  if (const onnx::AttributeProto *sizes = build.upgrade.attribute("qkv_hidden_sizes"))
    return readSizes(build, ArrayRef<int64_t>(sizes->ints().data(), sizes->ints_size()));
  int64_t all = build.staticSize(1, 1);
  if (ShapedType::isDynamic(all) || all % 3 != 0)
    return codedError(Code::unknownSize,
                      "expected weights with three columns, of known number, for each hidden element");
  return SmallVector<int64_t>(3, all / 3);
}

/// attention of the projection [batch, length, q, k and v]
llvm::Error attendProjected(NodeBuilder &build, const std::string &projected, Type element, AttentionForm form) {
  int64_t heads = build.integer("num_heads", 0);
  llvm::Expected<SmallVector<int64_t>> sizes = projectedSizes(build);
  if (!sizes)
    return sizes.takeError();
  if (heads < 1 || heads > mostHeads ||
      llvm::any_of(*sizes, [&](int64_t size) { return size < 1 || size % heads != 0; }))
    return llvm::createStringError("expected hidden sizes that num_heads divides");
  for (const char *name : {"past_present_share_buffer", "do_rotary"})
    if (llvm::Error error = build.expectInteger(name, 0))
      return error;
  if ((*sizes)[0] != (*sizes)[1] || (build.hasInput(form.past) && (*sizes)[1] != (*sizes)[2]))
    return llvm::createStringError("expected queries and keys of one size, and with a past values too");
  int64_t batchSize = build.staticSize(0, 0), length = build.staticSize(0, 1), pastLength = 0;
  if (build.hasInput(form.past)) {
    pastLength = build.staticSize(form.past, 3);
    if (llvm::Error error = build.expectSizes(form.past, "past", {2, batchSize, heads, any, (*sizes)[1] / heads}))
      return error;
  }
  if (llvm::Error error =
          checkMasks(build, form.mask, "mask_index", form.bias, batchSize, length, sumOf(length, pastLength)))
    return error;
  SmallVector<std::string> parts = build.ops("Split", {projected, build.ints(*sizes)}, 3, attr("axis", int64_t(-1)));
  for (int i = 0; i < 3; ++i)
    parts[i] = splitHeads(build, parts[i], heads, (*sizes)[i] / heads);
  std::string batch = build.size(parts[0], 0), queries = build.size(parts[0], 2), past = build.ints(0);
  if (build.hasInput(form.past)) {
    for (int i = 1; i < 3; ++i) {
      std::string before = build.op("Gather", {build.input(form.past), build.integerScalar(i - 1)});
      past = build.size(before, 2);
      parts[i] = build.concat({before, parts[i]}, 2);
    }
  }
  if (build.isWanted(1))
    build.result(1, build.concat({build.unsqueeze(parts[1], 0), build.unsqueeze(parts[2], 0)}, 0));
  HeadAttention attention{parts[0], parts[1], parts[2], heads, heads, element, build.real("scale", 0)};
  std::string keys = build.size(parts[1], 2);
  if (llvm::Error error = addMasks(build, attention, form.mask, form.bias, batch, keys))
    return error;
  if (build.integer("unidirectional", 0))
    attention.keep = keepCausal(build, queries, keys, past);
  build.result(0, attend(build, attention));
  return llvm::Error::success();
}

} // namespace

/// attention (x, w, b, mask, past, bias)  ->  attention of x w + b
static llvm::Error upgradeAttention(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = build.expectAbsent({{6, "past_sequence_length"}}))
    return error;
  std::string projected = build.op("MatMul", {build.input(0), build.input(1)});
  if (build.hasInput(2))
    projected = build.add(projected, build.input(2));
  return attendProjected(build, projected, build.element(0), {3, 4, 5});
}

/// q_attention  ->  attention of s (x - zx) (w - zw) + b, where the product is of integers
static llvm::Error upgradeQAttention(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string product = build.op("MatMulInteger", {build.input(0), build.input(1), build.input(6), build.input(7)});
  std::string scale = build.mul(build.input(3), build.input(4));
  std::string projected = build.mul(build.cast(product, build.element(2)), scale);
  return attendProjected(build, build.add(projected, build.input(2)), build.element(2), {5, 8, -1});
}

//===----------------------------------------------------------------------===//
// MultiHeadAttention
//===----------------------------------------------------------------------===//

namespace {

/// The operands of MultiHeadAttention as [batch, heads, length, head].
struct Operands {
  NodeBuilder &build;
  int64_t heads;
  std::string parts[3];

  int64_t batch() const { return build.staticSize(0, 0); }
  /// How many keys come with the node.
  int64_t keys() const {
    return build.hasInput(1) ? build.staticSize(1, build.rank(1) == 4 ? 2 : 1) : build.staticSize(0, 1);
  }

  llvm::Error checkPlain(bool inHeads) const {
    int64_t hidden = build.staticSize(0, 2), values = build.staticSize(2, inHeads ? 3 : 2);
    if ((!ShapedType::isDynamic(hidden) && hidden % heads != 0) ||
        (!inHeads && !ShapedType::isDynamic(values) && values % heads != 0))
      return llvm::createStringError("expected hidden sizes that num_heads divides");
    SmallVector<int64_t> key = {batch(), any, hidden}, value = {batch(), keys(), any};
    if (inHeads) {
      key = {batch(), heads, any, quotientOf(hidden, heads)};
      value = {batch(), heads, keys(), any};
    }
    if (llvm::Error error = build.expectSizes(1, "key", key))
      return error;
    return build.expectSizes(2, "value", value);
  }

  llvm::Error checkPast() const {
    int64_t head = build.rank(0) == 5 ? build.staticSize(0, 4) : quotientOf(build.staticSize(0, 2), heads);
    if (llvm::Error error = build.expectSizes(6, "past_key", {batch(), heads, any, head}))
      return error;
    return build.expectSizes(7, "past_value", {batch(), heads, build.staticSize(6, 2), any});
  }

  /// Part `index` of [batch, length, heads, count, head].
  std::string unpack(int operand, int64_t index) {
    std::string part = build.op("Gather", {build.input(operand), build.integerScalar(index)}, attr("axis", int64_t(3)));
    return build.transpose(part, {0, 2, 1, 3});
  }

  /// The input's bias, [heads, 1, head], for each part. v may have another size than q and k.
  llvm::Error addBias() {
    int64_t all = build.rank(3) == 1 ? build.staticSize(3, 0) : ShapedType::kDynamic;
    int64_t hidden = build.staticSize(0, 2);
    if (build.rank(0) == 5)
      hidden = ShapedType::isDynamic(all) ? all : all / 3;
    if (ShapedType::isDynamic(all) || ShapedType::isDynamic(hidden) || hidden < 1 || all <= 2 * hidden)
      return codedError(Code::unknownSize, "expected a bias and a query of known sizes");
    int64_t sizes[3] = {hidden, hidden, all - 2 * hidden};
    int64_t values = build.rank(2) == 3 ? build.staticSize(2, 2) : any;
    if (!ShapedType::isDynamic(values) && values != sizes[2])
      return build.expectSizes(3, "bias", {2 * hidden + values});
    SmallVector<std::string> biases =
        build.ops("Split", {build.input(3), build.ints(sizes)}, 3, attr("axis", int64_t(0)));
    for (int i = 0; i < 3; ++i) {
      // Keys and values that come in heads have had their bias.
      if (sizes[i] % heads != 0 || (i > 0 && build.rank(1) == 4))
        continue;
      parts[i] = build.add(parts[i], build.reshape(biases[i], {heads, 1, sizes[i] / heads}));
    }
    return llvm::Error::success();
  }

  llvm::Error read() {
    int64_t ranks[3] = {build.rank(0), build.rank(1), build.rank(2)};
    bool packed = ranks[0] == 5 && !build.hasInput(1) && !build.hasInput(2);
    bool packedPair = ranks[0] == 3 && ranks[1] == 5 && !build.hasInput(2);
    bool plain = ranks[0] == 3 && ranks[1] == ranks[2] && (ranks[1] == 3 || ranks[1] == 4);
    if (!packed && !packedPair && !plain)
      return llvm::createStringError("expected a query of rank 3 with keys and values of rank 3 or 4, or with both in "
                                     "a key of rank 5, or all three in a query of rank 5");
    auto headSize = [&](int operand) { return quotientOf(build.staticSize(operand, 2), heads); };
    if (llvm::Error error = packed       ? build.expectSizes(0, "query", {any, any, heads, 3, any})
                            : packedPair ? build.expectSizes(1, "key", {batch(), any, heads, 2, headSize(0)})
                                         : checkPlain(ranks[1] == 4))
      return error;
    for (int i = 0; i < 3; ++i) {
      if (packed || (packedPair && i > 0))
        parts[i] = unpack(packed ? 0 : 1, packed ? i : i - 1);
      else
        parts[i] = ranks[i] == 4 ? build.input(i) : splitHeads(build, build.input(i), heads, headSize(i));
    }
    return build.hasInput(3) ? addBias() : llvm::Error::success();
  }
};

} // namespace

/// multi_head_attention (q, k, v, bias, mask, added, past_key, past_value)
static llvm::Error upgradeMultiHeadAttention(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = build.expectAbsent({{8, "past_sequence_length"}, {9, "cache_indirection"}}))
    return error;
  if (build.isWanted(3))
    return llvm::createStringError("the output 'qk' is not supported");
  Operands operands{build, build.integer("num_heads", 0), {}};
  if (operands.heads < 1 || operands.heads > mostHeads)
    return llvm::createStringError("expected num_heads of at least 1, got " + std::to_string(operands.heads));
  if (llvm::Error error = operands.read())
    return error;
  auto &[q, k, v] = operands.parts;
  std::string batch = build.size(q, 0), queries = build.size(q, 2), past = build.ints(0);
  if (build.hasInput(6) != build.hasInput(7))
    return llvm::createStringError("expected past_key and past_value together");
  int64_t pastLength = 0;
  if (build.hasInput(6)) {
    if (llvm::Error error = operands.checkPast())
      return error;
    pastLength = build.staticSize(6, 2);
    past = build.size(build.input(6), 2);
    k = build.concat({build.input(6), k}, 2);
    v = build.concat({build.input(7), v}, 2);
  }
  if (llvm::Error error = checkMasks(build, 4, "key_padding_mask", 5, operands.batch(), build.staticSize(0, 1),
                                     sumOf(operands.keys(), pastLength)))
    return error;
  build.result(1, k);
  build.result(2, v);
  HeadAttention attention{q, k, v, operands.heads, operands.heads, build.element(0), build.real("scale", 0)};
  std::string keys = build.size(k, 2);
  if (llvm::Error error = addMasks(build, attention, 4, 5, batch, keys))
    return error;
  if (build.integer("unidirectional", 0))
    attention.keep = keepCausal(build, queries, keys, past);
  build.result(0, attend(build, attention));
  return llvm::Error::success();
}

ArrayRef<ContribEntry> attentionHooks() {
  static constexpr ContribEntry entries[] = {
      {"Attention", upgradeAttention,
       "@num_heads input:T/f[b,s,d] weights:T[d,w] bias?:T[w] mask_index?:i32 past?:T[2,b,_,_,_] "
       "attention_bias?:T[b~,_,s,_] past_sequence_length?:i32"},
      {"QAttention", upgradeQAttention,
       "@num_heads input:X/8[b,s,d] weight:W/8[d,w] bias:T/f[w] input_scale:T() weight_scale:T(w) mask_index?:i32 "
       "input_zero_point?:X() weight_zero_point?:W(w) past?:T[2,b,_,_,_]"},
      {"MultiHeadAttention", upgradeMultiHeadAttention,
       "@num_heads query:T/f key?:T value?:T bias?:T[_] key_padding_mask?:i32 attention_bias?:T[_,_,_,_] "
       "past_key?:T[b,h,p,_] past_value?:T[b,h,p,_] past_sequence_length?:i32 cache_indirection?:i32"},
      {"GroupQueryAttention", upgradeGroupQueryAttention,
       "@num_heads @kv_num_heads query:T/f[b,s,_] key?:T[b,s,w] value?:T[b,s,w] past_key?:n[b,_,p,_] "
       "past_value?:n[b,_,p,_] seqlens_k:i32 total_sequence_length:i32 cos_cache?:T[m,r] sin_cache?:T[m,r] "
       "position_ids?:i64[b,s] attention_bias?:T[_,_,s,_] head_sink?:T[_] k_scale?:f32 v_scale?:f32 "
       "q_norm_weight?:T[_] k_norm_weight?:T[_]"},
      {"RotaryEmbedding", upgradeContribRotaryEmbedding,
       "input:T/f position_ids:i64 cos_cache:T[m,r] sin_cache:T[m,r]"},
      {"MRotaryEmbedding", upgradeMRotaryEmbedding,
       "@mrope_section input:T/f position_ids:i64[3,_,_] cos_cache:T[m,r] sin_cache:T[m,r]"},
  };
  return entries;
}

} // namespace fsc
