//===- QuantizedConv.cpp - ConvInteger and QLinearConv --------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Quantization.h"
#include "dialects/fsc/ops/Quantize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

namespace {

template <typename Op> FailureOr<Window> convWindow(Op op) {
  ArrayRef<int64_t> filter = op.getW().getType().getShape();
  SmallVector<int64_t> kernel(filter.begin() + std::min<size_t>(2, filter.size()), filter.end());
  if (op.getKernelShape())
    kernel.assign(op.getKernelShape()->begin(), op.getKernelShape()->end());
  if (llvm::any_of(kernel, ShapedType::isDynamic))
    return op.emitOpError("expected a filter of known spatial sizes, or kernel_shape");
  return readWindow(op, kernel, op.getAutoPad(), op.getPads(), op.getStrides(), op.getDilations(), false);
}

/// The shape of the result, after the checks that both ops share.
template <typename Op> FailureOr<Shape> inferConv(Op op, ShapeBuilder &shapes) {
  RankedTensorType xType = op.getX().getType(), wType = op.getW().getType();
  size_t rank = xType.getRank();
  // conv_integer.C1: operands are of 8 bit integers.
  if (!xType.getElementType().isInteger(8) || !wType.getElementType().isInteger(8))
    return op.emitOpError() << "expected operands of 8 bit integers, got " << xType << " and " << wType;
  // conv_integer.C2: x and w have the same rank, at least 3.
  if (rank < 3 || wType.getRank() != int64_t(rank))
    return op.emitOpError() << "expected operands of one rank, at least 3, got " << xType << " and " << wType;
  FailureOr<Window> window = convWindow(op);
  if (failed(window))
    return failure();
  // conv_integer.C3: one kernel size per spatial dim.
  if (window->rank() != rank - 2)
    return op.emitOpError() << "expected kernel_shape of " << rank - 2 << " sizes, got " << window->rank();
  Shape x = shapes.dims(op.getX()), w = shapes.dims(op.getW());
  int64_t group = op.getGroup();
  // conv_integer.C4: channels and filters are divided among the groups.
  if (group < 1 || (w[0].isKnown() && w[0].get() % group != 0) || differ(x[1], w[1] * Dim(group)))
    return op.emitOpError() << "expected channels and filters that group " << group << " divides, got " << xType
                            << " and " << wType;
  Shape y = {x[0], w[0]};
  for (size_t axis = 0; axis < window->rank(); ++axis)
    y.push_back(window->outputSize(axis, x[2 + axis]));
  return y;
}

/// Checks scales and zero points: those in `single` have one element, those in `perFilter` one or one for each filter.
template <typename Op>
LogicalResult verifyParameters(Op op, ShapeBuilder &shapes, ArrayRef<Value> single, ArrayRef<Value> perFilter) {
  Dim filters = shapes.dims(op.getW())[0];
  // conv_integer.C5: the filter's parameters are given for it or for each output channel, the others once.
  auto complain = [&](Value parameter) {
    return op.emitOpError() << "expected one parameter, or for the filter one for each output channel, got "
                            << parameter.getType();
  };
  for (Value parameter : single)
    if (parameter && !isParameterAlong(shapes, parameter, Dim(1)))
      return complain(parameter);
  for (Value parameter : perFilter)
    if (parameter && !isParameterAlong(shapes, parameter, filters))
      return complain(parameter);
  return success();
}

template <typename Op> double countConv(Op op) {
  double taps = 2;
  for (int64_t size : op.getW().getType().getShape().drop_front())
    taps *= ShapedType::isDynamic(size) ? 1 : double(size);
  return taps * detail::countElements(op.getY());
}

/// The positions of the operands; a zero point may be missing.
struct Places {
  unsigned x, w;
  std::optional<unsigned> xZero, wZero;
};

/// The sum of products for result element `at`, as 32 bit integers. Padding counts as the zero point.
class Convolution {
public:
  template <typename Op>
  Convolution(Op op, LinalgBuilder &b, const Window &window, Places places) : b(b), window(window), places(places) {
    x = b.dims(places.x);
    ShapeBuilder shapes(b.b, b.loc);
    sizes.push_back(b.dim(places.w, 1));
    for (size_t axis = 0; axis < window.rank(); ++axis) {
      sizes.push_back(b.index(window.kernel[axis]));
      int64_t known = b.operandType(places.x).getDimSize(2 + axis);
      Dim input = ShapedType::isDynamic(known) ? Dim(shapes, x[2 + axis]) : Dim(known);
      pads.push_back(shapes.materialize(window.padBegin(axis, input)));
    }
    filtersPerGroup = b.floorDiv(b.dim(places.w, 0), b.index(op.getGroup()));
  }

