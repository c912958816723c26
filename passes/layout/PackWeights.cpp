//===- PackWeights.cpp - Weights in the order that kernels read them ------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The packed forms are defined in Contraction.td and Convolution.td. Products
// with padding are computed as products with zero, which only finite weights
// make zero: others are refused.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Contraction.h"
#include "dialects/fsc/ops/Convolution.h"
#include "dialects/fsc/ops/Elementwise.h"
#include "dialects/fsc/ops/Kernel.h"
#include "passes/layout/Layout.h"

#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

namespace fsc {
#define GEN_PASS_DEF_PACKWEIGHTS
#include "passes/layout/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

/// The elements of a finite f32 constant, or null data with the reason in `why`.
ArrayRef<float> readWeights(Value value, SmallVectorImpl<char> &storage, const char *&why) {
  ElementsAttr elements = getConstant(value);
  why = "the weights are not an f32 constant";
  if (!elements || !elements.getElementType().isF32())
    return {};
  ArrayRef<char> bytes = viewElements(elements, storage);
  ArrayRef<float> weights(reinterpret_cast<const float *>(bytes.data()), bytes.size() / sizeof(float));
  why = "the weights are not finite";
  if (weights.empty() || !llvm::all_of(weights, [](float weight) { return std::isfinite(weight); }))
    return {};
  return weights;
}

/// Panels of `pack` columns of a matrix with `depth` rows: [panels][depth][pack]; at(row, column) gives its elements.
template <typename At>
Value packColumns(OpBuilder &builder, Location loc, ArrayRef<int64_t> shape, int64_t depth, int64_t columns,
                  int64_t pack, At at) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return makeConstant(builder, loc, type, "packed", [&](MutableArrayRef<char> bytes) {
    auto *target = reinterpret_cast<float *>(bytes.data());
    for (int64_t column = 0; column < columns; ++column) {
      float *panel = target + column / pack * depth * pack + column % pack;
      for (int64_t row = 0; row < depth; ++row)
        panel[row * pack] = at(row, column);
    }
  });
}

/// A constant matrix, transposed if `turned`, packed by columns; null with the reason in `why`.
Value packMatrix(OpBuilder &builder, Value matrix, bool turned, int64_t pack, const char *&why) {
  SmallVector<char, 0> storage;
  ArrayRef<float> weights = readWeights(matrix, storage, why);
  if (weights.empty())
    return {};
  auto type = cast<RankedTensorType>(matrix.getType());
  int64_t depth = type.getDimSize(turned ? 1 : 0), columns = type.getDimSize(turned ? 0 : 1);
  return packColumns(builder, matrix.getLoc(), {int64_t(llvm::divideCeil(columns, pack)), depth, pack}, depth, columns,
                     pack, [&](int64_t row, int64_t column) {
                       return turned ? weights[column * depth + row] : weights[row * columns + column];
                     });
}

/// conv(x, constant) {channels_last}  ->  conv(x, packed) {pack}
struct PackFilter : OpRewritePattern<ConvOp> {
  PackFilter(MLIRContext *context, int64_t pack, Pass::Statistic &count)
      : OpRewritePattern(context), pack(pack), count(count) {}

  LogicalResult matchAndRewrite(ConvOp op, PatternRewriter &rewriter) const override {
    if (op.getPack() != 0 || !op.getChannelsLast())
      return rewriter.notifyMatchFailure(op, "packed already, or channels are not last");
    ArrayRef<int64_t> shape = op.getW().getType().getShape();
    bool depthwise = op.getGroup() != 1 && shape[0] == int64_t(op.getGroup()) && shape[1] == 1;
    if (op.getGroup() != 1 && !depthwise)
      return rewriter.notifyMatchFailure(op, "the convolution has groups of several channels");
    const char *why = nullptr;
    SmallVector<char, 0> storage;
    ArrayRef<float> weights = readWeights(op.getW(), storage, why);
    if (weights.empty())
      return rewriter.notifyMatchFailure(op, why);

    int64_t filters = shape[0], channels = shape[1], taps = 1;
    for (int64_t size : shape.drop_front(2))
      taps *= size;
    int64_t width = depthwise ? filters : pack;
    Value packed =
        packColumns(rewriter, op.getW().getLoc(), {int64_t(llvm::divideCeil(filters, width)), taps, channels, width},
                    taps * channels, filters, width, [&](int64_t row, int64_t filter) {
                      return weights[(filter * channels + row % channels) * taps + row / channels];
                    });
    rewriter.modifyOpInPlace(op, [&] {
      op.setKernelShape(shape.drop_front(2));
      op.getWMutable().assign(packed);
      op.setPack(width);
      op.setFilters(filters);
    });
    ++count;
    return success();
  }

