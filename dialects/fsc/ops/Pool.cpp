//===- Pool.cpp - Windowed and global pools -------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Convolution.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

namespace {

template <typename Op> FailureOr<Window> poolWindow(Op op) {
  if (!op.getKernelShape())
    return op.emitOpError("expected kernel_shape");
  return readWindow(op, *op.getKernelShape(), op.getAutoPad(), op.getPads(), op.getStrides(), op.getDilations(),
                    op.getCeilMode());
}

/// The shape of a pool's result: x's with the spatial dims replaced.
template <typename Op> FailureOr<Shape> poolShape(Op op, ShapeBuilder &shapes) {
  FailureOr<Window> window = op.getWindow();
  if (failed(window))
    return failure();
  Shape y = shapes.dims(op.getX());
  // pool.C1: one kernel size per spatial dim.
  if (y.size() != window->rank() + 2)
    return op.emitOpError() << "expected kernel_shape of " << int64_t(y.size()) - 2 << " sizes, got " << window->rank();
  int64_t first = spatialAxis(op.getChannelsLast());
  for (size_t axis = 0; axis < window->rank(); ++axis)
    y[first + axis] = window->outputSize(axis, y[first + axis]);
  return y;
}

/// The places of the operand that the window at one output covers.
struct Place {
  SmallVector<Value> sizes; // of the window
  SmallVector<Value> pads;
  SmallVector<Value> x; // sizes of the operand
  int64_t first;
};

template <typename Op> Place preparePlace(Op op, LinalgBuilder &b, const Window &window) {
  Place place{{}, {}, b.dims(0), spatialAxis(op.getChannelsLast())};
  ShapeBuilder shapes(b.b, b.loc);
  for (size_t axis = 0; axis < window.rank(); ++axis) {
    place.sizes.push_back(b.index(window.kernel[axis]));
    int64_t known = b.operandType(0).getDimSize(place.first + axis);
    Dim input = ShapedType::isDynamic(known) ? Dim(shapes, place.x[place.first + axis]) : Dim(known);
    place.pads.push_back(shapes.materialize(window.padBegin(axis, input)));
  }
  return place;
}

/// The indices of the operand at window place k of output `at`, and whether they are inside.
std::pair<SmallVector<Value>, Value> locate(LinalgBuilder &b, const Window &window, const Place &place,
                                            ArrayRef<Value> at, ArrayRef<Value> k) {
  SmallVector<Value> position(at);
  Value inside = arith::ConstantIntOp::create(b.b, b.loc, 1, 1);
  for (size_t axis = 0; axis < window.rank(); ++axis) {
    int64_t dim = place.first + axis;
    Value start = b.sub(b.mul(at[dim], b.index(window.strides[axis])), place.pads[axis]);
    position[dim] = b.add(start, b.mul(k[axis], b.index(window.dilations[axis])));
    inside = b.both(inside, b.inRange(position[dim], b.index(0), place.x[dim]));
  }
  return {position, inside};
}

} // namespace

//===----------------------------------------------------------------------===//
// MaxPool
//===----------------------------------------------------------------------===//

FailureOr<Window> MaxPoolOp::getWindow() { return poolWindow(*this); }
Anchor MaxPoolOp::getAnchor() { return Anchor::window; }

LogicalResult MaxPoolOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Shape> shape = poolShape(*this, shapes);
  if (failed(shape))
    return failure();
  results.assign(getNumResults(), *shape);
  return success();
}

Type MaxPoolOp::inferElementType(unsigned result) {
  return result == 0 ? getX().getType().getElementType() : IntegerType::get(getContext(), 64);
}

double MaxPoolOp::countFlops() {
  double taps = 1;
  for (int64_t size : getKernelShape().value_or(ArrayRef<int64_t>()))
    taps *= double(size);
  return taps * detail::countElements(getResult(0));
}

/// The place of `position` in the flattened operand (channels first), as the second result counts it.
static Value flatIndex(MaxPoolOp op, LinalgBuilder &b, ArrayRef<Value> sizes, ArrayRef<Value> position) {
  size_t rank = position.size();
  SmallVector<size_t> order = {0, size_t(channelAxis(op.getChannelsLast(), rank))};
  int64_t first = spatialAxis(op.getChannelsLast());
  for (size_t axis = 0; axis + 2 < rank; ++axis)
    order.push_back(first + axis);
  // storage_order 1 counts spatial dims column by column.
  if (op.getStorageOrder() == 1)
    std::reverse(order.begin() + 2, order.end());
  Value flat = b.index(0);
  for (size_t axis : order)
    flat = b.add(b.mul(flat, sizes[axis]), position[axis]);
  return flat;
}