  Scalar sum(ArrayRef<Value> at) {
    Scalar xZero = places.xZero ? loadParameter(b, *places.xZero, b.index(0)) : Scalar();
    Scalar wZero = places.wZero ? loadParameter(b, *places.wZero, at[1]) : Scalar();
    Value firstChannel = b.mul(b.floorDiv(at[1], filtersPerGroup), sizes[0]);
    return b.loops(sizes, b.constant(0, b.b.getI32Type()), [&](ArrayRef<Value> k, Scalar partial) {
      SmallVector<Value> place = {at[0], b.add(firstChannel, k[0])}, filter = {at[1]};
      filter.append(k.begin(), k.end());
      Value inside = arith::ConstantIntOp::create(b.b, b.loc, 1, 1);
      for (size_t axis = 0; axis < window.rank(); ++axis) {
        Value start = b.sub(b.mul(at[2 + axis], b.index(window.strides[axis])), pads[axis]);
        place.push_back(b.add(start, b.mul(k[1 + axis], b.index(window.dilations[axis]))));
        inside = b.both(inside, b.inRange(place.back(), b.index(0), x[2 + axis]));
      }
      return b.ifElse(
          inside,
          [&] {
            return partial + lessZero(b.load(places.x, place), xZero) * lessZero(b.load(places.w, filter), wZero);
          },
          [&] { return partial; });
    });
  }

private:
  LinalgBuilder &b;
  const Window &window;
  Places places;
  SmallVector<Value> x, sizes, pads;
  Value filtersPerGroup;
};

} // namespace

//===----------------------------------------------------------------------===//
// ConvInteger
//===----------------------------------------------------------------------===//

Anchor ConvIntegerOp::getAnchor() { return Anchor::convolution; }
double ConvIntegerOp::countFlops() { return countConv(*this); }
Type ConvIntegerOp::inferElementType(unsigned) { return IntegerType::get(getContext(), 32); }

LogicalResult ConvIntegerOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Shape> y = inferConv(*this, shapes);
  if (failed(y) || failed(verifyParameters(*this, shapes, {getXZeroPoint()}, {getWZeroPoint()})))
    return failure();
  results.push_back(*y);
  return success();
}

LogicalResult ConvIntegerOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<Window> window = convWindow(*this);
  if (failed(window))
    return failure();
  Places places{0, 1, {}, {}};
  unsigned next = 2;
  if (getXZeroPoint())
    places.xZero = next++;
  if (getWZeroPoint())
    places.wZero = next++;
  Convolution convolution(*this, b, *window, places);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) { return convolution.sum(at); }));
  return success();
}

//===----------------------------------------------------------------------===//
// QLinearConv
//===----------------------------------------------------------------------===//

Anchor QLinearConvOp::getAnchor() { return Anchor::convolution; }
double QLinearConvOp::countFlops() { return countConv(*this); }
Type QLinearConvOp::inferElementType(unsigned) { return getYZeroPoint().getType().getElementType(); }

LogicalResult QLinearConvOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Shape> y = inferConv(*this, shapes);
  if (failed(y) || failed(verifyParameters(*this, shapes, {getXScale(), getXZeroPoint(), getYScale(), getYZeroPoint()},
                                           {getWScale(), getWZeroPoint()})))
    return failure();
  // qlinear_conv.C1: the result is of 8 bit integers.
  if (!inferElementType(0).isInteger(8))
    return emitOpError() << "expected a result of 8 bit integers, got " << inferElementType(0);
  // qlinear_conv.C2: one bias of 32 bits per filter.
  if (getB()) {
    Shape bias = shapes.dims(getB());
    if (bias.size() != 1 || !getB().getType().getElementType().isInteger(32) || differ(bias[0], (*y)[1]))
      return emitOpError() << "expected a bias of one 32 bit integer per filter, got " << getB().getType();
  }
  results.push_back(*y);
  return success();
}

LogicalResult QLinearConvOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<Window> window = convWindow(*this);
  if (failed(window))
    return failure();
  Convolution convolution(*this, b, *window, {0, 3, 2u, 5u});
  Type f32 = b.b.getF32Type(), to = b.resultType(0).getElementType();
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value first = b.index(0);
    Scalar sum = convolution.sum(at);
    if (getB())
      sum = sum + b.load(8, at[1]);
    Scalar scale = loadParameter(b, 1, first) * loadParameter(b, 4, at[1]) / loadParameter(b, 6, first);
    return quantize(cast(sum, f32) * scale, loadParameter(b, 7, first), to);
  }));
  return success();
}

} // namespace fsc
