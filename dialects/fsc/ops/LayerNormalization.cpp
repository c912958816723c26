//===- LayerNormalization.cpp - Rows by their own mean and variance -------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Normalization.h"
#include "dialects/fsc/ops/Rows.h"

using namespace mlir;

namespace fsc {

bool broadcastsTo(const Shape &from, const Shape &to) {
  if (from.size() > to.size())
    return false;
  for (auto [a, b] : llvm::zip(llvm::reverse(from), llvm::reverse(to)))
    if (cannotStretch(a, b))
      return false;
  return true;
}

namespace {

/// Checks what LayerNormalization and RMSNormalization share; gives x's shape.
template <typename Op> FailureOr<Shape> inferRows(Op op, ShapeBuilder &shapes) {
  Shape x = shapes.dims(op.getX());
  int64_t rank = x.size();
  // layer_normalization.C1: the axis is in range.
  if (!normalizeAxis(op.getAxis(), rank))
    return op.emitOpError() << "expected axis in [" << -rank << ", " << rank << "), got " << int64_t(op.getAxis());
  // layer_normalization.C2: scale and bias broadcast to the operand.
  for (Value parameter : op->getOperands().drop_front())
    if (!broadcastsTo(shapes.dims(parameter), x))
      return op.emitOpError() << "expected parameters that broadcast to " << op.getX().getType() << ", got "
                              << parameter.getType();
  // layer_normalization.C3: statistics are floats.
  if (!isa_and_nonnull<FloatType>(typeOfOnnxElement(op.getContext(), op.getStashType())))
    return op.emitOpError() << "expected stash_type of a float type, got " << int64_t(op.getStashType());
  return x;
}

} // namespace

Anchor LayerNormalizationOp::getAnchor() { return Anchor::row; }
Anchor RMSNormalizationOp::getAnchor() { return Anchor::row; }
double LayerNormalizationOp::countFlops() { return 7 * detail::countElements(getX()); }
double RMSNormalizationOp::countFlops() { return 4 * detail::countElements(getX()); }

LogicalResult LayerNormalizationOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Shape> x = inferRows(*this, shapes);
  if (failed(x))
    return failure();
  // layer_normalization.C4: at most the mean and the inverse deviation besides the result.
  if (getNumResults() > 3)
    return emitOpError() << "expected at most 3 results, got " << getNumResults();
  Shape statistics(*x);
  for (int64_t axis : axesFrom(*normalizeAxis(getAxis(), x->size()), x->size()))
    statistics[axis] = Dim(1);
  results.assign(getNumResults(), statistics);
  results[0] = *x;
  return success();
}

Type LayerNormalizationOp::inferElementType(unsigned result) {
  return result == 0 ? getX().getType().getElementType() : typeOfOnnxElement(getContext(), getStashType());
}

LogicalResult LayerNormalizationOp::lowerToLinalg(LinalgBuilder &b) {
  Rows rows(b, axesFrom(*normalizeAxis(getAxis(), b.rank(0)), b.rank(0)));
  Value mean;
  Value centered = rows.center(&mean);
  Value inverse = rows.inverseDeviation(centered, getEpsilon().convertToFloat());
  SmallVector<unsigned> parameters = {1};
  if (getBias())
    parameters.push_back(2);
  b.setResult(0, rows.finish(0, centered, inverse, parameters, [&](ArrayRef<Scalar> args) {
    Scalar y = args[0] * args[1] * args[2];
    return getBias() ? y + args[3] : y;
  }));
  if (getNumResults() > 1)
    b.setResult(1, rows.expand(1, mean));
  if (getNumResults() > 2)
    b.setResult(2, rows.expand(2, inverse));
  return success();
}

LogicalResult RMSNormalizationOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Shape> x = inferRows(*this, shapes);
  if (failed(x))
    return failure();
  results.push_back(*x);
  return success();
}

LogicalResult RMSNormalizationOp::lowerToLinalg(LinalgBuilder &b) {
  Rows rows(b, axesFrom(*normalizeAxis(getAxis(), b.rank(0)), b.rank(0)));
  double epsilon = getEpsilon().convertToFloat();
  Value squares = rows.sum(b.operand(0), b.elementType(0), [](Scalar a) { return a * a; });
  Value inverse =
      rows.statistic(squares, [&](Scalar s, Scalar n) { return s.like(1) / fsc::sqrt(s / n + s.like(epsilon)); });
  b.setResult(0,
              rows.finishOperand(0, inverse, {1}, [](ArrayRef<Scalar> args) { return args[0] * args[1] * args[2]; }));
  return success();
}

} // namespace fsc
