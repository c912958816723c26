//===- ContribMovement.cpp - Movement and generators of ONNX Runtime ------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators of com.microsoft that move, choose or make elements, transforms among
// them, and the operators that ONNX once had as experiments.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ContribHooks.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace fsc {
namespace {

/// op  ->  the operator of ONNX that has its name
llvm::Error upgradeToOnnx(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  upgrade.addCopy().clear_domain();
  return llvm::Error::success();
}

llvm::Error upgradeSampleOp(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  build.result(0, "Identity", build.input(0));
  return llvm::Error::success();
}

/// unique (x)  ->  unique {sorted = 0} (x) without the places of the elements
llvm::Error upgradeUnique(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  SmallVector<std::string> all = build.ops("Unique", {build.input(0)}, 4, attr("sorted", int64_t(0)));
  build.result(0, all[0]);
  build.result(1, all[2]);
  build.result(2, all[3]);
  return llvm::Error::success();
}

/// expand_dims (x, axis)  ->  unsqueeze (x, [axis])
llvm::Error upgradeExpandDims(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string axis = build.castTo(build.reshape(build.input(1), 1), onnx::TensorProto::INT64);
  build.result(0, "Unsqueeze", {build.input(0), axis});
  return llvm::Error::success();
}

/// range (start, limit, delta = 1); the operands may be vectors of one element
llvm::Error upgradeRange(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string operands[3];
  for (int i = 0; i < 3; ++i) {
    operands[i] = build.hasInput(i) ? build.input(i) : build.scalar(1, build.element(0));
    if (build.rank(i) == 1)
      operands[i] = build.squeeze(operands[i], 0);
  }
  build.result(0, "Range", operands);
  return llvm::Error::success();
}

/// pad (x, pads, value); pads may be [1, 2 * rank]
llvm::Error upgradePad(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string pads = build.input(1), value = build.input(2);
  if (build.rank(1) == 2)
    pads = build.squeeze(pads, 0);
  if (build.rank(2) == 1)
    value = build.squeeze(value, 0);
  build.result(0, "Pad", {build.input(0), pads, value}, build.attributes({"mode"}));
  return llvm::Error::success();
}

/// grid_sample, whose modes have other names
llvm::Error upgradeGridSample(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string mode = build.text("mode", "bilinear");
  if (mode == "bilinear" || mode == "bicubic")
    mode = mode == "bilinear" ? "linear" : "cubic";
  SmallVector<onnx::AttributeProto> attributes = build.attributes({"align_corners", "padding_mode"});
  attributes.push_back(attr("mode", mode.c_str()));
  build.result(0, "GridSample", {build.input(0), build.input(1)}, attributes);
  return llvm::Error::success();
}

/// unfold_tensor {dim, size, step} (x): windows along a dim, whose elements are a new last dim
llvm::Error upgradeUnfoldTensor(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  int64_t rank = build.rank(0), dim = build.integer("dim", -1);
  int64_t size = build.integer("size", 0), step = build.integer("step", 1);
  dim += dim < 0 ? rank : 0;
  constexpr int64_t most = 1 << 24;
  if (dim < 0 || dim >= rank || size < 1 || step < 1 || size > most || step > most)
    return llvm::createStringError("expected a dim of the input, and size and step from 1 to 2^24");
  std::string room = build.sub(build.size(build.input(0), dim), build.ints(size));
  std::string count = build.add(build.op("Div", {room, build.ints(step)}), build.ints(1));
  std::string starts = build.unsqueeze(build.mul(build.range(count), build.ints(step)), 1);
  std::string places = build.add(starts, build.range(build.ints(size)));
  std::string windows = build.op("Gather", {build.input(0), places}, attr("axis", dim));
  SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, rank + 1));
  std::rotate(perm.begin() + dim + 1, perm.begin() + dim + 2, perm.end());
  build.result(0, "Transpose", windows, attr("perm", perm));
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Text generation
//===----------------------------------------------------------------------===//

