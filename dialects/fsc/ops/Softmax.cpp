//===- Softmax.cpp - Softmax and LogSoftmax -------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Normalization.h"

using namespace mlir;

namespace fsc {

namespace {

template <typename Op> LogicalResult inferSoftmax(Op op, ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape shape = shapes.dims(op.getInput());
  // softmax.C1: the axis is in range.
  if (!shape.empty() && !normalizeAxis(op.getAxis(), shape.size()))
    return op.emitOpError() << "expected axis in [" << -int64_t(shape.size()) << ", " << shape.size() << "), got "
                            << int64_t(op.getAxis());
  results.push_back(shape);
  return success();
}

/// The value as the element type holds it. ONNX defines these ops by simpler ones, each of which gives elements of this
/// type: where it has few bits, sums are to agree with theirs.
Scalar rounded(Scalar value, Type elementType) { return cast(cast(value, elementType), value.getType()); }

/// Rows along the axis: their maximum, the sum of exp(x - maximum), and then `last` of x - maximum and that sum.
template <typename Op>
LogicalResult lowerSoftmax(Op op, LinalgBuilder &b, llvm::function_ref<Scalar(Scalar, Scalar)> last) {
  int64_t rank = b.rank(0);
  Type type = b.elementType(0), compute = computeType(type);
  SmallVector<int64_t> axes;
  if (rank > 0)
    axes.push_back(*normalizeAxis(op.getAxis(), rank));
  SmallVector<Value> rowSizes;
  SmallVector<AffineExpr> rowExprs;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (!llvm::is_contained(axes, axis)) {
      rowSizes.push_back(b.dim(0, axis));
      rowExprs.push_back(b.b.getAffineDimExpr(axis));
    }
  AffineMap all = b.b.getMultiDimIdentityMap(rank);
  AffineMap row = AffineMap::get(rank, 0, rowExprs, b.b.getContext());
  Scalar zero = b.constant(0, type);
  Value maximum = b.fill(b.empty(rowSizes, compute), zero.infinity(true));
  maximum = b.reduce(b.operand(0), type, axes, maximum, [](Scalar r, Scalar a) { return fsc::max(r, a); });
  Value shifted = b.map(b.empty(b.dims(0), compute), compute, {b.operand(0), maximum}, {type, compute}, {all, row},
                        [](ArrayRef<Scalar> args) { return args[0] - args[1]; });
  Value exps = b.map(b.empty(b.dims(0), compute), compute, shifted, compute, all,
                     [&](ArrayRef<Scalar> args) { return rounded(fsc::exp(args[0]), type); });
  Value sum = b.fill(b.empty(rowSizes, compute), zero);
  sum = b.reduce(exps, compute, axes, sum, [](Scalar r, Scalar a) { return r + a; });
  b.setResult(0, b.map(b.destination(0), type, {shifted, sum}, {compute, compute}, {all, row},
                       [&](ArrayRef<Scalar> args) { return last(args[0], rounded(args[1], type)); }));
  return success();
}

} // namespace

Anchor SoftmaxOp::getAnchor() { return Anchor::row; }
Anchor LogSoftmaxOp::getAnchor() { return Anchor::row; }
double SoftmaxOp::countFlops() { return 4 * detail::countElements(getOutput()); }
double LogSoftmaxOp::countFlops() { return 4 * detail::countElements(getOutput()); }

LogicalResult SoftmaxOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferSoftmax(*this, shapes, results);
}
LogicalResult LogSoftmaxOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferSoftmax(*this, shapes, results);
}

LogicalResult SoftmaxOp::lowerToLinalg(LinalgBuilder &b) {
  return lowerSoftmax(*this, b,
                      [&](Scalar shifted, Scalar sum) { return rounded(fsc::exp(shifted), b.elementType(0)) / sum; });
}
LogicalResult LogSoftmaxOp::lowerToLinalg(LinalgBuilder &b) {
  return lowerSoftmax(*this, b, [](Scalar shifted, Scalar sum) { return shifted - fsc::log(sum); });
}

} // namespace fsc
