//===- ContribLayouts.cpp - Images with their channels elsewhere ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators of com.microsoft whose images have their channels last, as the operators
// of ONNX between two transposes, which the compiler's own layout takes up again.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ContribLayouts.h"
#include "compiler/import/onnx/ContribHooks.h"
#include "compiler/import/onnx/ContribProducts.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace fsc {

std::string channelsFirst(NodeBuilder &build, const std::string &x, int64_t rank) {
  SmallVector<int64_t> perm = {0, rank - 1};
  for (int64_t axis = 1; axis + 1 < rank; ++axis)
    perm.push_back(axis);
  return build.transpose(x, perm);
}

std::string channelsLast(NodeBuilder &build, const std::string &x, int64_t rank) {
  SmallVector<int64_t> perm = {0};
  for (int64_t axis = 2; axis < rank; ++axis)
    perm.push_back(axis);
  perm.push_back(1);
  return build.transpose(x, perm);
}

namespace {

llvm::Error expectImage(const NodeBuilder &build) {
  if (build.rank(0) >= 3)
    return llvm::Error::success();
  return llvm::createStringError("expected an input of rank 3 or more");
}

/// nhwc_fused_conv {activation} (x, w, b, z)  ->  activation (conv (x, w, b) + z)
llvm::Error upgradeNhwcConv(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = expectImage(build))
    return error;
  int64_t rank = build.rank(0);
  std::string x = channelsFirst(build, build.input(0), rank);
  x = build.op("Conv", {x, build.input(1), build.input(2)}, build.attributes(convAttributes));
  x = channelsLast(build, x, rank);
  if (build.hasInput(3))
    x = build.add(x, build.input(3));
  return resultOfActivation(build, x);
}

llvm::Error upgradeNhwcMaxPool(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = expectImage(build))
    return error;
  int64_t rank = build.rank(0);
  std::string x = build.op("MaxPool", channelsFirst(build, build.input(0), rank),
                           build.attributes({"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "strides"}));
  build.result(0, channelsLast(build, x, rank));
  return llvm::Error::success();
}

/// group_norm {groups, activation} (x, gamma, beta)  ->  silu (group_normalization (x, gamma, beta)), in float
llvm::Error normalizeGroups(NodeBuilder &build, std::string x) {
  int64_t rank = build.rank(0), activation = build.integer("activation", 0);
  bool last = build.integer("channels_last", 1);
  if (activation != 0 && activation != 1)
    return llvm::createStringError("attribute 'activation': expected 0 or 1, got " + std::to_string(activation));
  if (build.integer("groups", 0) < 1)
    return llvm::createStringError("attribute 'groups': expected at least 1");
  x = build.castTo(x, onnx::TensorProto::FLOAT);
  if (last)
    x = channelsFirst(build, x, rank);
  auto wide = [&](int index) { return build.castTo(build.input(index), onnx::TensorProto::FLOAT); };
  x = build.op("GroupNormalization", {x, wide(1), wide(2)},
               {attr("epsilon", build.real("epsilon", 1e-5f)), attr("num_groups", build.integer("groups", 0))});
  if (activation == 1)
    x = build.op("Swish", x);
  if (last)
    x = channelsLast(build, x, rank);
  build.result(0, build.cast(x, build.element(0)));
  return llvm::Error::success();
}

llvm::Error upgradeGroupNorm(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = expectImage(build))
    return error;
  return normalizeGroups(build, build.input(0));
}

/// skip_group_norm (x, gamma, beta, skip, bias)  ->  group_norm (x + skip + bias, gamma, beta)
llvm::Error upgradeSkipGroupNorm(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  if (llvm::Error error = expectImage(build))
    return error;
  if (llvm::Error error = build.expectInteger("channels_last", 1))
    return error;
  std::string skip = build.input(3);
  if (build.rank(3) == 2)
    skip = build.unsqueeze(skip, {1, 2});
  std::string total = build.add(build.input(0), skip);
  if (build.hasInput(4))
    total = build.add(total, build.input(4));
  build.result(1, total);
  return normalizeGroups(build, total);
}

} // namespace

ArrayRef<ContribEntry> channelsLastHooks() {
  static constexpr ContribEntry entries[] = {
      {"NhwcConv", upgradeNhwcConv, "X:T/f W:T B?:T[_]"},
      {"NhwcFusedConv", upgradeNhwcConv, "X:T/f W:T B?:T[_] Z?:T"},
      {"NhwcMaxPool", upgradeNhwcMaxPool, "@kernel_shape x:n"},
      {"GroupNorm", upgradeGroupNorm, "@groups @activation X:f[...,_] gamma:G/f[c] beta:G[c]"},
      {"SkipGroupNorm", upgradeSkipGroupNorm,
       "@groups @activation X:T/f[b,h,w,c] gamma:G/f[c] beta:G[c] skip:T bias?:T[c]"},
  };
  return entries;
}

} // namespace fsc
