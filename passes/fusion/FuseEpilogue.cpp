//===- FuseEpilogue.cpp - Elementwise ops join the kernels around them ----===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// kernel {elementwise}(kernel {anchor}(x), y)  ->  kernel {anchor, elementwise}(x, y)
//
// iff the inner kernel's result has no other use, is not broadcast, and at most
// one of the two has an op that is not elementwise.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Kernel.h"
#include "passes/fusion/Fusion.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace fsc {
#define GEN_PASS_DEF_FUSEEPILOGUE
#include "passes/fusion/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

KernelOp mergeKernels(KernelOp producer, KernelOp consumer) {
  SmallVector<Value> inputs(producer.getInputs());
  for (Value input : consumer.getInputs())
    if (input.getDefiningOp() != producer && !llvm::is_contained(inputs, input))
      inputs.push_back(input);
  Anchor anchor = consumer.getAnchor() == Anchor::pointwise ? producer.getAnchor() : consumer.getAnchor();
  OpBuilder builder(consumer);
  Location loc = builder.getFusedLoc({producer.getLoc(), consumer.getLoc()});
  auto merged =
      KernelOp::create(builder, loc, consumer.getResultTypes(), inputs, consumer.getInits(), anchor, nullptr, nullptr);
  Block *block = builder.createBlock(&merged.getBody());
  IRMapping outer, mapping;
  for (Value input : inputs)
    outer.map(input, block->addArgument(input.getType(), input.getLoc()));
  for (Value init : consumer.getInits())
    block->addArgument(init.getType(), init.getLoc());
  builder.setInsertionPointToStart(block);
  auto inlineBody = [&](KernelOp kernel) -> SmallVector<Value> {
    Block &body = kernel.getBlock();
    unsigned numInputs = kernel.getInputs().size();
    for (auto [input, argument] : llvm::zip(kernel.getInputs(), body.getArguments().take_front(numInputs)))
      mapping.map(argument, outer.lookup(input));
    for (auto [init, argument] : llvm::zip(kernel.getInits(), body.getArguments().drop_front(numInputs)))
      mapping.map(argument, block->getArgument(inputs.size()));
    for (Operation &op : body.without_terminator())
      builder.clone(op, mapping);
    return llvm::map_to_vector(body.getTerminator()->getOperands(), [&](Value v) { return mapping.lookup(v); });
  };
  outer.map(producer.getResult(0), inlineBody(producer)[0]);
  YieldOp::create(builder, loc, inlineBody(consumer));
  consumer->replaceAllUsesWith(merged->getResults());
  consumer.erase();
  producer.erase();
  return merged;
}

/// Whether the value's sizes are certainly those of the kernel's result.
static bool hasSameSizes(KernelOp producer, KernelOp consumer) {
  if (producer.getResult(0).getType() != consumer.getResult(0).getType())
    return false;
  auto sizes = [](KernelOp kernel) { return kernel.getInits()[0].getDefiningOp<tensor::EmptyOp>(); };
  auto from = sizes(producer), to = sizes(consumer);
  return from && to && from.getDynamicSizes() == to.getDynamicSizes();
}

/// Why the producer cannot join the consumer, or nothing if it can.
static const char *refuse(KernelOp producer, KernelOp consumer) {
  if (producer->getBlock() != consumer->getBlock())
    return "the value comes from around the branch or loop";
  if (producer->getNumResults() != 1 || consumer->getNumResults() != 1)
    return "a kernel has several results";
  if (producer.getAnchor() != Anchor::pointwise && consumer.getAnchor() != Anchor::pointwise)
    return "both kernels have an anchor";
  if (!llvm::all_of(producer->getUsers(), [&](Operation *user) { return user == consumer.getOperation(); }))
    return "the value has other users";
  if (llvm::is_contained(consumer.getInits(), producer.getResult(0)))
    return "the value is a destination";
  if (!hasSameSizes(producer, consumer))
    return "the value is broadcast";
  // Inside the consumer, only elementwise ops may read the value.
  for (auto [input, argument] : llvm::zip(consumer.getInputs(), consumer.getBlock().getArguments()))
    if (input == producer.getResult(0))
      for (Operation *user : argument.getUsers())
        if (!isa<ElementwiseOpInterface>(user))
          return "the consumer's anchor reads the value";
  // An anchor that is lowered by more than one pass over its operands would compute the producer each time, but
  // elementwise ops that are not ElementwiseOpInterface index their operands themselves.
  for (Operation &op : consumer.getBlock().without_terminator())
    if (consumer.getAnchor() == Anchor::pointwise && !isa<ElementwiseOpInterface, ConstantOp>(op))
      return "the consumer indexes its operands itself";
  return nullptr;
}

namespace {

struct FuseEpilogue : impl::FuseEpilogueBase<FuseEpilogue> {
  void runOnOperation() override {
    // Equal sizes must be equal values to be seen as such.
    IRRewriter rewriter(&getContext());
    RewritePatternSet patterns(&getContext());
    tensor::DimOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    DominanceInfo dominance(getOperation());
    eliminateCommonSubExpressions(rewriter, dominance, getOperation());

    SmallVector<KernelOp> kernels;
    getOperation().walk([&](KernelOp kernel) { kernels.push_back(kernel); });
    for (KernelOp kernel : kernels)
      absorbProducers(kernel);
  }

  void absorbProducers(KernelOp kernel) {
    bool changed = true;
    while (changed) {
      changed = false;
      // The producer that was computed last first: it is the one most likely still in cache.
      SmallVector<Value> inputs(kernel.getInputs());
      for (Value input : llvm::reverse(inputs)) {
        auto producer = input.getDefiningOp<KernelOp>();
        if (!producer || refuse(producer, kernel))
          continue;
        kernel = mergeKernels(producer, kernel);
        ++numFused;
        changed = true;
        break;
      }
    }
  }
};

} // namespace
} // namespace fsc
