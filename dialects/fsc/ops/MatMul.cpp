//===- MatMul.cpp - Matrix products ---------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Contraction.h"
#include "dialects/fsc/ops/Product.h"

using namespace mlir;

namespace fsc {

LogicalResult MatMulOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape a = shapes.dims(getA()), b = shapes.dims(getB());
  if (getPack() != 0) {
    // matmul.C2: a packed operand is [panels][K][pack].
    if (b.size() != 3 || getColumns() <= 0)
      return emitOpError("expected columns and a second operand of rank 3 where pack is given");
    b = {b[1], Dim(getColumns())};
  }
  FailureOr<Shape> y = inferProduct(getOperation(), shapes, a, b);
  if (failed(y))
    return failure();
  results.push_back(*y);
  return success();
}

Anchor MatMulOp::getAnchor() { return Anchor::contraction; }

double MatMulOp::countFlops() {
  int64_t k = getA().getType().getShape().back();
  return 2 * detail::countElements(getY()) * double(std::max<int64_t>(k, 1));
}

LogicalResult MatMulOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t aRank = b.rank(0), bRank = getPack() ? 2 : b.rank(1);
  Type type = b.elementType(0);
  Value depth = b.dim(0, aRank - 1);
  // Batch index i of an operand whose batch dims are `count`, at the result's indices.
  auto batchIndex = [&](unsigned operand, int64_t axis, Value index) -> Value {
    int64_t size = b.operandType(operand).getDimSize(axis);
    if (size == 1)
      return b.index(0);
    return ShapedType::isDynamic(size) ? b.minimum(index, b.sub(b.dim(operand, axis), b.index(1))) : index;
  };
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    bool aVector = aRank == 1, bVector = bRank == 1;
    ArrayRef<Value> batch = at.drop_back((aVector ? 0 : 1) + (bVector ? 0 : 1));
    Value row = aVector ? Value() : at[batch.size()];
    Value column = bVector ? Value() : at.back();
    SmallVector<Value> aAt, bAt;
    for (int64_t axis = 0; axis < aRank - 2; ++axis)
      aAt.push_back(batchIndex(0, axis, batch[batch.size() - (aRank - 2) + axis]));
    for (int64_t axis = 0; axis < bRank - 2; ++axis)
      bAt.push_back(batchIndex(1, axis, batch[batch.size() - (bRank - 2) + axis]));
    return b.loop(b.index(0), depth, b.constant(0, type), [&](Value k, Scalar sum) {
      SmallVector<Value> left(aAt), right(bAt);
      if (row)
        left.push_back(row);
      left.push_back(k);
      right.push_back(k);
      if (getPack())
        right = {b.floorDiv(column, b.index(getPack())), k, b.rem(column, b.index(getPack()))};
      else if (column)
        right.push_back(column);
      return sum + b.load(0, left) * b.load(1, right);
    });
  }));
  return success();
}

LogicalResult GemmOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape a = shapes.dims(getA()), b = shapes.dims(getB());
  // gemm.C1: A and B are matrices.
  if (a.size() != 2 || b.size() != 2)
    return emitOpError() << "expected matrices, got " << getA().getType() << " and " << getB().getType();
  Dim k = a[getTransA() ? 0 : 1], otherK = b[getTransB() ? 1 : 0];
  // gemm.C2: the summed dims agree.
  if (differ(k, otherK))
    return emitOpError() << "expected equal inner sizes, got " << k.get() << " and " << otherK.get();
  Shape y = {a[getTransA() ? 1 : 0], b[getTransB() ? 0 : 1]};
  // gemm.C3: C broadcasts to the result, not the other way round.
  if (getC()) {
    Shape c = shapes.dims(getC());
    bool grows = c.size() > 2;
    for (size_t i = 0; !grows && i < c.size(); ++i)
      grows = cannotStretch(c[c.size() - 1 - i], y[1 - i]);
    if (grows)
      return emitOpError() << "expected C to broadcast to the result, got " << getC().getType();
  }
  results.push_back(y);
  return success();
}

Anchor GemmOp::getAnchor() { return Anchor::contraction; }

double GemmOp::countFlops() {
  int64_t k = getA().getType().getDimSize(getTransA() ? 0 : 1);
  return 2 * detail::countElements(getY()) * double(std::max<int64_t>(k, 1));
}

LogicalResult GemmOp::lowerToLinalg(LinalgBuilder &b) {
  Type type = b.elementType(0);
  Value depth = b.dim(0, getTransA() ? 0 : 1);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Scalar sum = b.loop(b.index(0), depth, b.constant(0, type), [&](Value k, Scalar partial) {
      SmallVector<Value> left = {at[0], k}, right = {k, at[1]};
      if (getTransA())
        std::swap(left[0], left[1]);
      if (getTransB())
        std::swap(right[0], right[1]);
      return partial + b.load(0, left) * b.load(1, right);
    });
    if (double alpha = getAlpha().convertToFloat(); alpha != 1)
      sum = sum * sum.like(alpha);
    if (getC()) {
      Scalar c = b.loadBroadcast(2, at);
      if (double beta = getBeta().convertToFloat(); beta != 1)
        c = c * c.like(beta);
      sum = sum + c;
    }
    return sum;
  }));
  return success();
}

} // namespace fsc
