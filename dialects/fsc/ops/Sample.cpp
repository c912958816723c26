//===- Sample.cpp - AffineGrid, GridSample, RoiAlign, MaxRoiPool ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Generator.h"
#include "dialects/fsc/ops/Resize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

namespace {

/// A whole number as an index in [low, high], whatever it is: NaN gives low.
Value boundedIndex(LinalgBuilder &b, Scalar x, Value low, Value high) {
  Scalar limit = x.like(0x1p30);
  x = select(x > -limit, x, -limit);
  x = select(x < limit, x, limit);
  return b.maximum(b.minimum(b.toIndex(x), high), low);
}

} // namespace

//===----------------------------------------------------------------------===//
// AffineGrid
//===----------------------------------------------------------------------===//

LogicalResult AffineGridOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape theta = shapes.dims(getTheta());
  std::optional<Shape> size = shapes.content(getSize());
  int64_t spatial = size ? int64_t(size->size()) - 2 : 0;
  // affine_grid.C1: size is that of a batch of images or volumes, and there is a matrix of floats for each of them.
  if ((spatial != 2 && spatial != 3) || theta.size() != 3 || differ(theta[1], Dim(spatial)) ||
      differ(theta[2], Dim(spatial + 1)) || !isa<FloatType>(getTheta().getType().getElementType()))
    return emitOpError() << "expected a size of 4 or 5 dims, and a matrix of floats for each batch entry, got "
                         << getSize().getType() << " and " << getTheta().getType();
  Shape grid = {theta[0]};
  grid.append(size->begin() + 2, size->end());
  grid.push_back(Dim(spatial));
  results.push_back(grid);
  return success();
}

