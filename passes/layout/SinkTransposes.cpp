//===- SinkTransposes.cpp - Transposes move towards the results -----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// op(transpose(x, perm), …)  ->  transpose(op(x, …), perm)
//
// What the other operands need is decided by `Operands`. It refuses if the graph
// would get more transposes.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Kernel.h"
#include "dialects/fsc/ops/Movement.h"
#include "dialects/fsc/ops/Normalization.h"
#include "dialects/fsc/ops/Reduction.h"
#include "passes/layout/Layout.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace fsc {
#define GEN_PASS_DEF_SINKTRANSPOSES
#include "passes/layout/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

bool movesOnlyUnits(ArrayRef<int64_t> shape, ArrayRef<int64_t> perm) {
  int64_t last = -1;
  for (int64_t from : perm) {
    if (shape[from] == 1)
      continue;
    if (from < last)
      return false;
    last = from;
  }
  return true;
}

/// Whether transposing a tensor of this type is but a reshape, whose one dynamic size is what is left over.
bool isReshape(RankedTensorType type, ArrayRef<int64_t> perm) {
  return type.getNumDynamicDims() <= 1 && movesOnlyUnits(type.getShape(), perm);
}

//===----------------------------------------------------------------------===//
// Transposes alone
//===----------------------------------------------------------------------===//

/// transpose(transpose(x, p), q)  ->  transpose(x, p q), or x
struct Compose : OpRewritePattern<TransposeOp> {
  Compose(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getData().getDefiningOp<TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "the operand is not a transpose");
    SmallVector<int64_t> perm = permute(inner.getPermutation(), op.getPermutation());
    ++count;
    if (isIdentityPermutation(perm))
      rewriter.replaceOp(op, inner.getData());
    else
      rewriter.replaceOp(op, transpose(rewriter, op.getLoc(), inner.getData(), perm));
    return success();
  }

  Pass::Statistic &count;
};

/// A transpose of a constant is done now; one that moves nothing is a reshape.
struct FoldTranspose : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    SmallVector<int64_t> perm = op.getPermutation();
    RankedTensorType type = op.getData().getType();
    if (ElementsAttr elements = getConstant(op.getData())) {
      Value constant = transposeConstant(rewriter, op.getLoc(), elements, perm);
      if (!constant)
        return rewriter.notifyMatchFailure(op, "the constant's elements cannot be read");
      rewriter.replaceOp(op, constant);
      return success();
    }
    if (isIdentityPermutation(perm)) {
      rewriter.replaceOp(op, op.getData());
      return success();
    }
    if (!isReshape(type, perm))
      return rewriter.notifyMatchFailure(op, "the elements change places");
    rewriter.replaceOp(op, reshape(rewriter, op.getLoc(), op.getData(), permute(type.getShape(), perm)));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Behind other ops
//===----------------------------------------------------------------------===//

/// The permutation that most of an op's operands were transposed with, and what its operands become
/// when the op works on the untransposed tensors.
class Operands {
public:
  explicit Operands(Operation *op) : op(op) {}

  /// Fails with the reason in `why`. `broadcasts` says that operands of lower rank are aligned with the last dims.
  LogicalResult plan(bool broadcasts) {
    int64_t rank = cast<RankedTensorType>(op->getResult(0).getType()).getRank();
    // A transpose that is a reshape will become one; sinking it could go on for ever between two operands.
    for (Value operand : op->getOperands())
      if (auto transposed = operand.getDefiningOp<TransposeOp>(); transposed && perm.empty())
        if (SmallVector<int64_t> its = transposed.getPermutation(); !isReshape(transposed.getData().getType(), its))
          perm = its;
    if (perm.empty() || int64_t(perm.size()) != rank)
      return refuse("no operand is a transpose of the result's rank");
    int64_t removed = 0, added = 0;
    for (Value operand : op->getOperands()) {
      auto type = cast<RankedTensorType>(operand.getType());
      auto transposed = operand.getDefiningOp<TransposeOp>();
      if (transposed && transposed.getPermutation() == perm)
        ++removed;
      else if (type.hasStaticShape() && type.getNumElements() == 1 && broadcasts)
        continue;
      else if (type.getRank() != rank && !(broadcasts && getConstant(operand)))
        return refuse("an operand of lower rank is not a constant");
      else if (!getConstant(operand) && !isReshape(type, invertPermutation(perm)))
        ++added;
    }
    if (added > 0 && added >= removed)
      return refuse("other operands would need as many transposes");
    return success();
  }

