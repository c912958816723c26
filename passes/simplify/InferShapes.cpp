//===- InferShapes.cpp - The most that is known of every size -------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

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
    for (Operation &op : getOperation().front().without_terminator()) {
      auto interface = dyn_cast<FscOpInterface>(op);
      if (!interface)
        continue;
      SmallVector<Type> known(op.getResultTypes());
      if (failed(refineResultTypes(&op, known)))
        return signalPassFailure();
      numRefined += llvm::count_if(llvm::zip(known, op.getResultTypes()),
                                   [](auto pair) { return std::get<0>(pair) != std::get<1>(pair); });
    }
    updateSignature(getOperation());
  }
};

struct FoldShapes : impl::FoldShapesBase<FoldShapes> {
  void runOnOperation() override {
    ShapeBuilder shapes(getOperation().getLoc());
    for (Operation &op : llvm::make_early_inc_range(getOperation().front().without_terminator())) {
      if (!isa<FscOpInterface>(op) || op.getNumResults() != 1 || isa<ConstantOp>(op))
        continue;
      auto values = shapes.constants(op.getResult(0));
      if (!values)
        continue;
      auto type = cast<RankedTensorType>(op.getResult(0).getType());
      SmallVector<Attribute> elements;
      for (int64_t value : *values)
        elements.push_back(IntegerAttr::get(
            type.getElementType(), APInt(64, uint64_t(value), true).sextOrTrunc(type.getElementTypeBitWidth())));
      OpBuilder builder(&op);
      auto constant = ConstantOp::create(builder, op.getLoc(), type, DenseElementsAttr::get(type, elements));
      op.getResult(0).replaceAllUsesWith(constant.getResult());
      op.erase();
      ++numFolded;
    }
  }
};

} // namespace
} // namespace fsc
