//===- ContribGroupQuery.cpp - Attention with a cache, rotations ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GroupQueryAttention and RotaryEmbedding of com.microsoft. The caches of keys and
// values have room for `max (past's length, total_sequence_length)` tokens. In a first
// prompt (as many queries as total_sequence_length) they are written from the start;
// after it, the new tokens of batch entry b end at seqlens_k[b]. What lies beyond them
// is 0, whatever the past had there.
//
// Refuses quantized caches, caches of a window's size and the products as an output.
//
//===----------------------------------------------------------------------===//

#include "compiler/Diagnostics.h"
#include "compiler/import/onnx/ContribAttention.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace fsc {

namespace {

struct GroupQuery {
  NodeBuilder &build;
  int64_t heads = 0, kvHeads = 0, headSize = 0;
  std::string q = {}, k = {}, v = {}; // [batch, heads, length, head]
  // int64: sizes; the end of each batch entry's tokens and how many come before the new ones, [batch, 1]; the places of
  // the new ones, [batch, length].
  std::string batch = {}, queries = {}, total = {}, room = {}, ends = {}, past = {}, places = {};

  llvm::Error check();
  void readOperands();
  void normalize();
  void findPlaces();
  void rotate();
  std::string updateCache(int cache, const std::string &added);
  std::string keep(const std::string &keys);
  void run();
};

llvm::Error GroupQuery::check() {
  heads = build.integer("num_heads", 0);
  kvHeads = build.integer("kv_num_heads", 0);
  if (heads < 1 || kvHeads < 1 || heads > mostHeads || heads % kvHeads != 0)
    return llvm::createStringError("expected num_heads that kv_num_heads divides");
  for (const char *name : {"k_quant_type", "v_quant_type"})
    if (std::string type = build.text(name, "NONE"); type != "NONE")
      return llvm::createStringError("attribute '" + std::string(name) + "': expected NONE, got " + type);
  for (auto [name, supported] : {std::pair("sliding_window_cache", 0), std::pair("qk_output", 0)})
    if (llvm::Error error = build.expectInteger(name, supported))
      return error;
  if (llvm::Error error = build.expectAbsent({{12, "k_scale"}, {13, "v_scale"}}))
    return error;
  if (build.integer("local_window_size", -1) == 0)
    return llvm::createStringError("attribute 'local_window_size': expected -1 or at least 1, got 0");
  int64_t hidden = build.rank(0) == 3 ? build.staticSize(0, 2) : ShapedType::kDynamic;
  int64_t all = build.hasInput(1) ? heads : heads + 2 * kvHeads;
  if (ShapedType::isDynamic(hidden) || hidden < 1 || hidden % all != 0)
    return llvm::createStringError("expected a query of rank 3 whose last size is known and divided by its heads");
  headSize = hidden / all;
  if (build.hasInput(1) != build.hasInput(2) || build.hasInput(3) != build.hasInput(4))
    return llvm::createStringError("expected key and value together, and past_key and past_value together");
  if (build.hasInput(1) && (build.rank(1) != 3 || build.rank(2) != 3))
    return llvm::createStringError("a key or value of another rank than 3 is not supported");
  if (build.hasInput(1) && build.staticSize(1, 1) == 0)
    return llvm::createStringError("keys that are only in the past (a key of length 0) are not supported");
  if (build.hasInput(3) && (build.element(3) != build.element(0) || build.rank(3) != 4))
    return llvm::createStringError("expected past_key of rank 4 with the query's element type");
  constexpr int64_t any = ShapedType::kDynamic;
  int64_t entries = build.staticSize(0, 0), length = build.staticSize(0, 1);
  if (build.hasInput(1))
    for (auto [index, name] : {std::pair(1, "key"), std::pair(2, "value")})
      if (llvm::Error error = build.expectSizes(index, name, {entries, length, kvHeads * headSize}))
        return error;
  if (build.hasInput(3))
    for (auto [index, name] : {std::pair(3, "past_key"), std::pair(4, "past_value")})
      if (llvm::Error error = build.expectSizes(index, name, {entries, kvHeads, any, headSize}))
        return error;
  if (llvm::Error error = build.rank(5) == 2 ? build.expectSizes(5, "seqlens_k", {entries, 1})
                                             : build.expectSizes(5, "seqlens_k", {entries}))
    return error;
  if (build.rank(6) > 1 || (build.rank(6) == 1 && !build.type(6).isDynamicDim(0) && build.staticSize(6, 0) != 1))
    return build.expectSizes(6, "total_sequence_length", {1});
  if (build.hasInput(10)) {
    auto orOne = [&](int64_t axis, int64_t size) { return build.staticSize(10, axis) == 1 ? 1 : size; };
    if (llvm::Error error = build.expectSizes(10, "attention_bias", {orOne(0, entries), orOne(1, heads), length, any}))
      return error;
  }
  for (auto [index, name, size] : {std::tuple(11, "head_sink", heads), std::tuple(14, "q_norm_weight", headSize),
                                   std::tuple(15, "k_norm_weight", headSize)})
    if (build.hasInput(index))
      if (llvm::Error error = build.expectSizes(index, name, {size}))
        return error;
  if (build.integer("do_rotary", 0) &&
      (!build.hasInput(7) || !build.hasInput(8) || build.rank(7) != 2 || ShapedType::isDynamic(build.staticSize(7, 1))))
    return codedError(Code::unknownSize, "expected cos_cache and sin_cache of a known number of angles");
  if (build.integer("do_rotary", 0) && build.staticSize(7, 1) > headSize / 2)
    return build.expectSizes(7, "cos_cache", {any, headSize / 2});
  return llvm::Error::success();
}

void GroupQuery::readOperands() {
  if (build.hasInput(1)) {
    q = splitHeads(build, build.input(0), heads, headSize);
    k = splitHeads(build, build.input(1), kvHeads, headSize);
    v = splitHeads(build, build.input(2), kvHeads, headSize);
  } else {
    std::string all = splitHeads(build, build.input(0), heads + 2 * kvHeads, headSize);
    SmallVector<std::string> parts =
        build.ops("Split", {all, build.ints({heads, kvHeads, kvHeads})}, 3, attr("axis", int64_t(1)));
    q = parts[0], k = parts[1], v = parts[2];
  }
  batch = build.size(q, 0);
  queries = build.size(q, 2);
}

/// The RMS norm of each head of q and k, if they have weights for it.
void GroupQuery::normalize() {
  onnx::AttributeProto epsilon = attr("epsilon", build.real("qk_norm_epsilon", 1e-6f));
  if (build.hasInput(14))
    q = build.op("RMSNormalization", {q, build.input(14)}, epsilon);
  if (build.hasInput(15))
    k = build.op("RMSNormalization", {k, build.input(15)}, epsilon);
}

void GroupQuery::findPlaces() {
  auto wide = [&](int index) { return build.castTo(build.reshape(build.input(index), -1), onnx::TensorProto::INT64); };
  total = wide(6);
  room =
      build.hasInput(3) ? build.op("Max", {total, build.size(build.input(3), 2)}) : build.op("Max", {total, queries});
  ends = build.unsqueeze(build.add(wide(5), build.integerScalar(1)), 1);
  std::string none = build.op("Expand", {build.integerScalar(0), build.concat({batch, build.ints(1)}, 0)});
  past = none;
  if (build.hasInput(3)) {
    std::string before = build.op("Max", {build.sub(ends, queries), build.integerScalar(0)});
    past = build.where(build.op("Equal", {queries, total}), none, before);
  }
  places = build.add(past, build.range(queries));
}

void GroupQuery::rotate() {
  std::string ids = build.input(9);
  // A token of the padding has place 1.
  if (ids.empty())
    ids = build.where(build.op("Less", {places, ends}), places, build.integerScalar(1));
  int64_t rotated = 2 * build.staticSize(7, 1);
  SmallVector<onnx::AttributeProto> attributes = {attr("interleaved", build.integer("rotary_interleaved", 0)),
                                                  attr("rotary_embedding_dim", rotated == headSize ? 0 : rotated)};
  for (std::string *x : {&q, &k})
    *x = build.op("RotaryEmbedding", {*x, build.input(7), build.input(8), ids}, attributes);
}

/// The cache of input `cache` with the new tokens behind the past ones.
std::string GroupQuery::updateCache(int cache, const std::string &added) {
  std::string zero = build.scalar(0, build.element(0));
  std::string dims = build.concat({batch, build.ints(kvHeads), room, build.ints(headSize)}, 0);
  std::string before = build.op("Expand", {zero, dims});
  if (build.hasInput(cache)) {
    std::string old = build.input(cache), length = build.size(old, 2);
    std::string isPast = build.unsqueeze(build.op("Less", {build.range(length), past}), {1, 3});
    std::string grown = build.concat({build.ints({0, 0, 0, 0, 0, 0}), build.sub(room, length), build.ints(0)}, 0);
    before = build.op("Pad", {build.where(isPast, old, zero), grown});
  }
  return build.op("TensorScatter", {before, added, build.squeeze(past, 1)});
}

/// [batch, 1, queries, keys]: the keys up to the query's own place, and within its window.
std::string GroupQuery::keep(const std::string &keys) {
  bool causal = build.integer("causal", 1);
  int64_t window = build.integer("local_window_size", -1);
  std::string at = build.range(keys);
  std::string end = ends; // [batch, queries or 1]
  if (causal)
    end = build.op("Min", {build.add(places, build.integerScalar(1)), ends});
  end = build.unsqueeze(end, {1, 3});
  std::string kept = build.op("Less", {at, end});
  if (causal && window > 0) {
    std::string start = build.sub(end, build.integerScalar(window));
    kept = build.op("And", {kept, build.op("GreaterOrEqual", {at, start})});
  }
  return kept;
}

void GroupQuery::run() {
  readOperands();
  normalize();
  findPlaces();
  if (build.integer("do_rotary", 0))
    rotate();
  k = updateCache(3, k);
  v = updateCache(4, v);
  build.result(1, k);
  build.result(2, v);
  // The room beyond the tokens is not looked at.
  k = build.slice(k, build.ints(0), total, 2);
  v = build.slice(v, build.ints(0), total, 2);
  HeadAttention attention{q, k, v, heads, kvHeads, build.element(0), build.real("scale", 0)};
  if (attention.scale == 0)
    attention.scale = 1 / std::sqrt(float(headSize));
  attention.softcap = build.real("softcap", 0);
  std::string keys = build.size(k, 2);
  attention.keep = keep(keys);
  if (build.hasInput(10)) {
    std::string added = build.castTo(build.input(10), onnx::TensorProto::FLOAT);
    attention.added.push_back(build.slice(added, build.ints(0), keys, 3));
  }
  if (build.hasInput(11))
    attention.sink = build.reshape(build.castTo(build.input(11), onnx::TensorProto::FLOAT), {1, heads, 1, 1});
  else if (build.integer("smooth_softmax", 0) == 1)
    attention.sink = build.reshape(build.f32(0), {1, 1, 1, 1});
  build.result(0, attend(build, attention));
}

} // namespace

