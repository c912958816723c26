//===- ContribBlocked.cpp - Images with their channels in blocks ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators of com.microsoft.nchwc, which ONNX Runtime's last optimizations leave.
// Between a ReorderInput and a ReorderOutput an image is [batch, channels / block,
// sizes, block], under the dims [batch, channels, sizes]. Nothing there depends on the
// order in memory, so here it is an image with its channels first; only the filters
// are constants in the order of the blocks and are put back.
//
// The file does not say how large a block is: some models tell by their channels
// (ChannelBlocks.h), for others it is an option. Refuses what depends on it where
// neither says, and channels that are no multiple of it.
//
//===----------------------------------------------------------------------===//

#include "compiler/Diagnostics.h"
#include "compiler/import/onnx/ContribHooks.h"
#include "compiler/import/onnx/ContribLayouts.h"
#include "compiler/import/onnx/ContribProducts.h"

using namespace mlir;

namespace fsc {
namespace {

/// How many channels a block has.
llvm::Expected<int64_t> blockSize(const NodeBuilder &build) {
  if (int64_t block = build.upgrade.channelBlock)
    return block;
  return llvm::createStringError("expected to know how many channels a block has, which this model does not tell: give "
                                 "--nchwc-block=16 if it was optimized on a machine with AVX-512 or NEON, else 8");
}

llvm::Error refuseChannels(int64_t channels, int64_t block) {
  return llvm::createStringError("expected a multiple of " + std::to_string(block) + " channels, got " +
                                 std::to_string(channels));
}

/// reorder_input (x)  ->  x with zero channels behind its own, to whole blocks
llvm::Error upgradeReorderInput(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  bool last = build.integer("channels_last", 0);
  int64_t rank = build.rank(0);
  if (rank < 3)
    return llvm::createStringError("expected an input of rank 3 or more");
  int64_t channels = build.staticSize(0, last ? rank - 1 : 1);
  if (ShapedType::isDynamic(channels))
    return codedError(Code::unknownSize, "expected a known number of channels");
  std::string x = last ? channelsFirst(build, build.input(0), rank) : build.input(0);
  constexpr int64_t largestBlock = 16;
  if (channels % largestBlock != 0) {
    llvm::Expected<int64_t> block = blockSize(build);
    if (!block)
      return block.takeError();
    if (int64_t rest = channels % *block; rest != 0) {
      SmallVector<int64_t> pads(2 * rank, 0);
      pads[rank + 1] = *block - rest;
      x = build.op("Pad", {x, build.ints(pads)});
    }
  }
  build.result(0, x);
  return llvm::Error::success();
}

/// reorder_output {channels} (x)  ->  the first channels of x
llvm::Error upgradeReorderOutput(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  int64_t rank = build.rank(0), channels = build.integer("channels", 0);
  if (rank < 3 || channels < 1)
    return llvm::createStringError("expected an input of rank 3 or more, and channels");
  std::string x = build.slice(build.input(0), build.ints(0), build.ints(channels), 1);
  build.result(0, build.integer("channels_last", 0) ? channelsLast(build, x, rank) : x);
  return llvm::Error::success();
}

/// The filters [out / block, in / block, sizes, block of in, block of out] as [out, in, sizes]. Where each output has
/// its own input, or the input is an image of few channels that has no blocks, there is no block of in.
llvm::Expected<std::string> filters(NodeBuilder &build) {
  int64_t rank = build.rank(1), group = build.integer("group", 1);
  if (rank < 3 || !build.type(1).hasStaticShape())
    return codedError(Code::unknownSize, "expected filters of known sizes");
  ArrayRef<int64_t> dims = build.type(1).getShape();
  int64_t out = dims[0], in = dims[1];
  llvm::Expected<int64_t> size = blockSize(build);
  if (!size)
    return size.takeError();
  int64_t block = *size;
  if (out % block != 0)
    return refuseChannels(out, block);
  bool blocksInputs = group == 1 ? in >= block : in > 1;
  if (blocksInputs && in % block != 0)
    return refuseChannels(in, block);
  int64_t inBlock = blocksInputs ? block : 1, spatial = rank - 2;
  SmallVector<int64_t> blocked = {out / block, in / inBlock};
  SmallVector<int64_t> perm = {0, spatial + 3, 1, spatial + 2};
  for (int64_t axis = 0; axis < spatial; ++axis) {
    blocked.push_back(dims[2 + axis]);
    perm.push_back(2 + axis);
  }
  blocked.append({inBlock, block});
  return build.reshape(build.transpose(build.reshape(build.input(1), blocked), perm), dims);
}

/// conv {activation} (x, w, b, sum)  ->  activation (conv (x, w, b) + sum)
llvm::Error upgradeBlockedConv(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  llvm::Expected<std::string> w = filters(build);
  if (!w)
    return w.takeError();
  std::string x = build.op("Conv", {build.input(0), *w, build.input(2)}, build.attributes(convAttributes));
  if (build.hasInput(3))
    x = build.add(x, build.input(3));
  return resultOfActivation(build, x);
}

/// op  ->  the operator of ONNX that has its name
llvm::Error upgradePool(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  upgrade.addCopy().clear_domain();
  return llvm::Error::success();
}

/// upsample {scales, mode} (x)  ->  resize
llvm::Error upgradeBlockedUpsample(Upgrade &upgrade) {
  NodeBuilder build(upgrade);
  ArrayRef<int64_t> scales = upgrade.ints("scales");
  if (int64_t(scales.size()) != build.rank(0))
    return llvm::createStringError("attribute 'scales': expected one for each dim");
  SmallVector<float> factors(scales.begin(), scales.end());
  SmallVector<onnx::AttributeProto> attributes = build.attributes({"mode"});
  std::string transformation = build.text("coordinate_transformation_mode", "asymmetric");
  attributes.push_back(attr("coordinate_transformation_mode", transformation.c_str()));
  attributes.push_back(attr("nearest_mode", "floor"));
  build.result(0, "Resize", {build.input(0), "", upgrade.floats("scales", factors)}, attributes);
  return llvm::Error::success();
}

} // namespace

ArrayRef<ContribEntry> blockedHooks() {
  static constexpr ContribEntry entries[] = {
      {"ReorderInput", upgradeReorderInput, "X:n"},
      {"ReorderOutput", upgradeReorderOutput, "@channels X:n"},
      {"Conv", upgradeBlockedConv, "X:T/f W:T B?:T[_] Sum?:T"},
      {"MaxPool", upgradePool, "X:n"},
      {"AveragePool", upgradePool, "X:n"},
      {"GlobalMaxPool", upgradePool, "X:n"},
      {"GlobalAveragePool", upgradePool, "X:n"},
      {"Upsample", upgradeBlockedUpsample, "X:n"},
  };
  return entries;
}

} // namespace fsc