LogicalResult AffineGridOp::lowerToLinalg(LinalgBuilder &b) {
  SmallVector<Value> sizes = b.resultDims(0);
  size_t spatial = sizes.size() - 2;
  Type type = computeType(b.elementType(0));
  if (!getTheta().getType().hasStaticShape())
    b.check(b.both(b.equal(b.dim(0, 1), b.index(spatial)), b.equal(b.dim(0, 2), b.index(spatial + 1))),
            "AffineGrid: the matrices do not have the size that the grid needs");
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value last = b.sub(b.dim(0, 2), b.index(1)), row = b.minimum(at.back(), b.sub(b.dim(0, 1), b.index(1)));
    Scalar sum = b.load(0, {at[0], row, b.minimum(b.index(spatial), last)});
    for (size_t i = 0; i < spatial; ++i) {
      // The first column is for the last dim.
      size_t axis = spatial - i;
      Scalar place = b.fromIndex(at[axis], type), length = b.fromIndex(sizes[axis], type), one = place.like(1);
      Scalar corners = place * place.like(2) / fsc::max(length - one, one) - one;
      Scalar centers = (place * place.like(2) + one) / length - one;
      Scalar weight = b.load(0, {at[0], row, b.minimum(b.index(i), last)});
      sum = sum + weight * (getAlignCorners() ? corners : centers);
    }
    return sum;
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// GridSample
//===----------------------------------------------------------------------===//

namespace {

/// One spatial dim of a sampled operand.
struct Span {
  Value size;
  Scalar length, low, high; // the borders that reflection is about
};

class Sampler {
public:
  Sampler(GridSampleOp op, LinalgBuilder &b)
      : op(op), b(b), type(computeType(b.elementType(1))), sum(computeType(b.elementType(0))) {
    for (int64_t axis = 2; axis < b.rank(0); ++axis) {
      Value size = b.dim(0, axis);
      Scalar length = b.fromIndex(size, type), half = length.like(0.5);
      bool corners = op.getAlignCorners();
      spans.push_back(
          {size, length, corners ? length.like(0) : -half, corners ? length - length.like(1) : length - half});
    }
  }

  Scalar sample(ArrayRef<Value> at) {
    size_t spatial = spans.size();
    SmallVector<Value> gridAt = {at[0]};
    gridAt.append(at.begin() + 2, at.end());
    gridAt.emplace_back();
    SmallVector<Scalar> coordinates;
    for (size_t axis = 0; axis < spatial; ++axis) {
      // The grid lists the last dim first.
      gridAt.back() = b.index(spatial - 1 - axis);
      coordinates.push_back(locate(b.load(1, gridAt), spans[axis]));
    }
    SmallVector<Value> place = {at[0], at[1]};
    return interpolate(coordinates, 0, place, Value());
  }

private:
  bool isMode(StringRef name) { return op.getMode() == name || op.getMode() == ("bi" + name).str(); }

  /// The coordinate in elements from the normalized one, put inside where the padding mode says so.
  Scalar locate(Scalar n, const Span &span) {
    Scalar one = n.like(1), two = n.like(2);
    Scalar x = op.getAlignCorners() ? (n + one) / two * (span.length - one) : ((n + one) * span.length - one) / two;
    if (op.getMode() == "nearest")
      x = roundEven(x);
    Scalar outside = (x < span.low) | (x > span.high);
    if (op.getPaddingMode() == "border")
      return select(outside, fsc::max(n.like(0), fsc::min(x, span.length - one)), x);
    if (op.getPaddingMode() == "reflection")
      return select(outside, reflect(x, span), x);
    return x;
  }

  /// x reflected about the borders until it is between them.
  Scalar reflect(Scalar x, const Span &span) {
    Scalar range = span.high - span.low, zero = x.like(0), one = x.like(1);
    Scalar isPoint = range <= zero;
    range = select(isPoint, one, range);
    Scalar below = x < span.low, distance = select(below, span.low - x, x - span.high);
    Scalar turns = fsc::trunc(distance / range), rest = distance - turns * range;
    Scalar even = fsc::fmod(turns, x.like(2)) == zero;
    Scalar fromLow = span.low + rest, fromHigh = span.high - rest;
    Scalar reflected = select(below, select(even, fromLow, fromHigh), select(even, fromHigh, fromLow));
    return select(isPoint, span.low, select((x < span.low) | (x > span.high), reflected, x));
  }

  /// The weighted sum over the dims from `axis` on. `outside`, if not null, says that the element is out of range.
  Scalar interpolate(ArrayRef<Scalar> coordinates, size_t axis, SmallVector<Value> &place, Value outside) {
    if (axis == spans.size()) {
      if (!outside)
        return b.load(0, place);
      return b.ifElse(outside, [&] { return b.constant(0, sum); }, [&] { return b.load(0, place); });
    }
    Scalar x = coordinates[axis];
    if (op.getMode() == "nearest")
      return tap(coordinates, axis, x, place, outside);
    Scalar base = fsc::floor(x), t = x - base;
    SmallVector<Scalar> weights = isMode("cubic") ? cubicWeights(t) : SmallVector<Scalar>{t.like(1) - t, t};
    int64_t first = isMode("cubic") ? -1 : 0;
    Scalar result;
    for (auto [i, weight] : llvm::enumerate(weights)) {
      Scalar element = tap(coordinates, axis, base + base.like(double(first + int64_t(i))), place, outside);
      Scalar part = fsc::cast(weight, sum) * element;
      result = result ? result + part : part;
    }
    return result;
  }

  /// The sum with the element at the whole number `x` of this axis.
  Scalar tap(ArrayRef<Scalar> coordinates, size_t axis, Scalar x, SmallVector<Value> place, Value outside) {
    const Span &span = spans[axis];
    if (op.getPaddingMode() == "zeros") {
      Scalar inside = (x >= x.like(0)) & (x < span.length);
      Value out = (~inside).getValue();
      outside = outside ? Value(arith::OrIOp::create(b.b, b.loc, outside, out)) : out;
    } else if (op.getPaddingMode() == "reflection") {
      x = fsc::trunc(reflect(x, span));
    }
    Value last = b.sub(span.size, b.index(1));
    place.push_back(boundedIndex(b, x, b.index(0), last));
    return interpolate(coordinates, axis + 1, place, outside);
  }

  /// Keys, 1981, with a = -0.75.
  SmallVector<Scalar> cubicWeights(Scalar t) {
    auto c = [&](double value) { return t.like(value); };
    const double a = -0.75;
    auto far = [&](Scalar d) { return ((c(a) * d - c(5 * a)) * d + c(8 * a)) * d - c(4 * a); };
    auto near = [&](Scalar d) { return (c(a + 2) * d - c(a + 3)) * d * d + c(1); };
    return {far(t + c(1)), near(t), near(c(1) - t), far(c(2) - t)};
  }

  GridSampleOp op;
  LinalgBuilder &b;
  Type type, sum;
  SmallVector<Span> spans;
};

} // namespace

LogicalResult GridSampleOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(getX()), grid = shapes.dims(getGrid());
  // grid_sample.C1: the grid has a coordinate for each spatial dim.
  int64_t spatial = int64_t(x.size()) - 2;
  if (spatial < 1 || grid.size() != x.size() || !grid.back().isKnown(spatial) || differ(x[0], grid[0]))
    return emitOpError() << "expected a grid of " << spatial << " coordinates for each place, got " << getX().getType()
                         << " and " << getGrid().getType();
  // grid_sample.C2: modes are ones that ONNX has; elements are floats unless they are only copied.
  if (!llvm::is_contained({"linear", "nearest", "cubic", "bilinear", "bicubic"}, getMode()) ||
      !llvm::is_contained({"zeros", "border", "reflection"}, getPaddingMode()))
    return emitOpError()
           << "expected mode linear, nearest or cubic, and padding_mode zeros, border or reflection, got '" << getMode()
           << "' and '" << getPaddingMode() << "'";
  if (!isa<FloatType>(getGrid().getType().getElementType()) ||
      (getMode() != "nearest" && !isa<FloatType>(getX().getType().getElementType())))
    return emitOpError() << "expected floats, got " << getOperandTypes();
  Shape y = {x[0], x[1]};
  y.append(grid.begin() + 1, grid.end() - 1);
  results.push_back(y);
  return success();
}