/// n_gram_repeat_block {n} (ids, scores)  ->  the scores, -inf for each token that would repeat n tokens: those that
/// followed what the last n - 1 tokens are
llvm::Error upgradeNGramRepeatBlock(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  int64_t n = build.integer("ngram_size", 0);
  if (n < 1 || n > 64 || build.rank(0) != 2)
    return llvm::createStringError("expected ngram_size in [1, 64] and input_ids of rank 2");
  std::string ids = build.input(0), length = build.size(ids, 1);
  std::string next = build.slice(ids, build.ints(n - 1), length, 1);
  std::string blocked = build.op("Equal", {next, next});
  for (int64_t i = 0; i + 1 < n; ++i) {
    // Element i of every n tokens against element i of the last n - 1.
    std::string end = build.sub(length, build.ints(n - 1 - i));
    std::string each = build.slice(ids, build.ints(i), end, 1);
    std::string last = build.slice(ids, end, build.add(end, build.ints(1)), 1);
    blocked = build.op("And", {blocked, build.op("Equal", {each, last})});
  }
  Type element = build.element(1);
  float infinity = std::numeric_limits<float>::infinity();
  std::string update = build.where(blocked, build.scalar(-infinity, element), build.scalar(infinity, element));
  build.result(0, "ScatterElements", {build.input(1), next, update},
               {attr("axis", int64_t(1)), attr("reduction", "min")});
  return llvm::Error::success();
}

/// The tokens that go on from a source text, and where in the source their last ones end.
struct Bifurcation {
  NodeBuilder &build;
  std::string source, tokens, length; // the length is the source's

  /// The first place at which a vector of bools holds, or its length.
  std::string firstOf(const std::string &bools) {
    std::string numbers = build.concat({build.castTo(bools, onnx::TensorProto::INT64), build.ints(1)}, 0);
    return build.op("ArgMax", numbers, attr("axis", int64_t(0)));
  }

  /// Adds the predicted tokens up to the first that is not the source's.
  void appendPredicted() {
    std::string predicted = build.input(3), start = build.reshape(build.input(2), 1);
    std::string expected = build.slice(source, start, length, 0);
    std::string some = build.slice(predicted, build.ints(0), build.sub(build.size(predicted, 0), build.ints(1)), 0);
    std::string first = firstOf(build.op("Not", build.op("Equal", {some, expected})));
    tokens = build.concat({tokens, build.slice(predicted, build.ints(0), build.add(first, build.ints(1)), 0)}, 0);
  }

  /// Where in the source the last n tokens are.
  std::string matchesOf(int64_t n) {
    std::string none = build.ints(SmallVector<int64_t>(n, 0));
    std::string longer = build.concat({none, tokens}, 0), text = build.concat({source, none}, 0);
    std::string end = build.size(longer, 0);
    std::string last = build.slice(longer, build.sub(end, build.ints(n)), end, 0);
    std::string matches = build.op("LessOrEqual", {build.range(length), build.sub(length, build.ints(n))});
    for (int64_t i = 0; i < n; ++i) {
      std::string each = build.slice(text, build.ints(i), build.add(length, build.ints(i)), 0);
      std::string wanted = build.slice(last, build.ints(i), build.ints(i + 1), 0);
      matches = build.op("And", {matches, build.op("Equal", {each, wanted})});
    }
    return matches;
  }

  /// The end of the only match of the last n tokens, for growing n as long as there is one; -1 if there are several.
  std::string findSuffix(int64_t least, int64_t most) {
    std::string found = build.ints(-1), active;
    for (int64_t n = least; n <= most; ++n) {
      std::string matches = matchesOf(n), first = firstOf(matches);
      std::string count = build.op("ReduceSum", {build.castTo(matches, onnx::TensorProto::INT64), build.ints(0)});
      std::string isFound = build.op("And", {build.op("Less", {first, length}),
                                             build.op("GreaterOrEqual", {build.size(tokens, 0), build.ints(n)})});
      if (!active.empty())
        isFound = build.op("And", {isFound, active});
      std::string end = build.add(first, build.ints(n));
      std::string isLast = build.op("GreaterOrEqual", {end, length});
      std::string isOnly = build.op("Or", {isLast, build.op("Equal", {count, build.ints(1)})});
      found = build.where(isFound, build.where(isOnly, end, build.ints(-1)), found);
      active = build.op("And", {isFound, build.op("Not", isLast)});
    }
    return found;
  }
};