  int64_t pack;
  Pass::Statistic &count;
};

/// matmul(a, constant)  ->  matmul(a, packed) {pack}
struct PackMatrix : OpRewritePattern<MatMulOp> {
  PackMatrix(MLIRContext *context, int64_t pack, Pass::Statistic &count)
      : OpRewritePattern(context), pack(pack), count(count) {}

  LogicalResult matchAndRewrite(MatMulOp op, PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getB().getType();
    if (op.getPack() != 0 || type.getRank() != 2)
      return rewriter.notifyMatchFailure(op, "packed already, or not a matrix");
    const char *why = nullptr;
    Value packed = packMatrix(rewriter, op.getB(), /*turned=*/false, pack, why);
    if (!packed)
      return rewriter.notifyMatchFailure(op, why);
    rewriter.modifyOpInPlace(op, [&] {
      op.getBMutable().assign(packed);
      op.setPack(pack);
      op.setColumns(type.getDimSize(1));
    });
    ++count;
    return success();
  }

  int64_t pack;
  Pass::Statistic &count;
};

/// gemm(a, constant, c)  ->  matmul(a', packed) * alpha + c * beta
struct PackGemm : OpRewritePattern<GemmOp> {
  PackGemm(MLIRContext *context, int64_t pack, Pass::Statistic &count)
      : OpRewritePattern(context), pack(pack), count(count) {}

  LogicalResult matchAndRewrite(GemmOp op, PatternRewriter &rewriter) const override {
    const char *why = nullptr;
    Value packed = packMatrix(rewriter, op.getB(), op.getTransB(), pack, why);
    if (!packed)
      return rewriter.notifyMatchFailure(op, why);
    Location loc = op.getLoc();
    int64_t columns = op.getB().getType().getDimSize(op.getTransB() ? 0 : 1);
    Value a = op.getTransA() ? transpose(rewriter, loc, op.getA(), {1, 0}) : Value(op.getA());
    RankedTensorType resultType = op.getY().getType();
    Value result = MatMulOp::create(rewriter, loc, resultType, a, packed, pack, columns);
    if (double alpha = op.getAlpha().convertToFloat(); alpha != 1)
      result = MulOp::create(rewriter, loc, resultType, result, scalar(rewriter, loc, alpha));
    if (Value c = op.getC()) {
      if (double beta = op.getBeta().convertToFloat(); beta != 1)
        c = MulOp::create(rewriter, loc, c.getType(), c, scalar(rewriter, loc, beta));
      result = AddOp::create(rewriter, loc, resultType, result, c);
    }
    rewriter.replaceOp(op, result);
    ++count;
    return success();
  }

  static Value scalar(OpBuilder &builder, Location loc, double value) {
    auto type = RankedTensorType::get({}, builder.getF32Type());
    return ConstantOp::create(builder, loc, type, DenseElementsAttr::get(type, float(value)));
  }

  int64_t pack;
  Pass::Statistic &count;
};

struct PackWeights : impl::PackWeightsBase<PackWeights> {
  using PackWeightsBase::PackWeightsBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<PackFilter, PackMatrix, PackGemm>(&getContext(), int64_t(pack), numPacked);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace fsc
