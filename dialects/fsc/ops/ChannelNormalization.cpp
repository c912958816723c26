//===- ChannelNormalization.cpp - Channels by their own statistics --------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Normalization.h"
#include "dialects/fsc/ops/Rows.h"

using namespace mlir;

namespace fsc {

/// The operand's shape, if it has channels and every parameter has one element for each.
template <typename Op> static FailureOr<Shape> inferChannels(Op op, ShapeBuilder &shapes, int64_t lowestRank) {
  Shape x = shapes.dims(op.getX());
  // instance_normalization.C1: there are a batch and a channel dim.
  if (int64_t(x.size()) < lowestRank)
    return op.emitOpError() << "expected an operand of rank at least " << lowestRank << ", got " << op.getX().getType();
  // instance_normalization.C2: one parameter per channel.
  for (Value parameter : op->getOperands().drop_front()) {
    Shape shape = shapes.dims(parameter);
    if (shape.size() != 1 || differ(shape[0], x[1]))
      return op.emitOpError() << "expected parameters with one element per channel, got " << parameter.getType();
  }
  return x;
}

//===----------------------------------------------------------------------===//
// InstanceNormalization
//===----------------------------------------------------------------------===//

Anchor InstanceNormalizationOp::getAnchor() { return Anchor::row; }

LogicalResult InstanceNormalizationOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Shape> x = inferChannels(*this, shapes, 2);
  if (failed(x))
    return failure();
  results.push_back(*x);
  return success();
}

LogicalResult InstanceNormalizationOp::lowerToLinalg(LinalgBuilder &b) {
  Rows rows(b, axesFrom(2, b.rank(0)));
  Value centered = rows.center();
  Value inverse = rows.inverseDeviation(centered, getEpsilon().convertToFloat());
  b.setResult(0, rows.finishAlong(1, 0, centered, inverse, {1, 2},
                                  [](ArrayRef<Scalar> args) { return args[0] * args[1] * args[2] + args[3]; }));
  return success();
}

//===----------------------------------------------------------------------===//
// GroupNormalization
//===----------------------------------------------------------------------===//

Anchor GroupNormalizationOp::getAnchor() { return Anchor::reduction; }

LogicalResult GroupNormalizationOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Shape> x = inferChannels(*this, shapes, 2);
  if (failed(x))
    return failure();
  // group_normalization.C1: the groups divide the channels.
  Dim channels = (*x)[1];
  int64_t groups = getNumGroups();
  if (groups < 1 || (channels.isKnown() && channels.get() % groups != 0))
    return emitOpError() << "expected channels that num_groups " << groups << " divides, got " << getX().getType();
  results.push_back(*x);
  return success();
}

LogicalResult GroupNormalizationOp::lowerToLinalg(LinalgBuilder &b) {
  Type type = b.elementType(0), compute = computeType(type);
  Value groups = b.index(getNumGroups());
  Value perGroup = b.floorDiv(b.dim(0, 1), groups);
  SmallVector<Value> sizes = {perGroup};
  Value elements = perGroup;
  for (int64_t axis = 2; axis < b.rank(0); ++axis) {
    sizes.push_back(b.dim(0, axis));
    elements = b.mul(elements, sizes.back());
  }
  Scalar zero = b.constant(0, type), noSum = asSum(zero), count = b.fromIndex(elements, noSum.getType());
  // Folds the elements of group at[1] of batch at[0].
  auto fold = [&](ArrayRef<Value> at, llvm::function_ref<Scalar(Scalar)> term) {
    Value first = b.mul(at[1], perGroup);
    return b.loops(sizes, noSum, [&](ArrayRef<Value> k, Scalar sum) {
      SmallVector<Value> place = {at[0], b.add(first, k[0])};
      place.append(k.begin() + 1, k.end());
      return sum + asSum(term(b.load(0, place)));
    });
  };
  SmallVector<Value> statistics = {b.dim(0, 0), groups};
  Value mean = b.generate(b.empty(statistics, compute), compute, [&](ArrayRef<Value> at) {
    return cast(fold(at, [](Scalar a) { return a; }) / count, compute);
  });
  Value inverse = b.generate(b.empty(statistics, compute), compute, [&](ArrayRef<Value> at) {
    Scalar center = b.load(mean, compute, at);
    Scalar variance = cast(fold(at, [&](Scalar a) { return (a - center) * (a - center); }) / count, compute);
    return zero.like(1) / fsc::sqrt(variance + zero.like(getEpsilon().convertToFloat()));
  });
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    SmallVector<Value> group = {at[0], b.floorDiv(at[1], perGroup)};
    Scalar normal = (b.load(0, at) - b.load(mean, compute, group)) * b.load(inverse, compute, group);
    return normal * cast(b.load(1, at[1]), compute) + cast(b.load(2, at[1]), compute);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// MeanVarianceNormalization
//===----------------------------------------------------------------------===//

Anchor MeanVarianceNormalizationOp::getAnchor() { return Anchor::row; }

static SmallVector<int64_t> givenAxes(MeanVarianceNormalizationOp op) {
  if (!op.getAxes())
    return {0, 2, 3};
  // None listed are all, as for ReduceMean, by which ONNX defines it.
  return op.getAxes()->empty() ? axesFrom(0, op.getX().getType().getRank()) : SmallVector<int64_t>(*op.getAxes());
}

LogicalResult MeanVarianceNormalizationOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(getX());
  // mean_variance_normalization.C1: axes are in range.
  for (int64_t axis : givenAxes(*this))
    if (!normalizeAxis(axis, x.size()))
      return emitOpError() << "expected axes in [" << -int64_t(x.size()) << ", " << x.size() << "), got " << axis;
  results.push_back(x);
  return success();
}