llvm::Error upgradeGroupQueryAttention(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (build.isWanted(3))
    return llvm::createStringError("the output 'output_qk' is not supported");
  GroupQuery attention{build};
  if (llvm::Error error = attention.check())
    return error;
  attention.run();
  return llvm::Error::success();
}

/// rotary_embedding (x, positions, cos, sin)  ->  rotary_embedding (x, cos, sin, positions)
llvm::Error upgradeContribRotaryEmbedding(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = build.expectInteger("is_packed_batching", 0))
    return error;
  if (build.real("scale", 1) != 1)
    return llvm::createStringError("attribute 'scale': expected 1");
  int64_t rank = build.rank(0), heads = build.integer("num_heads", 0);
  if ((rank != 3 && rank != 4) || build.rank(1) > 2 || build.rank(2) != 2)
    return llvm::createStringError("expected an input of rank 3 or 4, and caches of rank 2");
  if (heads == 0 && build.integer("rotary_embedding_dim", 0) > 0)
    return llvm::createStringError("expected num_heads with rotary_embedding_dim");
  int64_t entries = build.staticSize(0, 0), places = build.staticSize(0, rank == 4 ? 2 : 1);
  if (llvm::Error error = build.rank(1) == 0   ? llvm::Error::success()
                          : build.rank(1) == 1 ? build.expectSizes(1, "position_ids", {1})
                                               : build.expectSizes(1, "position_ids", {entries, places}))
    return error;
  if (heads == 0 && rank == 3) {
    // Without the number of heads, a head has the size that the cache is for.
    int64_t hidden = build.staticSize(0, 2), size = 2 * build.staticSize(2, 1);
    if (ShapedType::isDynamic(hidden) || build.type(2).isDynamicDim(1) || size == 0 || hidden % size != 0)
      return llvm::createStringError("expected num_heads");
    heads = hidden / size;
  }
  std::string positions = build.input(1), x = build.input(0);
  if (build.rank(1) < 2) {
    // One offset for all positions.
    std::string batch = build.size(x, 0), length = build.size(x, rank == 4 ? 2 : 1);
    positions = build.add(build.reshape(positions, 1), build.range(length));
    positions = build.op("Expand", {positions, build.concat({batch, length}, 0)});
  }
  SmallVector<onnx::AttributeProto> attributes = build.attributes({"interleaved", "rotary_embedding_dim"});
  attributes.push_back(attr("num_heads", heads));
  build.result(0, "RotaryEmbedding", {x, build.input(2), build.input(3), positions}, attributes);
  return llvm::Error::success();
}