LogicalResult MaxPoolOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<Window> window = getWindow();
  if (failed(window))
    return failure();
  Place place = preparePlace(*this, b, *window);
  Type type = b.elementType(0);
  auto largest = [&](ArrayRef<Value> at) {
    Scalar lowest = b.constant(0, type).infinity(true);
    return b.loops(place.sizes, lowest, [&](ArrayRef<Value> k, Scalar best) {
      auto [position, inside] = locate(b, *window, place, at, k);
      return b.ifElse(
          inside, [&, position = position] { return fsc::max(best, b.load(0, position)); }, [&] { return best; });
    });
  };
  b.setResult(0, b.generate(0, largest));
  if (getNumResults() == 1)
    return success();
  // The first place that holds the largest element.
  b.setResult(1, b.generate(1, [&](ArrayRef<Value> at) {
    Scalar best = largest(at);
    Scalar none = b.fromIndex(b.index(0), b.b.getI64Type()).likeInt(-1);
    Scalar found = b.loops(place.sizes, none, [&](ArrayRef<Value> k, Scalar index) {
      auto [position, inside] = locate(b, *window, place, at, k);
      return b.ifElse(
          inside,
          [&, position = position] {
            Scalar here = b.load(0, position);
            Scalar flat = b.fromIndex(flatIndex(*this, b, place.x, position), b.b.getI64Type());
            return select((index == none) & (here == best), flat, index);
          },
          [&] { return index; });
    });
    return fsc::max(found, found.likeInt(0));
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// AveragePool
//===----------------------------------------------------------------------===//

FailureOr<Window> AveragePoolOp::getWindow() { return poolWindow(*this); }
Anchor AveragePoolOp::getAnchor() { return Anchor::window; }

LogicalResult AveragePoolOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Shape> shape = poolShape(*this, shapes);
  if (failed(shape))
    return failure();
  results.push_back(*shape);
  return success();
}

double AveragePoolOp::countFlops() {
  double taps = 1;
  for (int64_t size : getKernelShape().value_or(ArrayRef<int64_t>()))
    taps *= double(size);
  return taps * detail::countElements(getY());
}

LogicalResult AveragePoolOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<Window> window = getWindow();
  if (failed(window))
    return failure();
  Place place = preparePlace(*this, b, *window);
  Type type = b.elementType(0);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Scalar zero = b.constant(0, type);
    Scalar sum = b.loops(place.sizes, zero, [&](ArrayRef<Value> k, Scalar partial) {
      auto [position, inside] = locate(b, *window, place, at, k);
      return b.ifElse(
          inside, [&, position = position] { return partial + b.load(0, position); }, [&] { return partial; });
    });
    // The divisor counts the places inside the operand or, with count_include_pad, inside the padded operand.
    Scalar count = b.loops(place.sizes, zero, [&](ArrayRef<Value> k, Scalar partial) {
      auto [position, inside] = locate(b, *window, place, at, k);
      if (getCountIncludePad()) {
        inside = arith::ConstantIntOp::create(b.b, b.loc, 1, 1);
        for (size_t axis = 0; axis < window->rank(); ++axis) {
          int64_t dim = place.first + axis;
          Value high = b.add(place.x[dim], window->same ? place.pads[axis] : b.index(window->padsEnd[axis]));
          Value low = b.sub(b.index(0), place.pads[axis]);
          if (window->same)
            high = b.add(high, b.index(1));
          inside = b.both(inside, b.inRange(position[dim], low, high));
        }
      }
      return b.choose(inside, partial + partial.like(1), partial);
    });
    return sum / count;
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// LpPool
//===----------------------------------------------------------------------===//

/// The p-norm as a fold: what an element adds, and the norm from the sum.
static Scalar powerTerm(Scalar a, int64_t p) {
  Scalar size = fsc::abs(a);
  return p == 1 ? size : p == 2 ? a * a : fsc::pow(size, size.like(double(p)));
}
static Scalar powerRoot(Scalar sum, int64_t p) {
  return p == 1 ? sum : p == 2 ? fsc::sqrt(sum) : fsc::pow(sum, sum.like(1.0 / double(p)));
}

FailureOr<Window> LpPoolOp::getWindow() { return poolWindow(*this); }
Anchor LpPoolOp::getAnchor() { return Anchor::window; }

LogicalResult LpPoolOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // lp_pool.C1: there is a norm.
  if (int64_t(getP()) < 1)
    return emitOpError() << "expected p of at least 1, got " << int64_t(getP());
  FailureOr<Shape> shape = poolShape(*this, shapes);
  if (failed(shape))
    return failure();
  results.push_back(*shape);
  return success();
}

double LpPoolOp::countFlops() {
  double taps = 2;
  for (int64_t size : getKernelShape().value_or(ArrayRef<int64_t>()))
    taps *= double(size);
  return taps * detail::countElements(getY());
}

LogicalResult LpPoolOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<Window> window = getWindow();
  if (failed(window))
    return failure();
  Place place = preparePlace(*this, b, *window);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Scalar sum = b.loops(place.sizes, b.constant(0, b.elementType(0)), [&](ArrayRef<Value> k, Scalar partial) {
      auto [position, inside] = locate(b, *window, place, at, k);
      return b.ifElse(
          inside, [&, position = position] { return partial + powerTerm(b.load(0, position), getP()); },
          [&] { return partial; });
    });
    return powerRoot(sum, getP());
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// Global pools
//===----------------------------------------------------------------------===//

namespace {

template <typename Op> LogicalResult inferGlobal(Op op, ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape y = shapes.dims(op.getX());
  // pool.C2: a batch and a channel dim.
  if (y.size() < 2)
    return op.emitOpError() << "expected an operand of rank at least 2, got " << op.getX().getType();
  int64_t first = spatialAxis(op.getChannelsLast());
  for (size_t axis = 0; axis + 2 < y.size(); ++axis)
    y[first + axis] = Dim(1);
  results.push_back(y);
  return success();
}

/// Folds all spatial places of the operand that belong to output `at`.
template <typename Op>
Scalar foldSpatial(Op op, LinalgBuilder &b, ArrayRef<Value> at, Scalar init,
                   llvm::function_ref<Scalar(Scalar, Scalar)> combine) {
  int64_t first = spatialAxis(op.getChannelsLast());
  SmallVector<Value> sizes;
  for (int64_t axis = 0; axis + 2 < b.rank(0); ++axis)
    sizes.push_back(b.dim(0, first + axis));
  return b.loops(sizes, init, [&](ArrayRef<Value> k, Scalar state) {
    SmallVector<Value> place(at);
    for (auto [axis, value] : llvm::enumerate(k))
      place[first + axis] = value;
    return combine(state, b.load(0, place));
  });
}

} // namespace

Anchor GlobalAveragePoolOp::getAnchor() { return Anchor::reduction; }
Anchor GlobalMaxPoolOp::getAnchor() { return Anchor::reduction; }

LogicalResult GlobalAveragePoolOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferGlobal(*this, shapes, results);
}
LogicalResult GlobalMaxPoolOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferGlobal(*this, shapes, results);
}