LogicalResult MeanVarianceNormalizationOp::lowerToLinalg(LinalgBuilder &b) {
  SmallVector<int64_t> axes =
      llvm::map_to_vector(givenAxes(*this), [&](int64_t axis) { return *normalizeAxis(axis, b.rank(0)); });
  Rows rows(b, axes);
  Value centered = rows.center();
  Value squares = rows.sum(centered, rows.getCompute(), [](Scalar a) { return a * a; });
  Value deviation = rows.statistic(squares, [](Scalar s, Scalar n) { return fsc::sqrt(s / n) + s.like(1e-9); });
  b.setResult(0, rows.finish(0, centered, deviation, {}, [](ArrayRef<Scalar> args) { return args[0] / args[1]; }));
  return success();
}

//===----------------------------------------------------------------------===//
// LpNormalization
//===----------------------------------------------------------------------===//

Anchor LpNormalizationOp::getAnchor() { return Anchor::row; }

LogicalResult LpNormalizationOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(getInput());
  int64_t rank = x.size();
  // lp_normalization.C1: the axis is in range.
  if (!normalizeAxis(getAxis(), rank))
    return emitOpError() << "expected axis in [" << -rank << ", " << rank << "), got " << int64_t(getAxis());
  // lp_normalization.C2: the norm is L1 or L2.
  if (getP() != 1 && getP() != 2)
    return emitOpError() << "expected p of 1 or 2, got " << int64_t(getP());
  results.push_back(x);
  return success();
}

LogicalResult LpNormalizationOp::lowerToLinalg(LinalgBuilder &b) {
  Rows rows(b, *normalizeAxis(getAxis(), b.rank(0)));
  bool first = getP() == 1;
  Value sum = rows.sum(b.operand(0), b.elementType(0), [&](Scalar a) { return first ? fsc::abs(a) : a * a; });
  Value norm = rows.statistic(sum, [&](Scalar s, Scalar) { return first ? s : fsc::sqrt(s); });
  b.setResult(0, rows.finishOperand(0, norm, {}, [](ArrayRef<Scalar> args) {
    return select(args[1] == args[1].like(0), args[0].like(0), args[0] / args[1]);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// LRN
//===----------------------------------------------------------------------===//

double LRNOp::countFlops() { return (2 * double(getSize()) + 20) * detail::countElements(getX()); }

LogicalResult LRNOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Shape> x = inferChannels(*this, shapes, 3);
  if (failed(x))
    return failure();
  // lrn.C1: at least the channel itself is summed.
  if (int64_t(getSize()) < 1)
    return emitOpError() << "expected size of at least 1, got " << int64_t(getSize());
  results.push_back(*x);
  return success();
}

LogicalResult LRNOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t size = getSize();
  double alpha = getAlpha().convertToFloat() / double(size), beta = getBeta().convertToFloat();
  double bias = getBias().convertToFloat();
  Value channels = b.dim(0, 1);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    // Channels c - floor((size - 1) / 2) to c + ceil((size - 1) / 2), as far as there are any.
    Value low = b.maximum(b.sub(at[1], b.index((size - 1) / 2)), b.index(0));
    Value high = b.minimum(b.add(at[1], b.index(size / 2 + 1)), channels);
    Scalar sum = b.loop(low, high, b.constant(0, b.elementType(0)), [&](Value channel, Scalar partial) {
      SmallVector<Value> place(at);
      place[1] = channel;
      Scalar x = b.load(0, place);
      return partial + x * x;
    });
    return b.load(0, at) / fsc::pow(sum.like(bias) + sum.like(alpha) * sum, sum.like(beta));
  }));
  return success();
}

} // namespace fsc