/// m_rotary_embedding {mrope_section, mrope_layout} (x, positions, cos, sin): each angle belongs to one of three
/// streams of positions, [3, batch, length]. Layout 0 has the angles of a stream together, layout 1 in turns.
llvm::Error upgradeMRotaryEmbedding(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = build.expectInteger("is_packed_batching", 0))
    return error;
  ArrayRef<int64_t> sections = upgrade.ints("mrope_section");
  int64_t layout = build.integer("mrope_layout", 0), heads = build.integer("num_heads", 0);
  int64_t angles = build.rank(2) == 2 ? build.staticSize(2, 1) : ShapedType::kDynamic;
  constexpr int64_t most = 1 << 16;
  if (build.real("scale", 1) != 1 || layout < 0 || layout > 1)
    return llvm::createStringError("expected scale of 1, and mrope_layout of 0 or 1");
  if (ShapedType::isDynamic(angles) || angles > most || sections.size() != 3 ||
      !llvm::all_of(sections, [&](int64_t size) { return size >= 0 && size <= angles; }) ||
      sections[0] + sections[1] + sections[2] != angles)
    return llvm::createStringError("expected mrope_section of three sizes, whose sum is that of the caches' angles");
  if (heads == 0 && build.rank(0) == 3) {
    int64_t hidden = build.staticSize(0, 2);
    if (angles == 0 || ShapedType::isDynamic(hidden) || hidden % (2 * angles) != 0)
      return llvm::createStringError("expected num_heads");
    heads = hidden / (2 * angles);
  }
  SmallVector<int64_t> streams;
  for (int64_t i = 0; i < angles; ++i) {
    if (layout == 0)
      streams.push_back(i < sections[0] ? 0 : i < sections[0] + sections[1] ? 1 : 2);
    else
      streams.push_back(i < 3 * sections[i % 3] ? i % 3 : 0);
  }
  std::string streamOf = build.ints(streams), tables[2];
  for (int i : {0, 1}) {
    std::string all = build.op("Gather", {build.input(2 + i), build.input(1)});
    auto stream = [&](int64_t index) { return build.op("Gather", {all, build.integerScalar(index)}); };
    tables[i] = stream(0);
    for (int64_t index : {1, 2})
      tables[i] = build.where(build.op("Equal", {streamOf, build.integerScalar(index)}), stream(index), tables[i]);
  }
  SmallVector<onnx::AttributeProto> attributes = build.attributes({"interleaved", "rotary_embedding_dim"});
  attributes.push_back(attr("num_heads", heads));
  build.result(0, "RotaryEmbedding", {build.input(0), tables[0], tables[1]}, attributes);
  return llvm::Error::success();
}

} // namespace fsc