LogicalResult GlobalAveragePoolOp::lowerToLinalg(LinalgBuilder &b) {
  Type type = b.elementType(0);
  int64_t first = spatialAxis(getChannelsLast());
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Scalar sum = foldSpatial(*this, b, at, asSum(b.constant(0, type)), [](Scalar x, Scalar y) { return x + asSum(y); });
    Value count = b.index(1);
    for (int64_t axis = 0; axis + 2 < b.rank(0); ++axis)
      count = b.mul(count, b.dim(0, first + axis));
    return cast(sum / b.fromIndex(count, sum.getType()), computeType(type));
  }));
  return success();
}

LogicalResult GlobalMaxPoolOp::lowerToLinalg(LinalgBuilder &b) {
  Type type = b.elementType(0);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Scalar lowest = b.constant(0, type).infinity(true);
    return foldSpatial(*this, b, at, lowest, [](Scalar x, Scalar y) { return fsc::max(x, y); });
  }));
  return success();
}

Anchor GlobalLpPoolOp::getAnchor() { return Anchor::reduction; }

LogicalResult GlobalLpPoolOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // global_lp_pool.C1: there is a norm.
  if (int64_t(getP()) < 1)
    return emitOpError() << "expected p of at least 1, got " << int64_t(getP());
  return inferGlobal(*this, shapes, results);
}

LogicalResult GlobalLpPoolOp::lowerToLinalg(LinalgBuilder &b) {
  Scalar zero = b.constant(0, b.elementType(0));
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Scalar sum =
        foldSpatial(*this, b, at, asSum(zero), [&](Scalar r, Scalar a) { return r + asSum(powerTerm(a, getP())); });
    return powerRoot(cast(sum, zero.getType()), getP());
  }));
  return success();
}

} // namespace fsc