LogicalResult GridSampleOp::lowerToLinalg(LinalgBuilder &b) {
  Value some = b.index(1), entries = b.minimum(b.dim(0, 0), b.dim(1, 0));
  for (int64_t axis = 2; axis < b.rank(0); ++axis)
    some = b.mul(some, b.dim(0, axis));
  b.check(b.both(b.less(b.index(0), some), b.equal(b.dim(0, 0), b.dim(1, 0))),
          "GridSample: there is no element to sample, or not a grid for each batch entry");
  Sampler sampler(*this, b);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    SmallVector<Value> place(at);
    place[0] = b.minimum(place[0], b.sub(entries, b.index(1)));
    return sampler.sample(place);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// RoiAlign
//===----------------------------------------------------------------------===//

LogicalResult RoiAlignOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(getX()), rois = shapes.dims(getRois()), batch = shapes.dims(getBatchIndices());
  // roi_align.C1: regions have four coordinates and a batch index each.
  if (x.size() != 4 || rois.size() != 2 || !rois[1].isKnown(4) || batch.size() != 1 || differ(rois[0], batch[0]) ||
      !getBatchIndices().getType().getElementType().isInteger() || !isa<FloatType>(getX().getType().getElementType()) ||
      getRois().getType().getElementType() != getX().getType().getElementType())
    return emitOpError() << "expected images, four coordinates for each region, and its batch index, got "
                         << getOperandTypes();
  // roi_align.C2: modes are ones that ONNX has, sizes are positive.
  StringRef transformation = getCoordinateTransformationMode();
  if ((getMode() != "avg" && getMode() != "max") ||
      (transformation != "half_pixel" && transformation != "output_half_pixel"))
    return emitOpError() << "expected mode avg or max, and coordinate_transformation_mode half_pixel or "
                            "output_half_pixel, got '"
                         << getMode() << "' and '" << transformation << "'";
  constexpr int64_t limit = int64_t(1) << 20;
  for (int64_t size : {int64_t(getOutputHeight()), int64_t(getOutputWidth())})
    if (size < 1 || size > limit || getSamplingRatio() > uint64_t(limit))
      return emitOpError("expected positive output sizes and a sampling_ratio of at least 0");
  results.push_back({batch[0], x[1], Dim(int64_t(getOutputHeight())), Dim(int64_t(getOutputWidth()))});
  return success();
}

