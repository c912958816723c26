//===- Random.cpp - Draws of random numbers -------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Irregular.h"

using namespace mlir;

namespace fsc {

namespace {

/// draw.C1: what is drawn are floats.
LogicalResult checkFloat(Operation *op, Type type) {
  if (isa_and_nonnull<FloatType>(type))
    return success();
  return op->emitOpError("expected a dtype of floats");
}

template <typename Op> LogicalResult inferDraw(Op op, SmallVectorImpl<Shape> &results) {
  Shape sizes;
  for (int64_t size : op.getShape()) {
    // draw.C2: sizes are not negative.
    if (size < 0)
      return op.emitOpError() << "expected sizes of at least 0, got " << size;
    sizes.push_back(Dim(size));
  }
  results.push_back(sizes);
  return checkFloat(op, op.inferElementType(0));
}

template <typename Op> Type typeLike(Op op) {
  return op.getDtype() ? typeOfOnnxElement(op.getContext(), *op.getDtype()) : op.getInput().getType().getElementType();
}

template <typename Op> LogicalResult inferLike(Op op, ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  results.push_back(shapes.dims(op.getInput()));
  return checkFloat(op, op.inferElementType(0));
}

} // namespace

LogicalResult RandomNormalOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  return inferDraw(*this, results);
}
LogicalResult RandomUniformOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  return inferDraw(*this, results);
}
Type RandomNormalOp::inferElementType(unsigned) { return typeOfOnnxElement(getContext(), getDtype()); }
Type RandomUniformOp::inferElementType(unsigned) { return typeOfOnnxElement(getContext(), getDtype()); }

LogicalResult RandomNormalLikeOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferLike(*this, shapes, results);
}
LogicalResult RandomUniformLikeOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferLike(*this, shapes, results);
}
Type RandomNormalLikeOp::inferElementType(unsigned) { return typeLike(*this); }
Type RandomUniformLikeOp::inferElementType(unsigned) { return typeLike(*this); }

LogicalResult MultinomialOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape sizes = shapes.dims(getInput());
  // multinomial.C1: the operand is [rows, classes] of floats.
  if (sizes.size() != 2 || !isa<FloatType>(getInput().getType().getElementType()))
    return emitOpError() << "expected [rows, classes] of floats, got " << getInput().getType();
  // multinomial.C2: the classes are int32 or int64.
  Type type = inferElementType(0);
  if (!type || !(type.isSignlessInteger(32) || type.isSignlessInteger(64)))
    return emitOpError() << "expected dtype 6 (int32) or 7 (int64), got " << int64_t(getDtype());
  // multinomial.C3: the number of draws is not negative.
  if (int64_t(getSampleSize()) < 0)
    return emitOpError() << "expected a sample_size of at least 0, got " << int64_t(getSampleSize());
  results.push_back({sizes[0], Dim(int64_t(getSampleSize()))});
  return success();
}

Type MultinomialOp::inferElementType(unsigned) { return typeOfOnnxElement(getContext(), getDtype()); }

} // namespace fsc