  /// The operands of the op that works on untransposed tensors, or nothing.
  std::optional<SmallVector<Value>> rewrite(PatternRewriter &rewriter, bool broadcasts) {
    SmallVector<int64_t> inverse = invertPermutation(perm);
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      auto type = cast<RankedTensorType>(operand.getType());
      auto transposed = operand.getDefiningOp<TransposeOp>();
      if (transposed && transposed.getPermutation() == perm)
        operands.push_back(transposed.getData());
      else if (type.hasStaticShape() && type.getNumElements() == 1 && broadcasts)
        operands.push_back(operand);
      else if (ElementsAttr elements = getConstant(operand))
        operands.push_back(alignedConstant(rewriter, elements, inverse));
      else
        operands.push_back(transpose(rewriter, op->getLoc(), operand, inverse));
      if (!operands.back())
        return std::nullopt;
    }
    return operands;
  }

  ArrayRef<int64_t> getPerm() const { return perm; }
  const char *getReason() const { return why; }

private:
  LogicalResult refuse(const char *reason) {
    why = reason;
    return failure();
  }

  /// A constant, seen with the rank of the permutation, transposed; leading dims of size 1 are dropped again.
  Value alignedConstant(PatternRewriter &rewriter, ElementsAttr elements, ArrayRef<int64_t> inverse) {
    auto type = cast<RankedTensorType>(elements.getType());
    SmallVector<int64_t> shape(inverse.size() - type.getRank(), 1);
    llvm::append_range(shape, type.getShape());
    SmallVector<int64_t> turned = permute(shape, inverse);
    if (int64_t(inverse.size()) == type.getRank() && !movesOnlyUnits(shape, inverse))
      return transposeConstant(rewriter, op->getLoc(), elements, inverse);
    if (!movesOnlyUnits(shape, inverse)) {
      ElementsAttr wide = withShape(elements, shape);
      return wide ? transposeConstant(rewriter, op->getLoc(), wide, inverse) : Value();
    }
    if (int64_t(inverse.size()) != type.getRank())
      while (turned.size() > 1 && turned.front() == 1)
        turned.erase(turned.begin());
    ElementsAttr viewed = withShape(elements, turned);
    return viewed ? ConstantOp::create(rewriter, op->getLoc(), type.clone(turned), cast<TypedAttr>(viewed)).getResult()
                  : Value();
  }

  Operation *op;
  SmallVector<int64_t> perm;
  const char *why = nullptr;
};

/// Replaces op by a copy of it with these operands whose result is transposed with `perm`; `adjust` may change the
/// copy.
void replaceByTransposed(PatternRewriter &rewriter, Operation *op, ValueRange operands, ArrayRef<int64_t> perm,
                         llvm::function_ref<void(Operation *)> adjust) {
  Operation *copy = rewriter.clone(*op);
  copy->setOperands(operands);
  adjust(copy);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  copy->getResult(0).setType(type.clone(permute(type.getShape(), invertPermutation(perm))));
  rewriter.replaceOp(op, transpose(rewriter, op->getLoc(), copy->getResult(0), perm));
}

