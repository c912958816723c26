//===- SeparateResults.cpp - A kernel for each result of the model --------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// return %x, %x  ->  return %x, kernel {identity(%x)}
//
// Each result has a buffer of the caller's, so each must be what a kernel or a
// routine writes, and no two the same. The same, with kernels alone, is true of what a branch yields, and of
// what a loop carries from one iteration to the next: the initial value, which the
// loop overwrites, and what the body yields, unless it carries on what it
// has. Nothing may merge equal kernels afterwards.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Control.h"
#include "dialects/fsc/ops/Elementwise.h"
#include "dialects/fsc/ops/Kernel.h"
#include "passes/fusion/Fusion.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace fsc {
#define GEN_PASS_DEF_SEPARATERESULTS
#include "passes/fusion/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

struct SeparateResults : impl::SeparateResultsBase<SeparateResults> {
  void runOnOperation() override {
    llvm::SmallPtrSet<Value, 8> returned;
    for (OpOperand &operand : getOperation().front().getTerminator()->getOpOperands())
      separate(operand, operand.get().getType(), returned);
    getOperation().walk([&](Operation *op) {
      if (auto branch = dyn_cast<IfOp>(op))
        for (Region &region : branch->getRegions())
          separateYield(branch, region);
      if (auto loop = dyn_cast<LoopOp>(op))
        separateCarried(loop);
    });
  }

  void separateYield(IfOp branch, Region &region) {
    llvm::SmallPtrSet<Value, 8> seen;
    for (auto [result, operand] : llvm::zip_equal(branch.getResults(), region.front().getTerminator()->getOpOperands()))
      separate(operand, result.getType(), seen);
  }

  void separateCarried(LoopOp loop) {
    llvm::SmallPtrSet<Value, 8> seen;
    Block::BlockArgListType arguments = loop.getCarriedArguments();
    for (auto [argument, operand] : llvm::zip(arguments, loop.getYield()->getOpOperands().drop_front(1)))
      if (operand.get() != argument)
        separate(operand, argument.getType(), seen);
    seen.clear();
    for (auto [argument, operand] : llvm::zip_equal(arguments, loop.getCarriedMutable())) {
      if (!operand.get().hasOneUse())
        seen.insert(operand.get());
      separate(operand, argument.getType(), seen);
    }
  }

  /// Makes the operand the result, of this type, of a kernel beside its user; one that was not `seen`. The caller's
  /// buffers may be written by a routine, too.
  void separate(OpOperand &operand, Type wanted, llvm::SmallPtrSetImpl<Value> &seen) {
    Value value = operand.get();
    Operation *producer = value.getDefiningOp(), *user = operand.getOwner();
    bool writes = producer && (isa<KernelOp>(producer) || (isRoutine(producer) && isa<func::ReturnOp>(user)));
    if (writes && producer->getBlock() == user->getBlock() && value.getType() == wanted && seen.insert(value).second)
      return;
    OpBuilder builder(operand.getOwner());
    Location loc = value.getLoc();
    auto type = cast<RankedTensorType>(wanted);
    SmallVector<Value> sizes;
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      if (type.isDynamicDim(axis))
        sizes.push_back(builder.createOrFold<tensor::DimOp>(loc, value, axis));
    Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(), type.getElementType(), sizes);
    auto identity = IdentityOp::create(builder, loc, type, value);
    operand.set(identity);
    wrapInKernel(builder, cast<FscOpInterface>(identity.getOperation()), empty);
    ++numCopies;
  }
};

} // namespace
} // namespace fsc
