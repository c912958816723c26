//===- ChannelsLast.cpp - Channels last for convolutions and pools --------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// op(x)  ->  transpose(op(transpose(x)) {channels_last}), for every op that has
// the attribute. That the transposes then mostly cancel is the work of
// fsc-sink-transposes; docs/decisions/channels-last.md says why it is done so.
//
//===----------------------------------------------------------------------===//

#include "passes/layout/Layout.h"

namespace fsc {
#define GEN_PASS_DEF_CHANNELSLAST
#include "passes/layout/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

/// Whether the op can have its channels first or last, and has them first.
bool hasChannelsFirst(Operation &op) {
  bool knows = llvm::any_of(op.getName().getAttributeNames(), [](StringAttr name) { return name == "channels_last"; });
  auto flag = op.getAttrOfType<BoolAttr>("channels_last");
  return knows && !(flag && flag.getValue());
}

/// Why the op stays as it is, or nothing.
const char *refuse(Operation *op) {
  auto type = cast<RankedTensorType>(op->getOperand(0).getType());
  if (type.getRank() != 3 && type.getRank() != 4)
    return "the op has neither one nor two spatial dims";
  if (!type.getElementType().isF32())
    return "the elements are not f32";
  if (op->getNumResults() != 1)
    return "the op gives indices as well";
  return nullptr;
}

struct ChannelsLast : impl::ChannelsLastBase<ChannelsLast> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (hasChannelsFirst(*op) && !refuse(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      rewrite(op);
  }

  void rewrite(Operation *op) {
    OpBuilder builder(op);
    Location loc = op->getLoc();
    int64_t rank = cast<RankedTensorType>(op->getOperand(0).getType()).getRank();
    SmallVector<int64_t> toLast = {0}, toFirst = {0, rank - 1};
    for (int64_t axis = 2; axis < rank; ++axis)
      toLast.push_back(axis);
    toLast.push_back(1);
    for (int64_t axis = 1; axis + 1 < rank; ++axis)
      toFirst.push_back(axis);
    Value x = transpose(builder, loc, op->getOperand(0), toLast);
    Operation *last = builder.clone(*op);
    last->setOperand(0, x);
    last->setAttr("channels_last", builder.getBoolAttr(true));
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    last->getResult(0).setType(type.clone(permute(type.getShape(), toLast)));
    op->getResult(0).replaceAllUsesWith(transpose(builder, loc, last->getResult(0), toFirst));
    op->erase();
    ++numRewritten;
  }
};

} // namespace
} // namespace fsc
