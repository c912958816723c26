//===- Conv.cpp - Convolution ---------------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Convolution.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

FailureOr<Window> ConvOp::getWindow() {
  SmallVector<int64_t> kernel;
  if (getKernelShape())
    kernel.assign(getKernelShape()->begin(), getKernelShape()->end());
  else
    kernel.assign(getW().getType().getShape().drop_front(2).begin(), getW().getType().getShape().end());
  if (llvm::any_of(kernel, ShapedType::isDynamic))
    return emitOpError("expected a filter of known spatial sizes, or kernel_shape");
  return readWindow(*this, kernel, getAutoPad(), getPads(), getStrides(), getDilations(), false);
}

LogicalResult ConvOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  RankedTensorType xType = getX().getType(), wType = getW().getType();
  int64_t rank = xType.getRank();
  // conv.C1: x and w have the same rank, at least 3.
  if (rank < 3 || (getPack() == 0 && wType.getRank() != rank))
    return emitOpError() << "expected operands of one rank, at least 3, got " << xType << " and " << wType;
  // conv.C2: packed filters say their shape.
  if (getPack() != 0 && (wType.getRank() != 4 || !getKernelShape() || getFilters() <= 0))
    return emitOpError("expected kernel_shape, filters and a filter of rank 4 where pack is given");
  FailureOr<Window> window = getWindow();
  if (failed(window))
    return failure();
  // conv.C3: one kernel size per spatial dim.
  if (int64_t(window->rank()) != rank - 2)
    return emitOpError() << "expected kernel_shape of " << rank - 2 << " sizes, got " << window->rank();

  Shape x = shapes.dims(getX()), w = shapes.dims(getW());
  Dim channels = x[channelAxis(getChannelsLast(), rank)];
  Dim filters = getPack() ? Dim(getFilters()) : w[0];
  Dim perGroup = getPack() ? w[2] : w[1];
  int64_t group = getGroup();
  // conv.C4: channels and filters are divided among the groups.
  if (group < 1 || (filters.isKnown() && filters.get() % group != 0))
    return emitOpError() << "expected a number of filters that group " << group << " divides";
  if (differ(channels, perGroup * Dim(group)))
    return emitOpError() << "expected a filter of " << channels.get() << " / " << group << " input channels, got "
                         << perGroup.get();
  // conv.C5: one bias per filter.
  if (getB()) {
    Shape bias = shapes.dims(getB());
    if (bias.size() != 1 || differ(bias[0], filters))
      return emitOpError() << "expected a bias with one element per filter, got " << getB().getType();
  }

  Shape y(rank, Dim(0));
  y[0] = x[0];
  y[channelAxis(getChannelsLast(), rank)] = filters;
  int64_t firstSpatial = spatialAxis(getChannelsLast());
  for (size_t axis = 0; axis < window->rank(); ++axis)
    y[firstSpatial + axis] = window->outputSize(axis, x[firstSpatial + axis]);
  results.push_back(y);
  return success();
}

Anchor ConvOp::getAnchor() { return Anchor::convolution; }

double ConvOp::countFlops() {
  double taps = 1;
  if (FailureOr<Window> window = getWindow(); succeeded(window))
    for (int64_t size : window->kernel)
      taps *= double(size);
  int64_t perGroup = getW().getType().getDimSize(getPack() ? 2 : 1);
  return 2 * detail::countElements(getY()) * taps * double(std::max<int64_t>(perGroup, 1));
}

/// The filter's element for output channel `filter`, input channel `channel` of its group, and one place of the window.
static Scalar loadFilter(ConvOp op, LinalgBuilder &b, const Window &window, Value filter, Value channel,
                         ArrayRef<Value> place) {
  SmallVector<Value> at;
  if (op.getPack() == 0) {
    at = {filter, channel};
    at.append(place.begin(), place.end());
  } else {
    Value tap = b.index(0);
    for (auto [axis, k] : llvm::enumerate(place))
      tap = b.add(b.mul(tap, b.index(window.kernel[axis])), k);
    Value pack = b.index(op.getPack());
    at = {b.floorDiv(filter, pack), tap, channel, b.rem(filter, pack)};
  }
  return b.load(1, at);
}

LogicalResult ConvOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<Window> window = getWindow();
  if (failed(window))
    return failure();
  int64_t rank = b.rank(0), spatial = window->rank();
  int64_t channelDim = channelAxis(getChannelsLast(), rank), firstSpatial = spatialAxis(getChannelsLast());
  SmallVector<Value> x = b.dims(0), y = b.resultDims(0);
  ShapeBuilder shapes(b.b, b.loc);
  SmallVector<Value> sizes = {b.dim(1, getPack() ? 2 : 1)}, pads;
  for (int64_t axis = 0; axis < spatial; ++axis) {
    sizes.push_back(b.index(window->kernel[axis]));
    int64_t known = getX().getType().getDimSize(firstSpatial + axis);
    Dim input = ShapedType::isDynamic(known) ? Dim(shapes, x[firstSpatial + axis]) : Dim(known);
    pads.push_back(shapes.materialize(window->padBegin(axis, input)));
  }
  Value filtersPerGroup = b.floorDiv(y[channelDim], b.index(getGroup()));
  Type type = b.elementType(0);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value filter = at[channelDim];
    Value firstChannel = b.mul(b.floorDiv(filter, filtersPerGroup), sizes[0]);
    Scalar init = getB() ? b.load(2, {filter}) : b.constant(0, type);
    return b.loops(sizes, init, [&](ArrayRef<Value> k, Scalar sum) {
      SmallVector<Value> place(at);
      place[channelDim] = b.add(firstChannel, k[0]);
      Value inside = arith::ConstantIntOp::create(b.b, b.loc, 1, 1);
      for (int64_t axis = 0; axis < spatial; ++axis) {
        Value start = b.sub(b.mul(at[firstSpatial + axis], b.index(window->strides[axis])), pads[axis]);
        Value position = b.add(start, b.mul(k[1 + axis], b.index(window->dilations[axis])));
        inside = b.both(inside, b.inRange(position, b.index(0), x[firstSpatial + axis]));
        place[firstSpatial + axis] = position;
      }
      return b.ifElse(
          inside, [&] { return sum + b.load(0, place) * loadFilter(*this, b, *window, filter, k[0], k.drop_front()); },
          [&] { return sum; });
    });
  }));
  return success();
}

} // namespace fsc
