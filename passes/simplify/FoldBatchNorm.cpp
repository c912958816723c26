//===- FoldBatchNorm.cpp - Batch normalization into convolutions ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// batch_normalization(conv(x, w, b), …)  ->  conv(x, w', b'), see Passes.td.
//
// New weights are computed here in f64 and rounded once.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Convolution.h"
#include "dialects/fsc/ops/Elementwise.h"
#include "dialects/fsc/ops/Kernel.h"
#include "dialects/fsc/ops/Normalization.h"
#include "passes/simplify/Simplify.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace fsc {
#define GEN_PASS_DEF_FOLDBATCHNORM
#include "passes/simplify/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

Value makeFloats(OpBuilder &builder, Location loc, RankedTensorType type, ArrayRef<double> values) {
  if (type.getElementType().isF32()) {
    SmallVector<float> narrow(values);
    return ConstantOp::create(builder, loc, type, DenseElementsAttr::get(type, ArrayRef<float>(narrow)));
  }
  SmallVector<Attribute> elements = llvm::map_to_vector(
      values, [&](double value) -> Attribute { return FloatAttr::get(type.getElementType(), value); });
  return ConstantOp::create(builder, loc, type, DenseElementsAttr::get(type, elements));
}

namespace {

/// What the normalization does to channel c: x * factor[c] + offset[c].
struct Affine {
  SmallVector<double> factor, offset;
};

std::optional<Affine> readAffine(BatchNormalizationOp op) {
  SmallVector<SmallVector<double>> parameters;
  for (Value operand : op->getOperands().drop_front()) {
    ElementsAttr elements = getConstant(operand);
    auto values = elements ? readFloats(elements) : std::nullopt;
    if (!values)
      return std::nullopt;
    parameters.push_back(std::move(*values));
  }
  Affine affine;
  double epsilon = op.getEpsilon().convertToFloat();
  for (size_t c = 0; c < parameters[0].size(); ++c) {
    double factor = parameters[0][c] / std::sqrt(parameters[3][c] + epsilon);
    affine.factor.push_back(factor);
    affine.offset.push_back(parameters[1][c] - parameters[2][c] * factor);
  }
  return affine;
}

struct FoldIntoConv : OpRewritePattern<BatchNormalizationOp> {
  FoldIntoConv(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(BatchNormalizationOp op, PatternRewriter &rewriter) const override {
    auto conv = op.getX().getDefiningOp<ConvOp>();
    if (!conv || !conv->hasOneUse())
      return rewriter.notifyMatchFailure(op, "no convolution of its own to fold into");
    ElementsAttr filter = getConstant(conv.getW());
    ElementsAttr bias = conv.getB() ? getConstant(conv.getB()) : ElementsAttr();
    if (!filter || (conv.getB() && !bias))
      return rewriter.notifyMatchFailure(op, "the convolution's parameters are not constants");
    std::optional<Affine> affine = readAffine(op);
    auto weights = readFloats(filter);
    if (!affine || !weights)
      return rewriter.notifyMatchFailure(op, "the parameters are not float constants");

    size_t filters = affine->factor.size(), perFilter = filters ? weights->size() / filters : 0;
    for (size_t f = 0; f < filters; ++f)
      for (size_t i = 0; i < perFilter; ++i)
        (*weights)[f * perFilter + i] *= affine->factor[f];
    SmallVector<double> offsets = affine->offset;
    if (bias) {
      auto values = readFloats(bias);
      for (size_t f = 0; f < filters; ++f)
        offsets[f] += (*values)[f] * affine->factor[f];
    }
    auto wType = cast<RankedTensorType>(conv.getW().getType());
    Value w = makeFloats(rewriter, conv.getLoc(), wType, *weights);
    Value b =
        makeFloats(rewriter, op.getLoc(), RankedTensorType::get({int64_t(filters)}, wType.getElementType()), offsets);
    rewriter.setInsertionPoint(op);
    Location loc = rewriter.getFusedLoc({conv.getLoc(), op.getLoc()});
    auto folded = cast<ConvOp>(rewriter.clone(*conv));
    folded->setLoc(loc);
    folded.getWMutable().assign(w);
    folded.getBMutable().assign(b);
    rewriter.replaceOp(op, folded.getY());
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

/// batch_normalization(x, …)  ->  x * factor + offset, both of shape [C, 1, …]
struct SplitIntoArithmetic : OpRewritePattern<BatchNormalizationOp> {
  SplitIntoArithmetic(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/0) {}

  LogicalResult matchAndRewrite(BatchNormalizationOp op, PatternRewriter &rewriter) const override {
    std::optional<Affine> affine = readAffine(op);
    if (!affine)
      return rewriter.notifyMatchFailure(op, "the parameters are not float constants");
    RankedTensorType type = op.getX().getType();
    SmallVector<int64_t> shape(std::max<int64_t>(1, type.getRank() - 1), 1);
    shape[0] = affine->factor.size();
    auto parameterType = RankedTensorType::get(shape, type.getElementType());
    Value factor = makeFloats(rewriter, op.getLoc(), parameterType, affine->factor);
    Value offset = makeFloats(rewriter, op.getLoc(), parameterType, affine->offset);
    Value scaled = MulOp::create(rewriter, op.getLoc(), op.getY().getType(), op.getX(), factor);
    rewriter.replaceOpWithNewOp<AddOp>(op, op.getY().getType(), scaled, offset);
    return success();
  }
};

struct FoldBatchNorm : impl::FoldBatchNormBase<FoldBatchNorm> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldIntoConv>(&getContext(), numFolded);
    patterns.add<SplitIntoArithmetic>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace fsc