llvm::Error upgradeBifurcationDetector(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  int64_t least = build.integer("min_ngram_size", 1), most = build.integer("max_ngram_size", 3);
  if (least < 1 || most < least || most > 64)
    return llvm::createStringError("expected 1 <= min_ngram_size <= max_ngram_size <= 64");
  Bifurcation tokens{build, build.input(0), build.input(1), build.size(build.input(0), 0)};
  if (build.hasInput(3))
    tokens.appendPredicted();
  build.result(0, tokens.tokens);
  build.result(1, build.reshapeTo(tokens.findSuffix(least, most), build.op("Shape", build.input(2))));
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Fourier transforms
//===----------------------------------------------------------------------===//

llvm::Expected<int64_t> signalDims(const NodeBuilder &build) {
  int64_t dims = build.integer("signal_ndim", 1);
  if (llvm::Error error = build.expectInteger("normalized", 0))
    return error;
  if (llvm::Error error = build.expectInteger("onesided", 1))
    return error;
  if (dims < 1 || dims > 2)
    return llvm::createStringError("attribute 'signal_ndim': expected 1 or 2, got " + std::to_string(dims));
  return dims;
}

/// rfft {signal_ndim}: real numbers to the first half of their spectrum, complex numbers as pairs in a new last dim
llvm::Error upgradeRfft(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  llvm::Expected<int64_t> dims = signalDims(build);
  if (!dims)
    return dims.takeError();
  int64_t rank = build.rank(0);
  if (rank < *dims)
    return llvm::createStringError("expected an input of rank signal_ndim or more");
  std::string x = build.unsqueeze(build.input(0), rank);
  x = build.op("DFT", {x, "", build.integerScalar(-2)}, attr("onesided", int64_t(1)));
  if (*dims == 2)
    x = build.op("DFT", {x, "", build.integerScalar(-3)});
  build.result(0, "Identity", x);
  return llvm::Error::success();
}

/// irfft {signal_ndim}: its inverse, for signals of an even length
llvm::Error upgradeIrfft(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  llvm::Expected<int64_t> dims = signalDims(build);
  if (!dims)
    return dims.takeError();
  int64_t rank = build.rank(0);
  if (rank < *dims + 1)
    return llvm::createStringError("expected an input of rank signal_ndim + 1 or more");
  std::string x = build.input(0);
  if (*dims == 2) {
    // The inverse of a whole spectrum: the conjugate of the transform of the conjugate, divided by the length.
    std::string conjugate = build.cast(upgrade.floats("conjugate", {1, -1}), build.element(0));
    std::string length = build.cast(build.size(x, rank - 3), build.element(0));
    x = build.op("DFT", {build.mul(x, conjugate), "", build.integerScalar(-3)});
    x = build.op("Div", {build.mul(x, conjugate), length});
  }
  x = build.op("DFT", {x, "", build.integerScalar(-2)}, {attr("inverse", int64_t(1)), attr("onesided", int64_t(1))});
  build.result(0, build.squeeze(x, rank - 1));
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Experiments of ONNX
//===----------------------------------------------------------------------===//

/// alpha * x + beta
llvm::Error upgradeAffine(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  Type element = build.element(0);
  std::string scaled = build.mul(build.input(0), build.scalar(build.real("alpha", 1), element));
  build.result(0, "Add", {scaled, build.scalar(build.real("beta", 0), element)});
  return llvm::Error::success();
}
llvm::Error upgradeScale(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  build.result(0, "Mul", {build.input(0), build.scalar(build.real("scale", 1), build.element(0))});
  return llvm::Error::success();
}
/// alpha * op (beta * x)
llvm::Error upgradeScaled(Upgrade &upgrade, StringRef op) {
  NodeBuilder build(upgrade);
  for (StringRef name : {"alpha", "beta"})
    if (!upgrade.attribute(name))
      return llvm::createStringError("expected attributes alpha and beta");
  Type element = build.element(0);
  std::string inner = build.op(op, build.mul(build.input(0), build.scalar(build.real("beta", 1), element)));
  build.result(0, "Mul", {inner, build.scalar(build.real("alpha", 1), element)});
  return llvm::Error::success();
}
llvm::Error upgradeScaledTanh(Upgrade &upgrade) { return upgradeScaled(upgrade, "Tanh"); }
llvm::Error upgradeParametricSoftplus(Upgrade &upgrade) { return upgradeScaled(upgrade, "Softplus"); }

/// image_scaler {scale, bias} (x)  ->  scale * x + a bias for each channel
llvm::Error upgradeImageScaler(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  std::string y = build.mul(build.input(0), build.scalar(build.real("scale", 1), build.element(0)));
  if (const onnx::AttributeProto *found = upgrade.attribute("bias")) {
    ArrayRef<float> values(found->floats().data(), found->floats_size());
    std::string bias = build.cast(build.reshape(upgrade.floats("bias", values), {-1, 1, 1}), build.element(0));
    y = build.add(y, bias);
  }
  build.result(0, "Identity", y);
  return llvm::Error::success();
}

/// crop {border = [left, top, right, bottom]} (x)  ->  slice; with {scale = [height, width]}, of that size
llvm::Error upgradeCrop(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  ArrayRef<int64_t> border = upgrade.ints("border"), scale = upgrade.ints("scale");
  auto isSize = [](int64_t size) { return size >= 0 && size <= INT32_MAX; };
  if (border.size() != 4 || (upgrade.attribute("scale") && scale.size() != 2) || build.rank(0) != 4 ||
      !llvm::all_of(border, isSize) || !llvm::all_of(scale, isSize))
    return llvm::createStringError("expected an input of rank 4, border of 4 sizes and scale of 2");
  std::string y = build.input(0);
  for (int64_t i : {0, 1}) {
    int64_t axis = 2 + i, start = border[1 - i];
    std::string end = scale.empty() ? build.sub(build.size(build.input(0), axis), build.ints(border[3 - i]))
                                    : build.ints(start + scale[i]);
    y = build.slice(y, build.ints(start), end, axis);
  }
  build.result(0, "Identity", y);
  return llvm::Error::success();
}

} // namespace

ArrayRef<ContribEntry> movementHooks() {
  static constexpr ContribEntry entries[] = {
      {"Trilu", upgradeToOnnx, "X:n k?:i64"},
      {"GatherND", upgradeToOnnx, "data:n indices:i"},
      {"SampleOp", upgradeSampleOp, "X:n"},
      {"Unique", upgradeUnique, "x:n[_]"},
      {"ExpandDims", upgradeExpandDims, "X:n axis:i32()"},
      {"Range", upgradeRange, "start:T() limit:T() delta?:T()"},
      {"Pad", upgradePad, "data:T/f pads:i64 value?:T()"},
      {"GridSample", upgradeGridSample, "X:T/f[b,_,_,_] Grid:T[b,_,_,2]"},
      {"UnfoldTensor", upgradeUnfoldTensor, "@size input:n"},
      {"NGramRepeatBlock", upgradeNGramRepeatBlock, "@ngram_size input_ids:i64[b,_] scores:f[b,_]"},
      {"BifurcationDetector", upgradeBifurcationDetector,
       "src_tokens:i64[_] cur_tokens:i64[_] prev_suffix_match_idx:i64() pred_tokens?:i64[_]"},
      {"Rfft", upgradeRfft, "X:T/f"},
      {"Irfft", upgradeIrfft, "X:T/f[...,2]"},
  };
  return entries;
}

ArrayRef<ContribEntry> experimentalHooks() {
  static constexpr ContribEntry entries[] = {
      {"Affine", upgradeAffine, "X:f"},          {"Scale", upgradeScale, "X:f"},
      {"ScaledTanh", upgradeScaledTanh, "X:f"},  {"ParametricSoftplus", upgradeParametricSoftplus, "X:f"},
      {"ThresholdedRelu", upgradeToOnnx, "X:f"}, {"ImageScaler", upgradeImageScaler, "X:f[_,_,_,_]"},
      {"Crop", upgradeCrop, "X:n[_,_,_,_]"},
  };
  return entries;
}

} // namespace fsc