/// elementwise(transpose(x), y)  ->  transpose(elementwise(x, transpose'(y)))
struct SinkThroughElementwise : OpInterfaceRewritePattern<ElementwiseOpInterface> {
  SinkThroughElementwise(MLIRContext *context, Pass::Statistic &count)
      : OpInterfaceRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(ElementwiseOpInterface op, PatternRewriter &rewriter) const override {
    Operands operands(op);
    if (failed(operands.plan(/*broadcasts=*/true)))
      return rewriter.notifyMatchFailure(op, operands.getReason());
    std::optional<SmallVector<Value>> values = operands.rewrite(rewriter, /*broadcasts=*/true);
    if (!values)
      return rewriter.notifyMatchFailure(op, "a constant's elements cannot be read");
    replaceByTransposed(rewriter, op, *values, operands.getPerm(), [](Operation *) {});
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

/// An op whose attribute `axis` names a dim of operands and result, which have one rank: concat, softmax.
template <typename Op> struct SinkThroughAxis : OpRewritePattern<Op> {
  SinkThroughAxis(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern<Op>(context), count(count) {}

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Operands operands(op);
    if (failed(operands.plan(/*broadcasts=*/false)))
      return rewriter.notifyMatchFailure(op, operands.getReason());
    std::optional<int64_t> axis = normalizeAxis(int64_t(op.getAxis()), operands.getPerm().size());
    std::optional<SmallVector<Value>> values = operands.rewrite(rewriter, /*broadcasts=*/false);
    if (!axis || !values)
      return rewriter.notifyMatchFailure(op, "a constant's elements cannot be read");
    replaceByTransposed(rewriter, op, *values, operands.getPerm(), [&](Operation *copy) {
      copy->setAttr("axis", rewriter.getI64IntegerAttr(operands.getPerm()[*axis]));
    });
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

/// reduce(transpose(x, p), axes)  ->  transpose(reduce(x, p[axes])), of the dims that are left
template <typename Op> struct SinkThroughReduction : OpRewritePattern<Op> {
  SinkThroughReduction(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern<Op>(context), count(count) {}

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto transposed = op.getData().template getDefiningOp<TransposeOp>();
    if (!transposed)
      return rewriter.notifyMatchFailure(op, "the operand is not a transpose");
    SmallVector<int64_t> perm = transposed.getPermutation();
    ElementsAttr constant = op.getAxes() ? getConstant(op.getAxes()) : ElementsAttr();
    std::optional<SmallVector<int64_t>> axes = constant ? readIntegers(constant) : std::nullopt;
    if (!axes || axes->empty())
      return rewriter.notifyMatchFailure(op, "the axes are not given as a constant");
    SmallVector<bool> reduced(perm.size(), false);
    for (int64_t &axis : *axes) {
      std::optional<int64_t> normal = normalizeAxis(axis, perm.size());
      if (!normal)
        return rewriter.notifyMatchFailure(op, "an axis is out of range");
      axis = perm[*normal];
      reduced[axis] = true;
    }
    // The permutation of the dims that the result has.
    SmallVector<int64_t> places(perm.size(), 0), left;
    for (int64_t axis = 0, next = 0; axis < int64_t(perm.size()); ++axis)
      places[axis] = op.getKeepdims() || !reduced[axis] ? next++ : -1;
    for (int64_t from : perm)
      if (places[from] >= 0)
        left.push_back(places[from]);
    auto type = RankedTensorType::get({int64_t(axes->size())}, rewriter.getI64Type());
    Value newAxes =
        ConstantOp::create(rewriter, op.getLoc(), type, DenseElementsAttr::get(type, ArrayRef<int64_t>(*axes)));
    replaceByTransposed(rewriter, op, {transposed.getData(), newAxes}, left, [](Operation *) {});
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

struct SinkTransposes : impl::SinkTransposesBase<SinkTransposes> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Compose>(&getContext(), numCancelled);
    patterns.add<FoldTranspose>(&getContext());
    patterns.add<SinkThroughElementwise, SinkThroughAxis<ConcatOp>, SinkThroughAxis<SoftmaxOp>,
                 SinkThroughAxis<LogSoftmaxOp>, SinkThroughReduction<ReduceMeanOp>, SinkThroughReduction<ReduceSumOp>,
                 SinkThroughReduction<ReduceMaxOp>, SinkThroughReduction<ReduceMinOp>>(&getContext(), numSunk);
    // Constants stay where they are: folding them is the work of other passes.
    GreedyRewriteConfig config;
    config.enableConstantCSE(false);
    // It ends: an operand that is not transposed stays so, unless that merges two transposes, so that transposes only
    // move towards the results. The bound is above what that can take.
    int64_t ops = 0;
    getOperation().walk([&](Operation *) { ++ops; });
    config.setMaxIterations(GreedyRewriteConfig::kNoLimit);
    config.setMaxNumRewrites((ops + 8) * (ops + 8));
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      getOperation().emitWarning("internal: moving transposes did not end; the layout may be a worse one");
  }
};

} // namespace
} // namespace fsc