namespace {

/// A region along one dim: what a place of the result covers.
struct Region {
  Scalar start, bin, samples;
  Value count;
  Value size;
};

/// The two elements around a coordinate and how much the second one counts, and whether it is inside.
struct Around {
  Value low, high;
  Scalar fraction, inside;
};

Around around(LinalgBuilder &b, Scalar x, Value size) {
  Scalar length = b.fromIndex(size, x.getType()), zero = x.like(0);
  Scalar inside = (x >= x.like(-1)) & (x <= length);
  x = fsc::max(x, zero);
  Value last = b.maximum(b.sub(size, b.index(1)), b.index(0)), low = boundedIndex(b, fsc::floor(x), b.index(0), last);
  Scalar fraction = b.choose(b.equal(low, last), zero, x - fsc::floor(x));
  return {low, b.minimum(b.add(low, b.index(1)), last), fraction, inside};
}

} // namespace

LogicalResult RoiAlignOp::lowerToLinalg(LinalgBuilder &b) {
  Type type = computeType(b.elementType(0));
  bool halfPixel = getCoordinateTransformationMode() == "half_pixel", isMax = getMode() == "max";
  Value zero = b.index(0), entries = b.dim(0, 0), rois = b.dim(1, 0);
  auto region = [&](Value roi, int64_t axis, int64_t outputs) {
    Scalar scale = b.constant(getSpatialScale().convertToFloat(), type), offset = scale.like(halfPixel ? 0.5 : 0);
    Scalar start = b.load(1, {roi, b.index(axis)}) * scale - offset;
    Scalar end = b.load(1, {roi, b.index(axis + 2)}) * scale - offset;
    Scalar extent = halfPixel ? end - start : fsc::max(end - start, scale.like(1));
    Scalar bin = extent / scale.like(double(outputs)), samples = fsc::ceil(bin);
    if (getSamplingRatio() > 0)
      samples = scale.like(double(getSamplingRatio()));
    Value count = boundedIndex(b, samples, zero, b.index(1 << 20));
    return Region{start, bin, b.fromIndex(count, type), count, b.dim(0, 3 - axis)};
  };
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value roi = b.checkIndex(at[0], rois, "RoiAlign: a region is missing");
    Value entry = b.checkIndex(b.toIndex(b.load(2, at[0])), entries, "RoiAlign: a batch index is out of range");
    Region x = region(roi, 0, getOutputWidth()), y = region(roi, 1, getOutputHeight());
    Scalar none = b.constant(0, type), half = none.like(0.5);
    auto coordinate = [&](const Region &r, Value place, Value sample) {
      return r.start + b.fromIndex(place, type) * r.bin + (b.fromIndex(sample, type) + half) * r.bin / r.samples;
    };
    Scalar start = isMax ? none.infinity(true) : none;
    Scalar total = b.loops({y.count, x.count}, start, [&](ArrayRef<Value> k, Scalar state) {
      Around v = around(b, coordinate(y, at[2], k[0]), y.size), u = around(b, coordinate(x, at[3], k[1]), x.size);
      Scalar inside = v.inside & u.inside, one = none.like(1);
      auto element = [&](Value row, Value column, Scalar weight) {
        return select(inside, weight, none) * b.load(0, {entry, at[1], row, column});
      };
      Scalar a = element(v.low, u.low, (one - v.fraction) * (one - u.fraction));
      Scalar c = element(v.low, u.high, (one - v.fraction) * u.fraction);
      Scalar d = element(v.high, u.low, v.fraction * (one - u.fraction));
      Scalar e = element(v.high, u.high, v.fraction * u.fraction);
      return isMax ? fsc::max(state, fsc::max(fsc::max(a, c), fsc::max(d, e))) : state + (a + c + d + e);
    });
    if (!isMax)
      return total / fsc::max(x.samples * y.samples, none.like(1));
    return b.choose(b.both(b.less(zero, x.count), b.less(zero, y.count)), total, none);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// MaxRoiPool
//===----------------------------------------------------------------------===//

LogicalResult MaxRoiPoolOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(getX()), rois = shapes.dims(getRois());
  ArrayRef<int64_t> pooled = getPooledShape();
  // max_roi_pool.C1: regions are a batch index and four coordinates, and the result has a size.
  if (x.size() != 4 || rois.size() != 2 || !rois[1].isKnown(5) || pooled.size() != 2 || pooled[0] < 1 ||
      pooled[1] < 1 || !isa<FloatType>(getX().getType().getElementType()) ||
      getRois().getType().getElementType() != getX().getType().getElementType())
    return emitOpError() << "expected images, regions of five numbers, and two positive sizes in pooled_shape, got "
                         << getOperandTypes();
  results.push_back({rois[0], x[1], Dim(pooled[0]), Dim(pooled[1])});
  return success();
}

