//===- TileKernel.cpp - Fuse a kernel's linalg ops, spread them over tasks ===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles the linalg op whose result is the kernel's, by the schedule's tile
// sizes, and computes its producers inside the tile. A kernel with several results, or
// without a schedule, stays one task.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/SmallBitVector.h"

namespace fsc {
#define GEN_PASS_DEF_TILEKERNEL
#include "passes/lowering/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

/// The op that computes the kernel's only result, or null.
linalg::LinalgOp resultOp(func::FuncOp function) {
  linalg::LinalgOp root;
  unsigned results = 0;
  for (auto materialize : function.front().getOps<bufferization::MaterializeInDestinationOp>()) {
    ++results;
    root = materialize.getSource().getDefiningOp<linalg::LinalgOp>();
  }
  return results == 1 ? root : nullptr;
}

/// The loops of `root` along which a reduction that it reads from is the same: split there, the reduction would be
/// computed again for every tile. `loops` are the root's for those of `op`, or -1.
void findShared(linalg::LinalgOp op, ArrayRef<int64_t> loops, llvm::SmallBitVector &shared) {
  for (OpOperand *operand : op.getDpsInputOperands()) {
    auto producer = operand->get().getDefiningOp<linalg::LinalgOp>();
    if (!producer)
      continue;
    AffineMap read = op.getMatchingIndexingMap(operand);
    AffineMap written = producer.getMatchingIndexingMap(producer.getDpsInitOperand(0));
    if (!read.isProjectedPermutation() || !written.isProjectedPermutation())
      continue;
    SmallVector<int64_t> own(producer.getNumLoops(), -1);
    for (auto [from, to] : llvm::zip_equal(read.getResults(), written.getResults()))
      own[cast<AffineDimExpr>(to).getPosition()] = loops[cast<AffineDimExpr>(from).getPosition()];
    if (producer.getNumReductionLoops() > 0)
      for (unsigned loop = 0; loop < shared.size(); ++loop)
        if (!llvm::is_contained(own, int64_t(loop)))
          shared.set(loop);
    findShared(producer, own, shared);
  }
}

bool containsCheck(Operation *op) {
  return op->walk([](CheckOp) { return WalkResult::interrupt(); }).wasInterrupted();
}

struct TileKernel : impl::TileKernelBase<TileKernel> {
  void runOnOperation() override {
    auto schedule = getOperation()->getAttrOfType<ScheduleAttr>(kScheduleAttr);
    if (!schedule)
      return;
    if (llvm::any_of(schedule.getTile(), [](int64_t size) { return size < 0; })) {
      getOperation().emitError("internal: expected a schedule with sizes of at least 0, got ") << schedule;
      return signalPassFailure();
    }
    if (failed(fuseElementwise()))
      return signalPassFailure();
    linalg::LinalgOp root = resultOp(getOperation());
    if (root && !schedule.getTile().empty() && failed(tile(root, schedule.getTile())))
      return signalPassFailure();
  }

  LogicalResult fuseElementwise() {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *operand) {
      Operation *producer = operand->get().getDefiningOp();
      // A check would stay behind in the producer, which then computes nothing.
      return producer && producer->hasOneUse() && !containsCheck(producer);
    });
    linalg::populateConstantFoldLinalgOperations(patterns, [](OpOperand *) { return true; });
    linalg::GenericOp::getCanonicalizationPatterns(patterns, &getContext());
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  LogicalResult tile(linalg::LinalgOp root, ArrayRef<int64_t> sizes) {
    IRRewriter rewriter(&getContext());
    rewriter.setInsertionPoint(root);
    llvm::SmallBitVector shared(root.getNumLoops());
    findShared(root, llvm::to_vector(llvm::seq<int64_t>(0, root.getNumLoops())), shared);
    SmallVector<OpFoldResult> tileSizes;
    for (auto [axis, iterator] : llvm::enumerate(root.getIteratorTypesArray())) {
      bool tiled = axis < sizes.size() && iterator == utils::IteratorType::parallel && !shared.test(axis);
      tileSizes.push_back(rewriter.getIndexAttr(tiled ? sizes[axis] : 0));
    }
    // There is nothing to split where a dim has no element.
    if (llvm::all_of(tileSizes, isZeroInteger) || llvm::is_contained(root.getStaticLoopRanges(), 0))
      return success();
    scf::SCFTileAndFuseOptions options;
    options.tilingOptions.setTileSizes(tileSizes);
    options.tilingOptions.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
    FailureOr<scf::SCFTileAndFuseResult> tiled =
        scf::tileConsumerAndFuseProducersUsingSCF(rewriter, cast<TilingInterface>(root.getOperation()), options);
    if (failed(tiled))
      return root.emitError("internal: the kernel could not be tiled");
    for (auto [from, to] : tiled->replacements)
      rewriter.replaceAllUsesWith(from, to);
    return success();
  }
};

} // namespace
} // namespace fsc
