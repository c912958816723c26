//===- InferShapes.cpp - The most that is known of every size -------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Control.h"
#include "dialects/fsc/ops/Kernel.h"
#include "passes/simplify/Simplify.h"

#include "mlir/Transforms/Passes.h"

namespace fsc {
#define GEN_PASS_DEF_INFERSHAPES
#define GEN_PASS_DEF_FOLDSHAPES
#include "passes/simplify/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

void addShapePasses(OpPassManager &function) {
  function.addPass(createInferShapes());
  function.addPass(createFoldShapes());
  function.addPass(createCanonicalizerPass());
}

void addRewritePasses(OpPassManager &function) {
  function.addPass(createConvolveTransposed());
  function.addPass(createFoldBatchNorm());
  function.addPass(createCSEPass());
}

namespace {

/// The signature's result types are those of what is returned.
void updateSignature(func::FuncOp function) {
  auto returned = cast<func::ReturnOp>(function.front().getTerminator());
  function.setType(
      FunctionType::get(function.getContext(), function.front().getArgumentTypes(), returned.getOperandTypes()));
}

struct InferShapes : impl::InferShapesBase<InferShapes> {
  void runOnOperation() override {
    if (failed(refine(getOperation().front())))
      return signalPassFailure();
    updateSignature(getOperation());
  }

  LogicalResult refine(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
      SmallVector<Type> known(op.getResultTypes());
      if (failed(refine(&op)))
        return failure();
      if (auto branch = dyn_cast<IfOp>(op); branch && takeKnownBranch(branch))
        continue;
      numRefined += llvm::count_if(llvm::zip(known, op.getResultTypes()),
                                   [](auto pair) { return std::get<0>(pair) != std::get<1>(pair); });
    }
    return success();
  }

  LogicalResult refine(Operation *op) {
    if (isa<FscOpInterface>(op))
      return refineResultTypes(op, SmallVector<Type>(op->getResultTypes()));
    if (!isa<IfOp, LoopOp>(op))
      return success();
    for (Region &region : op->getRegions())
      if (failed(refine(region.front())))
        return failure();
    // A loop's carried values keep their types, which hold for all iterations.
    if (auto loop = dyn_cast<LoopOp>(op))
      loop.refineResults();
    else if (failed(cast<IfOp>(op).refineResults()))
      return op->emitOpError("expected branches that give tensors of the same rank and element type");
    return success();
  }

  /// if(constant) {a} else {b}  ->  a or b
  bool takeKnownBranch(IfOp op) {
    auto known = ShapeBuilder(op.getLoc()).constants(op.getCondition());
    if (!known)
      return false;
    Block &branch = (known->front() ? op.getThenRegion() : op.getElseRegion()).front();
    Operation *yield = branch.getTerminator();
    op->replaceAllUsesWith(yield->getOperands());
    yield->erase();
    op->getBlock()->getOperations().splice(op->getIterator(), branch.getOperations());
    op->erase();
    ++numBranches;
    return true;
  }
};

struct FoldShapes : impl::FoldShapesBase<FoldShapes> {
  void runOnOperation() override {
    ShapeBuilder shapes(getOperation().getLoc());
    getOperation().walk([&](FscOpInterface op) {
      if (op->getNumResults() != 1)
        return;
      auto values = shapes.constants(op->getResult(0));
      if (!values)
        return;
      auto type = cast<RankedTensorType>(op->getResult(0).getType());
      SmallVector<Attribute> elements;
      for (int64_t value : *values)
        elements.push_back(IntegerAttr::get(
            type.getElementType(), APInt(64, uint64_t(value), true).sextOrTrunc(type.getElementTypeBitWidth())));
      OpBuilder builder(op);
      auto constant = ConstantOp::create(builder, op.getLoc(), type, DenseElementsAttr::get(type, elements));
      op->getResult(0).replaceAllUsesWith(constant.getResult());
      op->erase();
      ++numFolded;
    });
  }
};

} // namespace
} // namespace fsc
