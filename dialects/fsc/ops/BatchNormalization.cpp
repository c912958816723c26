//===- BatchNormalization.cpp - Channels by running statistics ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Normalization.h"
#include "dialects/fsc/ops/Rows.h"

using namespace mlir;

namespace fsc {

Anchor BatchNormalizationOp::getAnchor() { return getTrainingMode() ? Anchor::reduction : Anchor::pointwise; }

LogicalResult BatchNormalizationOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(getX());
  // batch_normalization.C1: running statistics are results of training alone.
  if (getNumResults() > 3 || (getNumResults() > 1 && !getTrainingMode()))
    return emitOpError("expected one result, or up to three with training_mode 1");
  // batch_normalization.C3: a batch to train on has channels.
  if (getTrainingMode() && x.size() < 2)
    return emitOpError() << "expected an operand of rank at least 2 with training_mode 1, got " << getX().getType();
  Dim channels = x.size() > 1 ? x[1] : Dim(1);
  // batch_normalization.C2: one parameter per channel.
  for (Value parameter : getOperands().drop_front()) {
    Shape shape = shapes.dims(parameter);
    if (shape.size() != 1 || differ(shape[0], channels))
      return emitOpError() << "expected parameters with one element per channel, got " << parameter.getType();
  }
  results.push_back(x);
  for (size_t i = 1; i < getNumResults(); ++i)
    results.push_back({channels});
  return success();
}

Type BatchNormalizationOp::inferElementType(unsigned result) {
  return (result == 0 ? getX() : result == 1 ? getMean() : getVar()).getType().getElementType();
}

/// The batch's own statistics: y from them, and the running ones moved towards them.
static void lowerTraining(BatchNormalizationOp op, LinalgBuilder &b) {
  SmallVector<int64_t> axes = axesFrom(0, b.rank(0));
  if (axes.size() > 1)
    axes.erase(axes.begin() + 1);
  Rows rows(b, axes);
  Value mean;
  Value centered = rows.center(&mean);
  Value squares = rows.sum(centered, rows.getCompute(), [](Scalar a) { return a * a; });
  Value variance = rows.statistic(squares, [](Scalar s, Scalar n) { return s / n; });
  double epsilon = op.getEpsilon().convertToFloat(), momentum = op.getMomentum().convertToFloat();
  b.setResult(0, rows.finishAlong(1, 0, centered, variance, {1, 2}, [&](ArrayRef<Scalar> args) {
    return args[0] / fsc::sqrt(args[1] + args[1].like(epsilon)) * args[2] + args[3];
  }));
  for (unsigned i = 1; i < op->getNumResults(); ++i)
    b.setResult(i, b.generate(i, [&](ArrayRef<Value> at) {
      Scalar batch = b.load(i == 1 ? mean : variance, rows.getCompute(), at);
      Scalar running = cast(b.load(2 + i, at), batch.getType());
      return running * batch.like(momentum) + batch * batch.like(1 - momentum);
    }));
}

LogicalResult BatchNormalizationOp::lowerToLinalg(LinalgBuilder &b) {
  if (getTrainingMode()) {
    lowerTraining(*this, b);
    return success();
  }
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value channel = at.size() > 1 ? at[1] : b.index(0);
    Scalar x = b.load(0, at), scale = b.load(1, channel), bias = b.load(2, channel);
    Scalar mean = b.load(3, channel), variance = b.load(4, channel);
    Type type = x.getType();
    scale = cast(scale, type), bias = cast(bias, type), mean = cast(mean, type), variance = cast(variance, type);
    return (x - mean) / sqrt(variance + x.like(getEpsilon().convertToFloat())) * scale + bias;
  }));
  return success();
}

} // namespace fsc