LogicalResult MaxRoiPoolOp::lowerToLinalg(LinalgBuilder &b) {
  Type type = computeType(b.elementType(0));
  Value zero = b.index(0), entries = b.dim(0, 0);
  Scalar scale = b.constant(getSpatialScale().convertToFloat(), type);
  // The elements [low, high) that place `at` covers along a dim.
  auto cover = [&](Value roi, int64_t axis, Value at, int64_t outputs, Value size) {
    auto corner = [&](int64_t column) {
      Scalar x = b.load(1, {roi, b.index(column)}) * scale, half = x.like(0.5);
      return select(x < x.like(0), fsc::ceil(x - half), fsc::floor(x + half));
    };
    Scalar start = corner(1 + axis), end = corner(3 + axis), one = start.like(1), place = b.fromIndex(at, type);
    Scalar bin = fsc::max(end - start + one, one) / start.like(double(outputs));
    Value low = boundedIndex(b, fsc::floor(place * bin) + start, zero, size);
    Value high = boundedIndex(b, fsc::ceil((place + one) * bin) + start, zero, size);
    return std::pair(low, high);
  };
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value index = boundedIndex(b, b.load(1, {at[0], zero}), b.index(-1), entries);
    b.check(b.inRange(index, zero, entries), "MaxRoiPool: a batch index is out of range");
    Value entry = b.maximum(b.minimum(index, b.sub(entries, b.index(1))), zero);
    auto [left, right] = cover(at[0], 0, at[3], getPooledShape()[1], b.dim(0, 3));
    auto [top, bottom] = cover(at[0], 1, at[2], getPooledShape()[0], b.dim(0, 2));
    SmallVector<Value> sizes = {b.sub(bottom, top), b.sub(right, left)};
    Scalar best = b.loops(sizes, scale.infinity(true), [&, left = left, top = top](ArrayRef<Value> k, Scalar state) {
      return fsc::max(state, b.load(0, {entry, at[1], b.add(top, k[0]), b.add(left, k[1])}));
    });
    Value some = b.both(b.less(zero, sizes[0]), b.less(zero, sizes[1]));
    return b.choose(some, best, scale.like(0));
  }));
  return success();
}

} // namespace fsc
