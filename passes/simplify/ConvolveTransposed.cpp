//===- ConvolveTransposed.cpp - Transposed convolutions as convolutions ---===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Element p = q * stride + r of the uncut output of a transposed convolution is
// the sum over j of x[q - j] * w[r + j * stride]: for each r a convolution with
// every stride-th element of the filter, mirrored. Its channels are interleaved
// afterwards, and the padding is cut off. See Passes.td.
//
// Refuses dilated filters, unequal strides of images, volumes, and filters and
// biases that are not constants.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Convolution.h"
#include "dialects/fsc/ops/Kernel.h"
#include "dialects/fsc/ops/Movement.h"
#include "passes/simplify/Simplify.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/Support/MathExtras.h"

namespace fsc {
#define GEN_PASS_DEF_CONVOLVETRANSPOSED
#include "passes/simplify/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

/// What the convolution of one spatial dim, and the cut after it, are like.
struct Dimension {
  int64_t kernel; // of the convolution
  int64_t before; // the convolution's padding
  int64_t after;
  int64_t start; // the cut after interleaving
  int64_t tail;
};

struct Plan {
  int64_t stride = 1;
  SmallVector<Dimension> dims;
};

/// A new op with one result, whose type is inferred.
template <typename Op>
Value make(OpBuilder &builder, Location loc, ValueRange operands, ArrayRef<NamedAttribute> attributes = {},
           TypeRange known = {}) {
  OperationState state(loc, Op::getOperationName(), operands, operands[0].getType(), attributes);
  Operation *op = builder.create(state);
  return succeeded(refineResultTypes(op, known)) ? op->getResult(0) : Value();
}

Value makeIntegers(OpBuilder &builder, Location loc, ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get({int64_t(values.size())}, builder.getI64Type());
  return ConstantOp::create(builder, loc, type, DenseElementsAttr::get(type, values));
}

struct Convolve : OpRewritePattern<ConvTransposeOp> {
  Convolve(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(ConvTransposeOp op, PatternRewriter &rewriter) const override {
    ElementsAttr filter = getConstant(op.getW()), bias = op.getB() ? getConstant(op.getB()) : ElementsAttr();
    if (!filter || (op.getB() && !bias))
      return rewriter.notifyMatchFailure(op, "the filter and the bias are not constants");
    std::optional<Plan> plan = makePlan(op);
    if (!plan)
      return rewriter.notifyMatchFailure(op, "dilations, strides or padding are not those of a plain convolution");
    auto weights = readFloats(filter);
    auto offsets = bias ? readFloats(bias) : std::optional(SmallVector<double>());
    if (!weights || !offsets)
      return rewriter.notifyMatchFailure(op, "the filter is not of floats");
    Location loc = op.getLoc();
    SmallVector<Value> operands = {op.getX(), makeFilter(rewriter, op, *plan, *weights)};
    if (bias)
      operands.push_back(makeBias(rewriter, op, *plan, *offsets));
    SmallVector<int64_t> pads;
    for (const Dimension &dim : plan->dims)
      pads.push_back(dim.before);
    for (const Dimension &dim : plan->dims)
      pads.push_back(dim.after);
    Value y = make<ConvOp>(rewriter, loc, operands,
                           {rewriter.getNamedAttr("pads", rewriter.getDenseI64ArrayAttr(pads)),
                            rewriter.getNamedAttr("group", rewriter.getI64IntegerAttr(op.getGroup()))});
    y = cut(rewriter, op, *plan, interleave(rewriter, op, *plan, y));
    rewriter.replaceOp(op, y);
    ++count;
    return success();
  }

  static std::optional<Plan> makePlan(ConvTransposeOp op) {
    FailureOr<SmallVector<ConvTransposeOp::Cut>> cuts = op.getCuts();
    ArrayRef<int64_t> kernel = op.getW().getType().getShape().drop_front(2);
    size_t rank = kernel.size();
    if (failed(cuts) || rank > 2 || !op.getW().getType().hasStaticShape())
      return std::nullopt;
    Plan plan;
    plan.stride = (*cuts)[0].stride;
    for (auto [size, cut] : llvm::zip_equal(kernel, *cuts)) {
      if (cut.dilation != 1 || cut.stride != plan.stride || size < 1)
        return std::nullopt;
      int64_t stride = plan.stride, taps = llvm::divideCeilSigned(size, stride);
      int64_t skipped = llvm::divideFloorSigned(cut.before, stride);
      int64_t last = llvm::divideFloorSigned(size - cut.after - 1, stride);
      Dimension dim{taps, taps - 1 - skipped, last, cut.before - skipped * stride, 0};
      dim.tail = stride * (last + 1) - size + cut.after;
      if (dim.before < 0 || dim.after < 0)
        return std::nullopt;
      plan.dims.push_back(dim);
    }
    return plan;
  }

  /// [C, M / group, kernel…] as [M * stride^rank, C / group, taps…].
  static Value makeFilter(OpBuilder &builder, ConvTransposeOp op, const Plan &plan, ArrayRef<double> weights) {
    RankedTensorType type = op.getW().getType();
    int64_t group = op.getGroup(), channels = type.getDimSize(0) / group, filters = type.getDimSize(1);
    // A list is an image of one row.
    bool isImage = plan.dims.size() == 2;
    int64_t stride = plan.stride, rowStride = isImage ? stride : 1;
    int64_t rows = isImage ? type.getDimSize(2) : 1, columns = type.getShape().back();
    int64_t rowTaps = isImage ? plan.dims[0].kernel : 1, columnTaps = plan.dims.back().kernel;
    SmallVector<double> values;
    for (int64_t f = 0; f < group * filters; ++f)
      for (int64_t rest = 0; rest < rowStride * stride; ++rest)
        for (int64_t c = 0; c < channels; ++c)
          for (int64_t a = 0; a < rowTaps; ++a)
            for (int64_t b = 0; b < columnTaps; ++b) {
              int64_t row = rest / stride + rowStride * (rowTaps - 1 - a);
              int64_t column = rest % stride + stride * (columnTaps - 1 - b);
              int64_t channel = f / filters * channels + c;
              bool inside = row < rows && column < columns;
              values.push_back(inside ? weights[((channel * filters + f % filters) * rows + row) * columns + column]
                                      : 0);
            }
    SmallVector<int64_t> shape = {group * filters * rowStride * stride, channels};
    for (const Dimension &dim : plan.dims)
      shape.push_back(dim.kernel);
    return makeFloats(builder, op.getLoc(), RankedTensorType::get(shape, type.getElementType()), values);
  }

  /// Each element once for each element of a block.
  static Value makeBias(OpBuilder &builder, ConvTransposeOp op, const Plan &plan, ArrayRef<double> offsets) {
    int64_t block = plan.dims.size() == 2 ? plan.stride * plan.stride : plan.stride;
    SmallVector<double> values;
    for (double offset : offsets)
      values.append(block, offset);
    auto type = RankedTensorType::get({int64_t(values.size())}, op.getB().getType().getElementType());
    return makeFloats(builder, op.getLoc(), type, values);
  }

  /// Moves the channels that are rests of a division by the stride between the elements.
  static Value interleave(OpBuilder &builder, ConvTransposeOp op, const Plan &plan, Value y) {
    Location loc = op.getLoc();
    if (plan.stride == 1)
      return y;
    if (plan.dims.size() == 2)
      return make<DepthToSpaceOp>(builder, loc, y,
                                  {builder.getNamedAttr("blocksize", builder.getI64IntegerAttr(plan.stride)),
                                   builder.getNamedAttr("mode", builder.getStringAttr("CRD"))});
    int64_t channels = op.getW().getType().getDimSize(1) * op.getGroup();
    Value apart = make<ReshapeOp>(builder, loc, {y, makeIntegers(builder, loc, {0, channels, plan.stride, -1})});
    Value turned = make<TransposeOp>(builder, loc, apart,
                                     builder.getNamedAttr("perm", builder.getDenseI64ArrayAttr({0, 1, 3, 2})));
    return make<ReshapeOp>(builder, loc, {turned, makeIntegers(builder, loc, {0, channels, -1})});
  }

  static Value cut(OpBuilder &builder, ConvTransposeOp op, const Plan &plan, Value y) {
    Location loc = op.getLoc();
    SmallVector<int64_t> starts, ends, axes;
    for (auto [axis, dim] : llvm::enumerate(plan.dims)) {
      starts.push_back(dim.start);
      ends.push_back(dim.tail == 0 ? INT64_MAX : -dim.tail);
      axes.push_back(2 + axis);
    }
    bool isWhole = llvm::all_of(plan.dims, [](const Dimension &dim) { return dim.start == 0 && dim.tail == 0; });
    if (isWhole && y.getType() == op.getType())
      return y;
    SmallVector<Value> operands = {y, makeIntegers(builder, loc, starts), makeIntegers(builder, loc, ends),
                                   makeIntegers(builder, loc, axes)};
    return make<SliceOp>(builder, loc, operands,
                         builder.getNamedAttr("operandSegmentSizes", builder.getDenseI32ArrayAttr({1, 1, 1, 1, 0})),
                         op->getResultTypes());
  }

  Pass::Statistic &count;
};

struct ConvolveTransposed : impl::ConvolveTransposedBase<ConvolveTransposed> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Convolve>(&getContext(), numConvolved);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace fsc
